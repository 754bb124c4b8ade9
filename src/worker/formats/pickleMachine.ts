/**
 * Reads a pickle as inert data: the opcodes torch's own weights_only reader takes, nothing imported, nothing called. What a few
 * known names mean is decided by the caller's `build`; every other name ends the reading.
 */
import { UserError } from '../../shared/errors';

/** A name of a Python module, as a mere label. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}
/** Something known but of no use here. */
export class PickleOpaque {
  constructor(readonly name: string) {}
}
export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}
/** What a caller's `build` or `persistent` made; the machine only passes it on. */
export interface PickleProduct {
  readonly product: string;
}
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleGlobal
  | PickleOpaque
  | PickleTuple
  | PickleProduct
  | PickleValue[]
  | Set<PickleValue>
  | Map<PickleValue, PickleValue>;

export interface PickleRules {
  /** File name for messages. */
  readonly fileName: string;
  readonly isAllowed: (name: string) => boolean;
  /** The value of calling `name` with `items`. */
  readonly build: (name: string, items: readonly PickleValue[]) => PickleValue;
  /** The value of a persistent id. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

/** Thrown where the bytes end before the pickle does; a reader of a stream may try again with more. */
export class PickleEnd extends Error {}

const maxStack = 1_000_000;
const maxMemo = 1_000_000;
const maxStringBytes = 1024 * 1024;
const python2Names: ReadonlyMap<string, string> = new Map([['__builtin__', 'builtins']]);

/** Reads one pickle from `start`; answers its value and the position behind it. */
export function readPickle(bytes: Uint8Array, start: number, rules: PickleRules): { value: PickleValue; end: number } {
  const machine = new PickleMachine(bytes, start, rules);
  const value = machine.run();
  return { value, end: machine.position };
}

class PickleMachine {
  private readonly view: DataView;
  private readonly memo = new Map<number, PickleValue>();
  private readonly marks: PickleValue[][] = [];
  private stack: PickleValue[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
    private readonly rules: PickleRules,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    for (;;) {
      const code = this.byte();
      if (code === 0x2e) return this.pop();
      this.step(code);
      if (this.stack.length > maxStack || this.marks.length > maxStack) this.fail('it is nested too deeply');
    }
  }

  /** What each instruction does; the numbers are those of Python's pickletools. */
  private static readonly instructions: ReadonlyMap<number, (machine: PickleMachine) => void> = new Map([
    [0x80, (m) => m.protocol(m.byte())], // PROTO
    [0x28, (m) => m.mark()], // MARK
    [0x74, (m) => m.push(new PickleTuple(m.popMark()))], // TUPLE
    [0x29, (m) => m.push(new PickleTuple([]))], // EMPTY_TUPLE
    [0x85, (m) => m.push(new PickleTuple(m.popMany(1)))], // TUPLE1
    [0x86, (m) => m.push(new PickleTuple(m.popMany(2)))], // TUPLE2
    [0x87, (m) => m.push(new PickleTuple(m.popMany(3)))], // TUPLE3
    [0x5d, (m) => m.push([])], // EMPTY_LIST
    [0x7d, (m) => m.push(new Map())], // EMPTY_DICT
    [0x8f, (m) => m.push(new Set())], // EMPTY_SET
    [0x61, (m) => m.append(m.popMany(1))], // APPEND
    [0x65, (m) => m.append(m.popMark())], // APPENDS
    [0x73, (m) => m.setItems(m.popMany(2))], // SETITEM
    [0x75, (m) => m.setItems(m.popMark())], // SETITEMS
    [0x4e, (m) => m.push(null)], // NONE
    [0x88, (m) => m.push(true)], // NEWTRUE
    [0x89, (m) => m.push(false)], // NEWFALSE
    [0x4a, (m) => m.push(m.view.getInt32(m.take(4), true))], // BININT
    [0x4b, (m) => m.push(m.byte())], // BININT1
    [0x4d, (m) => m.push(m.view.getUint16(m.take(2), true))], // BININT2
    [0x8a, (m) => m.push(m.long(m.byte()))], // LONG1
    [0x47, (m) => m.push(m.view.getFloat64(m.take(8), false))], // BINFLOAT
    [0x58, (m) => m.push(m.text(m.view.getUint32(m.take(4), true), 'utf-8'))], // BINUNICODE
    [0x55, (m) => m.push(m.text(m.byte(), 'latin1'))], // SHORT_BINSTRING
    [0x71, (m) => m.remember(m.byte())], // BINPUT
    [0x72, (m) => m.remember(m.view.getUint32(m.take(4), true))], // LONG_BINPUT
    [0x68, (m) => m.recall(m.byte())], // BINGET
    [0x6a, (m) => m.recall(m.view.getUint32(m.take(4), true))], // LONG_BINGET
    [0x63, (m) => m.global()], // GLOBAL
    [0x52, (m) => m.call()], // REDUCE
    [0x81, (m) => m.call()], // NEWOBJ
    [0x62, (m) => m.dropAttributes()], // BUILD
    [0x51, (m) => m.push(m.rules.persistent(m.pop()))], // BINPERSID
  ] satisfies [number, (machine: PickleMachine) => void][]);

  private step(code: number): void {
    const instruction = PickleMachine.instructions.get(code);
    if (instruction === undefined) this.fail(`the instruction 0x${code.toString(16).padStart(2, '0')} is not among those of torch.save`);
    instruction(this);
  }

  private mark(): void {
    this.marks.push(this.stack);
    this.stack = [];
  }

  /** BUILD: attributes of an object; those of tensors and dictionaries hold nothing we need. */
  private dropAttributes(): void {
    this.pop();
    this.top();
  }

  private protocol(version: number): void {
    if (version !== 2) this.fail(`its pickle protocol is ${version}; torch.save writes 2. Save it again with the default protocol`);
  }

  private global(): void {
    const module = this.line();
    const name = `${python2Names.get(module) ?? module}.${this.line()}`;
    if (!this.rules.isAllowed(name)) {
      throw new UserError(
        `${this.rules.fileName} was not read: it refers to the Python name ${JSON.stringify(name)}, which a file of tensors does not need. Save a dictionary of tensors and numbers only.`,
      );
    }
    this.push(new PickleGlobal(name));
  }

  private call(): void {
    const [callee, argument] = this.popMany(2);
    if (!(callee instanceof PickleGlobal) || !(argument instanceof PickleTuple)) this.fail('it calls something that is no function');
    this.push(this.rules.build(callee.name, argument.items));
  }

  private append(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) this.fail('it adds to something that is no list');
    for (const value of values) list.push(value);
  }

  private setItems(values: readonly PickleValue[]): void {
    const map = this.top();
    if (!(map instanceof Map) || values.length % 2 !== 0) this.fail('it sets an entry of something that is no dictionary');
    for (let index = 0; index < values.length; index += 2) map.set(values[index] ?? null, values[index + 1] ?? null);
  }

  private remember(slot: number): void {
    if (this.memo.size >= maxMemo && !this.memo.has(slot)) this.fail('it remembers too many values');
    this.memo.set(slot, this.top());
  }

  private recall(slot: number): void {
    const value = this.memo.get(slot);
    if (value === undefined) this.fail('it recalls a value it never stored');
    this.push(value);
  }

  /** Little-endian two's complement; a number where it fits. */
  private long(length: number): number | bigint {
    const start = this.take(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index--) value = (value << 8n) | BigInt(this.bytes[start + index] ?? 0);
    if (length > 0) value = BigInt.asIntN(8 * length, value);
    const narrow = Number(value);
    return Number.isSafeInteger(narrow) ? narrow : value;
  }

  private text(length: number, encoding: 'utf-8' | 'latin1'): string {
    if (length > maxStringBytes) this.fail('it has a text longer than 1 MiB');
    const start = this.take(length);
    return new TextDecoder(encoding).decode(this.bytes.subarray(start, start + length));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0 || end - this.position > 1000) {
      if (end < 0 && this.bytes.length - this.position < 1000) throw new PickleEnd();
      return this.fail('it has a name longer than 1000 letters');
    }
    const text = new TextDecoder().decode(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }

  private byte(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  private take(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw new PickleEnd();
    this.position = start + length;
    return start;
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    return value === undefined ? this.fail('it takes a value that is not there') : value;
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length < count) this.fail('it takes a value that is not there');
    return this.stack.splice(this.stack.length - count, count);
  }

  private popMark(): PickleValue[] {
    const values = this.stack;
    const below = this.marks.pop();
    if (below === undefined) return this.fail('it closes a group that was not opened');
    this.stack = below;
    return values;
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    return value === undefined ? this.fail('it uses a value that is not there') : value;
  }

  private fail(reason: string): never {
    throw new UserError(`${this.rules.fileName} is damaged or was not written by torch.save: ${reason}.`);
  }
}
