/** Reads the container that torch.save wrote before version 1.6: five pickles in a row, then the storages one after the other. */
import { UserError } from '../../shared/errors';
import { elementBytes } from './elementTypes';
import { PickleEnd, type PickleValue, readPickle } from './pickleMachine';
import type { RandomAccessFile } from './randomAccessFile';
import { type StorageRef, TensorRecord, torchPickleRules } from './torchTensors';
import type { StorageFinder, TorchContent } from './torchZip';

/** The pickled magic number 0x1950a86a20f9469cfc6c with which these files begin. */
export const legacyMagic = Uint8Array.of(0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e);
const knownProtocol = 1001;
const maxPickleBytes = 64 * 1024 * 1024;

export async function readLegacyContent(file: RandomAccessFile): Promise<TorchContent> {
  const { values, storages, end } = await readPickles(file);
  const [, protocol, system, root = null, keys] = values;
  if (protocol !== knownProtocol || !Array.isArray(keys)) {
    throw new UserError(
      `${file.name} is damaged or of an unknown old version of torch.save. Save it again with a current version of torch.`,
    );
  }
  const littleEndian = !(system instanceof Map) || system.get('little_endian') !== false;
  const found = await locateStorages(file, keys, storages, end);
  const find: StorageFinder = async (storage) => found.get(storage.key) ?? missing(file, storage.key);
  return { root, littleEndian, find };
}

/** The pickles have no index, so they are read from a growing piece of the file's start. */
async function readPickles(file: RandomAccessFile): Promise<{ values: PickleValue[]; storages: Map<string, StorageRef>; end: number }> {
  for (let length = Math.min(1 << 20, file.size); ; length = Math.min(length * 4, file.size, maxPickleBytes)) {
    const bytes = await file.read(0, length);
    const storages = new Map<string, StorageRef>();
    const rules = torchPickleRules(file.name);
    const watching = {
      ...rules,
      build: (name: string, items: readonly PickleValue[]) => {
        const value = rules.build(name, items);
        if (value instanceof TensorRecord) storages.set(value.storage.key, value.storage);
        return value;
      },
    };
    try {
      const values: PickleValue[] = [];
      let end = 0;
      for (let index = 0; index < 5; index++) {
        const pickle = readPickle(bytes, end, watching);
        values.push(pickle.value);
        end = pickle.end;
      }
      return { values, storages, end };
    } catch (error) {
      if (!(error instanceof PickleEnd)) throw error;
      if (length === file.size || length === maxPickleBytes) {
        throw new UserError(`${file.name} ends before its data does; it was cut off while it was written or copied. Get it again.`);
      }
    }
  }
}

/** Each storage is an element count (int64) followed by its elements. */
async function locateStorages(
  file: RandomAccessFile,
  keys: readonly PickleValue[],
  storages: ReadonlyMap<string, StorageRef>,
  start: number,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  let at = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || storage.type === null) {
      throw new UserError(
        `${file.name}: the type of storage ${JSON.stringify(String(key))} is not known, so what follows cannot be found. Save the file again with a current version of torch.`,
      );
    }
    const header = await file.read(at, 8);
    const elements = Number(new DataView(header.buffer, header.byteOffset, 8).getBigInt64(0, true));
    const bytes = elements * elementBytes(storage.type);
    if (elements < storage.elements || at + 8 + bytes > file.size) {
      throw new UserError(`${file.name} ends before its data does; it was cut off while it was written or copied. Get it again.`);
    }
    found.set(storage.key, at + 8);
    at += 8 + bytes;
  }
  return found;
}

function missing(file: RandomAccessFile, key: string): never {
  throw new UserError(`${file.name} is damaged: storage ${key} is missing. Get it again.`);
}
