/** A scan's geometry as two drawings in mm, from above and from the side: orbit, detector, beam and volume. How they look is left to whoever draws them. */

/** What of a scan is drawn; vectors as in shared/geometry, of some of its views. */
export interface DrawnScan {
  readonly type: string;
  readonly detectorRows: number;
  readonly detectorColumns: number;
  readonly sampledVectors: readonly number[];
  readonly volumeShape: readonly [depth: number, height: number, width: number];
  readonly voxelSizeMm: readonly [z: number, y: number, x: number];
  readonly volumeCentreMm: readonly [x: number, y: number, z: number];
}

type Point = readonly [x: number, y: number];
type Vector = readonly [x: number, y: number, z: number];

export interface SchematicShape {
  /** orbit: the sources' way. detectors: the way of the detectors' centres. detector, beam, source: of the first view. axis: of rotation. */
  readonly kind: 'orbit' | 'detectors' | 'beam' | 'volume' | 'detector' | 'source' | 'axis';
  readonly points: readonly Point[];
  readonly closed: boolean;
}

/** Points in mm, the second coordinate upwards. */
export interface Schematic {
  readonly name: 'From above' | 'From the side';
  /** Of the two coordinates, for labels. */
  readonly axes: readonly [across: string, up: string];
  readonly shapes: readonly SchematicShape[];
  readonly bounds: { readonly left: number; readonly right: number; readonly bottom: number; readonly top: number };
}

interface View {
  /** null for parallel beams. */
  readonly source: Vector | null;
  readonly ray: Vector;
  readonly centre: Vector;
  readonly u: Vector;
  readonly v: Vector;
}

/** From above: x to the right, y up. From the side: along the first view's central ray to the right, z up. */
export function scanSchematics(scan: DrawnScan): readonly [above: Schematic, side: Schematic] {
  const views = readViews(scan);
  const first = views[0];
  if (first === undefined) throw new Error('A scan without views cannot be drawn.');
  const flat = Math.hypot(first.ray[0], first.ray[1]) || 1;
  const along: Point = [first.ray[0] / flat, first.ray[1] / flat];
  const above = (point: Vector): Point => [point[0], point[1]];
  const side = (point: Vector): Point => [point[0] * along[0] + point[1] * along[1], point[2]];
  const columns = detectorEnds(first.centre, first.u, scan.detectorColumns);
  const rows = detectorEnds(first.centre, first.v, scan.detectorRows);
  return [
    drawing('From above', ['x', 'y'], scan, views, above, columns, false),
    drawing('From the side', ['along the beam', 'z'], scan, views, side, rows, true),
  ];
}

function drawing(
  name: Schematic['name'],
  axes: Schematic['axes'],
  scan: DrawnScan,
  views: readonly View[],
  project: (point: Vector) => Point,
  detector: readonly [Vector, Vector],
  isSide: boolean,
): Schematic {
  const first = views[0] as View;
  const ends = detector.map(project) as [Point, Point];
  const volume = hull(volumeCorners(scan).map(project));
  const sources = views.flatMap(({ source }) => (source === null ? [] : [project(source)]));
  const shapes: SchematicShape[] = [
    { kind: 'detectors', points: views.map(({ centre }) => project(centre)), closed: false },
    { kind: 'orbit', points: sources, closed: false },
    { kind: 'beam', points: beamOutline(first, ends, project), closed: true },
    { kind: 'volume', points: volume, closed: true },
    { kind: 'detector', points: ends, closed: false },
  ];
  if (sources[0] !== undefined) shapes.push({ kind: 'source', points: [sources[0]], closed: false });
  const bounds = boundsOf(shapes.flatMap(({ points }) => points));
  shapes.push({
    kind: 'axis',
    points: isSide
      ? [
          [0, bounds.bottom],
          [0, bounds.top],
        ]
      : [[0, 0]],
    closed: false,
  });
  return { name, axes, shapes: shapes.filter(({ points }) => points.length > 0), bounds };
}

function readViews({ sampledVectors, type }: DrawnScan): View[] {
  return Array.from({ length: Math.floor(sampledVectors.length / 12) }, (_, view) => {
    const at = (start: number): Vector => [
      sampledVectors[view * 12 + start] ?? 0,
      sampledVectors[view * 12 + start + 1] ?? 0,
      sampledVectors[view * 12 + start + 2] ?? 0,
    ];
    const [origin, centre, u, v] = [at(0), at(3), at(6), at(9)];
    const ray: Vector = type === 'conebeam' ? [centre[0] - origin[0], centre[1] - origin[1], centre[2] - origin[2]] : origin;
    return { source: type === 'conebeam' ? origin : null, ray, centre, u, v };
  });
}

function detectorEnds(centre: Vector, step: Vector, count: number): [Vector, Vector] {
  const end = (sign: number): Vector => [
    centre[0] + (sign * count * step[0]) / 2,
    centre[1] + (sign * count * step[1]) / 2,
    centre[2] + (sign * count * step[2]) / 2,
  ];
  return [end(-1), end(1)];
}

/** From the source to the detector's ends; for parallel beams the strip that arrives there, from as far before the origin as the detector is behind it. */
function beamOutline({ source, ray, centre }: View, [low, high]: readonly [Point, Point], project: (point: Vector) => Point): Point[] {
  if (source !== null) return [project(source), low, high];
  const reach = (2 * Math.hypot(...centre)) / (Math.hypot(...ray) || 1);
  const back = project([-ray[0] * reach, -ray[1] * reach, -ray[2] * reach]);
  return [low, high, [high[0] + back[0], high[1] + back[1]], [low[0] + back[0], low[1] + back[1]]];
}

function volumeCorners({ volumeShape, voxelSizeMm, volumeCentreMm: [cx, cy, cz] }: DrawnScan): Vector[] {
  const [z, y, x] = volumeShape.map((size, axis) => (size * (voxelSizeMm[axis] ?? 0)) / 2) as [number, number, number];
  const signs = [-1, 1];
  return signs.flatMap((a) => signs.flatMap((b) => signs.map((c): Vector => [cx + a * x, cy + b * y, cz + c * z])));
}

/** The rectangle around points whose sides are parallel to the axes in both drawings or seen at an angle: its corners in order. */
function hull(points: readonly Point[]): Point[] {
  const { left, right, bottom, top } = boundsOf(points);
  return [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ];
}

function boundsOf(points: readonly Point[]): Schematic['bounds'] {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) };
}

/** The longest of 1, 2, 5, 10 ... mm that is no longer than `widthMm`, for a scale bar. */
export function scaleBarMm(widthMm: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(widthMm, 1e-12)));
  return ([5, 2, 1].find((step) => step * power <= widthMm) ?? 1) * power;
}
