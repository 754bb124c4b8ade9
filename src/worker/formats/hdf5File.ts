/** Opens HDF5 files in place through the HDF5 library compiled to WebAssembly; reads parts of arrays as numbers. Which paths matter is hdf5Scan's. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
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
      return found instanceof library.Dataset ? new LibraryArray(name, at, found) : null;
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

  constructor(
    private readonly file: string,
    readonly path: string,
    private readonly dataset: InstanceType<Library['Dataset']>,
  ) {
    const description = damaged(file, path);
    this.shape = guarded(description, () => dataset.shape ?? []);
    this.dtype = guarded(description, () => (typeof dataset.dtype === 'string' ? dataset.dtype : 'compound'));
    this.units = guarded(description, () => textOf(dataset.attrs.units?.value ?? null));
  }

  single(): number | null {
    if (this.shape.some((size) => size !== 1)) return null;
    const value = guarded(damaged(this.file, this.path), () => this.dataset.value);
    const first = ArrayBuffer.isView(value) ? value[0] : value;
    return typeof first === 'number' || typeof first === 'bigint' ? Number(first) : null;
  }

  read(first: number, count: number, target: NumberArray): void {
    const rest = this.shape.slice(1).map((): [] => []);
    this.copy([[first, first + count], ...rest], target);
  }

  readPlane(axis: 0 | 1 | 2, index: number, target: NumberArray): void {
    this.copy(
      this.shape.map((_, at): [] | [number, number] => (at === axis ? [index, index + 1] : [])),
      target,
    );
  }

  private copy(ranges: ([] | [number, number])[], target: NumberArray): void {
    if (target.length * 8 > maxPartBytes) throw new RangeError(`a part of ${target.length} numbers is too long to read at once`);
    const values = guarded(damaged(this.file, this.path), () => this.dataset.slice(ranges));
    if (!ArrayBuffer.isView(values) || values.length !== target.length) {
      throw new UserError(`${this.file}: ${this.path} holds ${this.dtype}, not numbers, or less than it says. Save it as float32.`);
    }
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      for (let index = 0; index < values.length; index++) target[index] = Number(values[index]);
    } else target.set(values as ArrayLike<number>);
  }
}

function textOf(value: unknown): string | null {
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof single === 'string' ? single : null;
}

function damaged(file: string, path: string): string {
  return `${file}: ${path} cannot be read: it is damaged, or packed by a filter that is not there. Get the file again, or save it without compression or with gzip.`;
}

/** The library's own errors as one sentence for people; its words go to the details. */
function guarded<T>(sentence: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UserError(sentence, 'bad_input', error instanceof Error ? error.message : String(error));
  }
}
