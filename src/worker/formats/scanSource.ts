/** What a reader of one scan format hands to scanData: geometry, shapes and reading by view, slice and plane. */
import type { GeometryType, ScanGeometry, VolumeShape } from '../../shared/geometry';

export interface ScanProblem {
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
}

export type ScanArray = 'reference' | 'sinogram';

/** What a reader of one format finds; scanData adds identity and checks. */
export interface ScanSource {
  /** In words, for people. */
  readonly kind: string;
  readonly geometry: ScanGeometry;
  /** What the format fixes; null where the experiment's geometry_type decides how the vectors are read. */
  readonly fixedType: GeometryType | null;
  /** (views, rows, columns) */
  readonly sinogramShape: readonly [views: number, rows: number, columns: number];
  readonly referenceShape: VolumeShape | null;
  readonly arrays: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  readonly problems: readonly ScanProblem[];
  readonly bytes: number;
  /** target (rows, columns) = line integrals of one view. */
  readSinogramView(view: number, target: Float32Array): Promise<void>;
  /** target (count, H, W) = slices firstSlice.. of the reference, 1/mm. */
  readReferenceSlices(firstSlice: number, count: number, target: Float32Array): Promise<void>;
  /** One plane of an array, row-major: axis 0, 1 or 2 of its shape, the other two in their order. */
  readPlane(array: ScanArray, axis: 0 | 1 | 2, index: number, target: Float32Array): Promise<void>;
  close(): Promise<void>;
}
