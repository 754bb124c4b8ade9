/** The scan geometry as every process knows it: plain numbers in mm, in ASTRA's vector convention (design reference). */

/** (D,H,W) = (z,y,x) in voxels. */
export type VolumeShape = readonly [depth: number, height: number, width: number];

/** conebeam: ASTRA cone_vec rows, the first three numbers are the source position. parallel3d: they are the ray direction. */
export type GeometryType = 'conebeam' | 'parallel3d';

/**
 * `vectors` has 12 numbers a view, in mm: (sx sy sz) source or ray direction, (dx dy dz) detector centre,
 * (ux uy uz) step to the next column, (vx vy vz) step to the next row. Pixel (r,c) of R x C is at
 * d + (c-(C-1)/2) u + (r-(R-1)/2) v. Voxel (k,j,i) of (D,H,W) is centred at
 * centre + ((i-(W-1)/2) dx, (j-(H-1)/2) dy, (k-(D-1)/2) dz).
 */
export interface ScanGeometry {
  readonly type: GeometryType;
  readonly volumeShape: VolumeShape;
  /** Edge lengths (z,y,x) in mm, in the order of volumeShape. */
  readonly voxelSizeMm: readonly [z: number, y: number, x: number];
  /** Centre of the volume (x,y,z) in mm; the origin in the experiment. */
  readonly volumeCentreMm: readonly [x: number, y: number, z: number];
  readonly detectorRows: number;
  readonly detectorColumns: number;
  /** views x 12, row by row. */
  readonly vectors: Float64Array;
}

/** Number of views of a geometry. */
export function viewCount(geometry: ScanGeometry): number {
  return geometry.vectors.length / 12;
}

/** The same geometry with only the views `indices` (in that order). */
export function selectViews(geometry: ScanGeometry, indices: readonly number[]): ScanGeometry {
  const vectors = new Float64Array(indices.length * 12);
  indices.forEach((view, position) => {
    vectors.set(geometry.vectors.subarray(view * 12, view * 12 + 12), position * 12);
  });
  return { ...geometry, vectors };
}
