/** Opens HDF5 files in place through the HDF5 library compiled to WebAssembly; reads parts of arrays as numbers. Which paths matter is hdf5Scan's. */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../../shared/errors';
import type { NumberArray } from './elementTypes';

type Library = typeof import('h5wasm/node');
type LibraryGroup = InstanceType<Library['Group']>;

export interface Hdf5Array {
  readonly path: string;
  readonly shape: readonly number[];
  /** As the library names it: `<f` little-endian float32, `<H` uint16 ... */
  readonly dtype: string;
  readonly units: string | null;
  /** The value of an array of one number, with or without axes; null for others. */
  single(): number | null;
  /** Throws UserError where the values are packed by a filter that is not there, or lie in files that are not there. */
  checkReadable(): void;
  /** target = entries first..first+count of axis 0, all of the other axes. */
  read(first: number, count: number, target: NumberArray): void;
  /** One plane of a three-axis array. */
  readPlane(axis: 0 | 1 | 2, index: number, target: NumberArray): void;
}

export interface Hdf5File {
  readonly name: string;
  readonly bytes: number;
  /** null where the path is no array. */
  array(path: string): Hdf5Array | null;
  text(path: string): string | null;
  /** Names in a group; empty where the path is no group. */
  children(path: string): string[];
  attribute(path: string, name: string): string | null;
  close(): void;
}

/** More than any real file nests its scans; external links could go on for ever. */
const maxNameLength = 1000;
/** The library copies every result twice inside 2 GiB of memory. */
const maxPartBytes = 512 * 1024 * 1024;

/** Frames that are packed together are kept unpacked up to this size, so that reading them one by one does not unpack them again each time. */
const maxHeldBytes = 256 * 1024 * 1024;
/** HDF5's numbers of the filters that the library and its plugins know. */
const filterNames: Readonly<Record<number, string>> = {
  1: 'gzip',
  2: 'shuffle',
  3: 'fletcher32',
  4: 'szip',
  5: 'nbit',
  6: 'scale-offset',
  307: 'bzip2',
  32000: 'LZF',
  32001: 'Blosc',
  32004: 'LZ4',
  32008: 'bitshuffle',
  32013: 'ZFP',
  32015: 'Zstandard',
  32026: 'Blosc2',
};

let loading: Promise<Library> | null = null;

/** The library asks for `navigator` to find out where it runs, and takes Electron and new Node versions, which have one, for a browser. */
async function loadLibrary(): Promise<Library> {
  const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  if (navigator?.configurable === true) Reflect.deleteProperty(globalThis, 'navigator');
  try {
    const library = await import('h5wasm/node');
    const module = await library.ready;
    // Errors become exceptions instead of pages on stderr.
    module.activate_throwing_error_handler();
    module.insert_plugin_search_path(join(dirname(createRequire(import.meta.url).resolve('h5wasm-plugins')), 'plugins'), 0);
    return library;
  } finally {
    if (navigator?.configurable === true) Object.defineProperty(globalThis, 'navigator', navigator);
  }
}

/** Throws UserError for a file that is damaged or no HDF5. */
export async function openHdf5(path: string): Promise<Hdf5File> {
  const bytes = statSync(path).size;
  loading ??= loadLibrary();
  const library = await loading;
  const name = basename(path);
  const root = guarded(`${name} is no HDF5 file, or it is damaged or cut off. Get it again.`, () => new library.File(path, 'r'));
  const get = (at: string) => {
    try {
      return at.length > maxNameLength ? null : root.get(at);
    } catch {
      // The library throws for paths through something that is no group: there is nothing at such a path.
      return null;
    }
  };
  return {
    name,
    bytes,
    array: (at) => {
      const found = get(at);
      return found instanceof library.Dataset ? new LibraryArray(name, dirname(path), at, found) : null;
    },
    text: (at) => {
      const found = get(at);
      return found instanceof library.Dataset ? textOf(guarded(damaged(name, at), () => found.value)) : null;
    },
    children: (at) => {
      const found = at === '/' ? root : get(at);
      return found instanceof library.Group ? guarded(damaged(name, at), () => (found as LibraryGroup).keys()) : [];
    },
    attribute: (at, attribute) => {
      const found = get(at);
      if (!(found instanceof library.Dataset || found instanceof library.Group)) return null;
      return guarded(damaged(name, at), () => textOf(found.attrs[attribute]?.value ?? null));
    },
    close: () => {
      root.close();
    },
  };
}

class LibraryArray implements Hdf5Array {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly units: string | null;
  /** Entries of axis 0 that are packed together. */
  private readonly chunkDepth: number;
  private held: { readonly first: number; readonly values: ArrayLike<number | bigint> } | null = null;

  constructor(
    private readonly file: string,
    private readonly folder: string,
    readonly path: string,
    private readonly dataset: InstanceType<Library['Dataset']>,
  ) {
    const description = damaged(file, path);
    this.shape = guarded(description, () => dataset.shape ?? []);
    this.dtype = guarded(description, () => (typeof dataset.dtype === 'string' ? dataset.dtype : 'compound'));
    this.units = guarded(description, () => textOf(dataset.attrs.units?.value ?? null));
    this.chunkDepth = guarded(description, () => dataset.metadata.chunks?.[0] ?? 1);
  }

  checkReadable(): void {
    const description = damaged(this.file, this.path);
    const unknown = guarded(description, () => this.dataset.filters).find(({ id }) => filterNames[id] === undefined);
    if (unknown !== undefined) {
      throw new UserError(
        `${this.file}: ${this.path} is packed by HDF5 filter ${unknown.id}, which is not read. Save it again with gzip, for example by h5repack -f GZIP=1.`,
        'unsupported',
      );
    }
    const sources = guarded(description, () => this.dataset.metadata.virtual_sources ?? []);
    const missing = sources.find(({ file_name: name }) => name !== '.' && !existsSync(resolve(this.folder, name)));
    if (missing !== undefined) {
      throw new UserError(
        `${this.file}: ${this.path} is put together from other files, and ${missing.file_name} is missing. Put it where it was written.`,
        'not_found',
      );
    }
  }

  single(): number | null {
    if (this.shape.some((size) => size !== 1)) return null;
    const value = guarded(damaged(this.file, this.path), () => this.dataset.value);
    const first = ArrayBuffer.isView(value) ? value[0] : value;
    return typeof first === 'number' || typeof first === 'bigint' ? Number(first) : null;
  }

  read(first: number, count: number, target: NumberArray): void {
    const length = count === 0 ? 0 : target.length / count;
    const depth = Math.min(this.chunkDepth, Math.floor(maxHeldBytes / Math.max(8 * length, 1)));
    if (count >= depth) {
      this.copy(this.entries(first, count), target);
      return;
    }
    for (let entry = first; entry < first + count; entry++) {
      const begin = entry - (entry % depth);
      if (this.held?.first !== begin) {
        const kept = Math.min(depth, (this.shape[0] ?? 0) - begin);
        this.held = { first: begin, values: this.values(this.entries(begin, kept), kept * length) };
      }
      const [from, to] = [(entry - begin) * length, (entry - first) * length];
      for (let index = 0; index < length; index++) target[to + index] = Number(this.held.values[from + index]);
    }
  }

  private entries(first: number, count: number): ([] | [number, number])[] {
    return [[first, first + count], ...this.shape.slice(1).map((): [] => [])];
  }

  readPlane(axis: 0 | 1 | 2, index: number, target: NumberArray): void {
    this.copy(
      this.shape.map((_, at): [] | [number, number] => (at === axis ? [index, index + 1] : [])),
      target,
    );
  }

  private copy(ranges: ([] | [number, number])[], target: NumberArray): void {
    const values = this.values(ranges, target.length);
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      for (let index = 0; index < values.length; index++) target[index] = Number(values[index]);
    } else target.set(values as ArrayLike<number>);
  }

  private values(ranges: ([] | [number, number])[], length: number): ArrayLike<number | bigint> {
    if (length * 8 > maxPartBytes) throw new RangeError(`a part of ${length} numbers is too long to read at once`);
    const values = guarded(damaged(this.file, this.path), () => this.dataset.slice(ranges));
    if (!ArrayBuffer.isView(values) || values instanceof DataView || values.length !== length) {
      throw new UserError(`${this.file}: ${this.path} holds ${this.dtype}, not numbers, or less than it says. Save it as float32.`);
    }
    return values as ArrayLike<number | bigint>;
  }
}

function textOf(value: unknown): string | null {
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof single === 'string' ? single : null;
}

function damaged(file: string, path: string): string {
  return `${file}: ${path} cannot be read: it is damaged, or packed by a filter that is not there. Get the file again, or save it with gzip.`;
}

/** The library's own errors as one sentence for people; its words go to the details. */
function guarded<T>(sentence: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UserError(sentence, 'bad_input', error instanceof Error ? error.message : String(error));
  }
}
