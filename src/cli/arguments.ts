/** Reads a verb's arguments strictly: unknown, repeated and malformed options are refused with a sentence. What they mean is left to the verbs. */
import { parseArgs } from 'node:util';
import { suggestion } from '../engine/plan/nearestName';
import { allowedCorrections } from '../shared/corrections';
import { UserError } from '../shared/errors';

export interface OptionSpec {
  /** What stands for the value in the help; null: the option is a switch. */
  readonly value: string | null;
  readonly help: string;
  readonly repeatable?: boolean;
}

export interface ArgumentSpec {
  readonly verb: string;
  /** What stands for the positional arguments in messages, and how many there may be. */
  readonly positional: { readonly name: string; readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
}

/** Options that many verbs share. */
export const commonOptions = {
  json: { value: null, help: 'one JSON document on stdout' },
  data: { value: 'FILE', help: 'scan: a .pt file, a raw walnut folder or a TIFF stack with vectors; default: the bundled sample' },
  workspace: { value: 'FOLDER', help: 'where runs are recorded; default: TOMOBENCH_WORKSPACE or TomoBench in the home folder' },
  devices: { value: 'LIST', help: 'cpu, cpu:2 (two CPU workers), cuda:0,cuda:1 or auto (default)' },
  'voxel-size': { value: 'MM', help: "voxel size in mm; wins over the configuration's and the file's" },
  correct: { value: 'LIST', help: `corrections of the scan: ${allowedCorrections}` },
  'memory-limit': {
    value: 'MIB',
    help: 'memory of each worker; what needs more ends as out_of_memory; default: the limit of the control group, if any',
  },
  model: { value: 'FILE', help: 'denoising network (.onnx); default: what the configuration names' },
  views: { value: 'N', help: 'use N views spread evenly over all' },
  out: { value: 'FILE', help: 'file to write' },
  outVolume: { value: 'FILE', help: 'file to write: .npy, .tif, .mhd, .nrrd, .nii, or a folder of TIFF slices (FOLDER/)' },
} as const satisfies Record<string, OptionSpec>;

export function parseArguments(spec: ArgumentSpec, argv: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(spec.options).map(([name, { value }]) => [name, { type: value === null ? 'boolean' : 'string' }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positional: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      positional.push(token.value);
      continue;
    }
    const option = Object.hasOwn(spec.options, token.name) ? spec.options[token.name] : undefined;
    if (!option || !token.rawName.startsWith('--')) {
      throw new UserError(`"${spec.verb}" has no option ${token.rawName}.${suggestion(token.name, Object.keys(spec.options))}`);
    }
    if (option.value === null && token.value !== undefined) throw new UserError(`--${token.name} takes no value.`);
    if (option.value !== null && (token.value === undefined || token.value === '' || isOption(token.value, spec, token.inlineValue))) {
      throw new UserError(`--${token.name} needs a value: --${token.name} ${option.value}.`);
    }
    const given = values.get(token.name) ?? [];
    if (given.length > 0 && !option.repeatable && option.value !== null) throw new UserError(`--${token.name} is given twice.`);
    values.set(token.name, [...given, token.value ?? '']);
  }
  const { name, least, most } = spec.positional;
  if (positional.length < least) throw new UserError(`"${spec.verb}" needs ${name}. See "tomobench help ${spec.verb}".`);
  if (positional.length > most) {
    const extra = positional[most] ?? '';
    throw new UserError(`"${spec.verb}" does not know what to do with "${extra}". See "tomobench help ${spec.verb}".`);
  }
  return new Arguments(positional, values);
}

/** `--data --json` forgot the file; `--data=--json` means a file of that name. */
function isOption(value: string, spec: ArgumentSpec, inline: boolean | undefined): boolean {
  return inline !== true && value.startsWith('--') && Object.hasOwn(spec.options, value.slice(2));
}

/** The arguments of one call, typed when they are asked for. */
export class Arguments {
  constructor(
    readonly positional: readonly string[],
    private readonly values: ReadonlyMap<string, readonly string[]>,
  ) {}

  flag(name: string): boolean {
    return this.values.has(name);
  }

  text(name: string): string | null {
    return this.values.get(name)?.[0] ?? null;
  }

  required(name: string, meaning: string): string {
    const value = this.text(name);
    if (value === null) throw new UserError(`--${name} is missing: ${meaning}.`);
    return value;
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** null where the option is not given. */
  wholeNumber(name: string, least: number): number | null {
    const text = this.text(name);
    return text === null ? null : readWholeNumber(`--${name}`, text, least);
  }

  positiveNumber(name: string): number | null {
    const value = this.number(name);
    if (value !== null && value <= 0) throw new UserError(`--${name} is ${this.text(name)}; it must be a number greater than 0.`);
    return value;
  }

  number(name: string): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw new UserError(`--${name} is "${text}"; it must be a number.`);
    return value;
  }

  /** One whole number for all axes, or three as depth,height,width. */
  perAxis(name: string, least: number): readonly [number, number, number] | null {
    const text = this.text(name);
    if (text === null) return null;
    const parts = text.replaceAll(/[[\]\s]/g, '').split(',');
    if (parts.length !== 1 && parts.length !== 3) {
      throw new UserError(`--${name} is "${text}"; it must be one whole number, or three as depth,height,width.`);
    }
    const [depth, height, width] = parts.map((part) => readWholeNumber(`--${name}`, part, least));
    return [depth ?? 0, height ?? depth ?? 0, width ?? depth ?? 0];
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T | null {
    const text = this.text(name);
    if (text === null) return null;
    const found = allowed.find((candidate) => candidate === text);
    if (found === undefined) throw new UserError(`--${name} is "${text}"; it must be one of ${allowed.join(', ')}.`);
    return found;
  }
}

function readWholeNumber(what: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UserError(`${what} is "${text}"; it must be a whole number from ${least}.`);
  }
  return value;
}

/** `0,2,5-7` as positions in ascending order, each once; each must be below `count`. */
export function parseRowList(text: string, count: number): number[] {
  const chosen = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part);
    if (!match) throw new UserError(`--rows is "${text}"; it must be row numbers such as 0,2 or 0-3.`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    if (last < first) throw new UserError(`--rows has "${part.trim()}", which ends before it begins.`);
    if (last >= count) {
      throw new UserError(
        `--rows has row ${last}, but the grid has ${count} ${count === 1 ? 'row' : 'rows'}: 0${count === 1 ? '' : ` to ${count - 1}`}.`,
      );
    }
    for (let row = first; row <= last; row++) chosen.add(row);
  }
  return [...chosen].sort((a, b) => a - b);
}
