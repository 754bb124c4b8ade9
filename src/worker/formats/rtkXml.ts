/** Reads and writes RTK's geometry files (RTKThreeDCircularGeometry, versions 2 and 3). The geometry itself is rtkFrame's; RTK keeps pixel sizes elsewhere. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parser as createParser } from 'sax';
import { UserError } from '../../shared/errors';
import type { ScanGeometry } from '../../shared/geometry';
import { viewVectors } from '../../shared/vectors';
import { summariseGeometry } from './geometrySummary';
import { frameOfMatrix, frameOfView, matrixOfView, type RtkFrame, type RtkObstacle, type RtkView, viewOfVectors } from './rtkFrame';

const largestFileBytes = 64 * 1024 * 1024;
const mostViews = 100_000;
const deepest = 8;

/** RTK's tags of a view, and where they stand in ours. A value holds until it is given again; what is never given is 0. */
const tags = {
  SourceToIsocenterDistance: (view: RtkView) => view.sourceToIsocenterMm,
  SourceToDetectorDistance: (view: RtkView) => view.sourceToDetectorMm,
  GantryAngle: (view: RtkView) => view.gantryDegrees,
  OutOfPlaneAngle: (view: RtkView) => view.outOfPlaneDegrees,
  InPlaneAngle: (view: RtkView) => view.inPlaneDegrees,
  SourceOffsetX: (view: RtkView) => view.sourceOffsetMm[0],
  SourceOffsetY: (view: RtkView) => view.sourceOffsetMm[1],
  ProjectionOffsetX: (view: RtkView) => view.projectionOffsetMm[0],
  ProjectionOffsetY: (view: RtkView) => view.projectionOffsetMm[1],
} as const;
type Tag = keyof typeof tags;
type Values = Partial<Record<Tag, number>>;

const tagNames = Object.keys(tags) as Tag[];
/** RTK's older name. */
const aliases: Readonly<Record<string, Tag>> = { Angle: 'GantryAngle' };
/** They limit what a view sees, which has no meaning for line integrals outside. */
const passedOver = ['CollimationUInf', 'CollimationUSup', 'CollimationVInf', 'CollimationVSup'];

/** The views of a geometry file, in our coordinates. Throws UserError naming file and line for anything RTK itself would not take. */
export async function readRtkXml(path: string): Promise<RtkFrame[]> {
  const name = basename(path);
  if ((await stat(path)).size > largestFileBytes) throw new UserError(`${name} is longer than 64 MiB, so it is no RTK geometry.`);
  return parseRtkXml(await readFile(path, 'utf8'), name);
}

export function parseRtkXml(text: string, name: string): RtkFrame[] {
  const reading = new Reading(name);
  const sax = createParser(true);
  const fail = (why: string): never => {
    throw new UserError(`${name}, line ${sax.line + 1}: ${why}`);
  };
  sax.ondoctype = (doctype) => {
    // RTK's own declaration is one word; entities could make a small file endless.
    if (doctype.includes('[')) fail('it declares entities, which a geometry needs not. Write it again with RTK.');
  };
  sax.onerror = (error) => fail(`it is no XML: ${error.message.split('\n')[0]}. Write it again with RTK.`);
  sax.onopentag = (tag) => reading.open(tag.name, String(tag.attributes.version ?? ''), fail);
  sax.ontext = (words) => reading.text(words, fail);
  sax.onclosetag = (tag) => reading.close(tag, fail);
  sax.write(text).close();
  return reading.result();
}

type Fail = (why: string) => never;

class Reading {
  private readonly path: string[] = [];
  private readonly values: Values = {};
  private matrix: number[] | null = null;
  private words = '';
  private readonly frames: RtkFrame[] = [];

  constructor(private readonly name: string) {}

  open(tag: string, version: string, fail: Fail): void {
    if (this.path.length === 0) {
      if (tag !== 'RTKThreeDCircularGeometry') fail(`it begins with <${tag.slice(0, 40)}>, so it is no RTK geometry.`);
      if (version !== '2' && version !== '3')
        fail(`its version is "${version.slice(0, 20)}"; versions 2 and 3 are read. Write it again with a newer RTK.`);
    }
    this.path.push(tag);
    if (this.path.length > deepest) fail(`it is nested deeper than ${deepest} levels, which no RTK geometry is.`);
    this.words = '';
  }

  text(words: string, fail: Fail): void {
    this.words += words;
    if (this.words.length > 10_000) fail('a value is longer than 10,000 characters.');
  }

  close(tag: string, fail: Fail): void {
    this.path.pop();
    const name = Object.hasOwn(aliases, tag) ? aliases[tag] : tagNames.find((known) => known === tag);
    if (name !== undefined) this.values[name] = this.number(tag, this.words, fail);
    else if (tag === 'RadiusCylindricalDetector') {
      if (this.number(tag, this.words, fail) !== 0) fail('its detector is curved (RadiusCylindricalDetector); flat detectors are read.');
    } else if (tag === 'Matrix') {
      this.matrix = this.words
        .split(/\s+/)
        .filter((word) => word !== '')
        .map((word) => this.number(tag, word, fail));
      if (this.matrix.length !== 12) fail(`<Matrix> has ${this.matrix.length} numbers; it needs 12.`);
    } else if (tag === 'Projection') this.endView(fail);
    else if (this.path.length > 0 && !passedOver.includes(tag)) fail(`<${tag.slice(0, 40)}> is no part of an RTK geometry.`);
    this.words = '';
  }

  result(): RtkFrame[] {
    if (this.frames.length === 0) throw new UserError(`${this.name} has no <Projection>, so it describes no view.`);
    if (this.frames.some(({ isParallel }) => isParallel !== this.frames[0]?.isParallel))
      throw new UserError(`${this.name} mixes parallel rays (SourceToDetectorDistance 0) with rays from a source; a scan has one kind.`);
    return this.frames;
  }

  private endView(fail: Fail): void {
    if (this.frames.length >= mostViews) fail(`it has more than ${mostViews} views.`);
    const { matrix } = this;
    this.matrix = null;
    if (this.values.SourceToDetectorDistance === undefined && matrix !== null) {
      this.frames.push(frameOfMatrix(matrix) ?? fail(`view ${this.frames.length}: <Matrix> is no projection from a source point.`));
      return;
    }
    const value = (tag: Tag): number => this.values[tag] ?? 0;
    const view: RtkView = {
      sourceToIsocenterMm: value('SourceToIsocenterDistance'),
      sourceToDetectorMm: value('SourceToDetectorDistance'),
      gantryDegrees: value('GantryAngle'),
      outOfPlaneDegrees: value('OutOfPlaneAngle'),
      inPlaneDegrees: value('InPlaneAngle'),
      sourceOffsetMm: [value('SourceOffsetX'), value('SourceOffsetY')],
      projectionOffsetMm: [value('ProjectionOffsetX'), value('ProjectionOffsetY')],
    };
    if (view.sourceToDetectorMm < 0) fail(`view ${this.frames.length}: SourceToDetectorDistance is negative.`);
    if (matrix !== null) this.compare(matrix, matrixOfView(view), fail);
    this.frames.push(frameOfView(view));
  }

  /** RTK refuses a file whose matrix and parameters disagree by more than 1e-3; here relative to the row, because rows differ in size. */
  private compare(given: readonly number[], expected: readonly number[], fail: Fail): void {
    for (let row = 0; row < 3; row++) {
      const own = expected.slice(row * 4, row * 4 + 4);
      const most = 1e-3 * Math.max(1, ...own.map(Math.abs));
      const apart = own.some((value, index) => !(Math.abs(value - (given[row * 4 + index] ?? Number.NaN)) <= most));
      if (apart) fail(`view ${this.frames.length}: <Matrix> and the parameters describe different geometries. Write it again with RTK.`);
    }
  }

  private number(tag: string, words: string, fail: Fail): number {
    const value = Number(words.trim() === '' ? Number.NaN : words);
    return Number.isFinite(value) ? value : fail(`<${tag}> is ${JSON.stringify(words.trim().slice(0, 40))}, which is no finite number.`);
  }
}

const obstacles: Readonly<Record<RtkObstacle, string>> = {
  mirrored: 'the detector is seen from behind (columns or rows run the other way)',
  'slanted rays': 'the rays do not meet the detector at a right angle',
};

/** More would be another geometry, not the same one in RTK's words. */
const largestShiftPixels = 0.5;

/**
 * The text of a geometry file for a scan, and how far its pixels lie at most from where they are, in pixels: RTK's detectors have right angles.
 * Throws UserError where RTK has no words for the geometry.
 */
export function rtkXmlOf(geometry: ScanGeometry): { readonly text: string; readonly shiftPixels: number } {
  const count = geometry.vectors.length / 12;
  const isParallel = geometry.type === 'parallel3d';
  const [row, column] = summariseGeometry(geometry).pixelSizeMm;
  const halfDiagonal = Math.hypot(geometry.detectorRows, geometry.detectorColumns) / 2;
  let shiftPixels = 0;
  const views = Array.from({ length: count }, (_, index): RtkView => {
    const vectors = viewVectors(geometry.vectors, index);
    const [, , u, v] = vectors;
    const found = viewOfVectors(vectors, isParallel);
    if (typeof found === 'object') shiftPixels = Math.max(shiftPixels, Math.abs(found.skew / 2) * halfDiagonal);
    const sizesAgree = Math.abs(Math.hypot(...u) - column) < 1e-4 * column && Math.abs(Math.hypot(...v) - row) < 1e-4 * row;
    if (typeof found === 'object' && sizesAgree && shiftPixels <= largestShiftPixels) return found.view;
    const reason =
      typeof found === 'string'
        ? obstacles[found]
        : sizesAgree
          ? 'rows and columns of the detector are not at right angles'
          : 'the pixels have another size than in other views';
    throw new UserError(`The geometry has no form in RTK: in view ${index} ${reason}. Save it as .txt or .npy, which keep all vectors.`);
  });
  const first = views[0];
  const common = tagNames.filter((tag) => views.every((view) => tags[tag](view) === (first === undefined ? 0 : tags[tag](first))));
  const line = (tag: Tag, view: RtkView, indent: string): string => `${indent}<${tag}>${tags[tag](view)}</${tag}>`;
  const shared =
    first === undefined
      ? []
      : common.filter((tag) => tags[tag](first) !== 0 || tag === 'SourceToDetectorDistance').map((tag) => line(tag, first, '  '));
  const each = views.flatMap((view) => [
    '  <Projection>',
    ...tagNames.filter((tag) => !common.includes(tag)).map((tag) => line(tag, view, '    ')),
    '    <Matrix>',
    ...matrixLines(matrixOfView(view)),
    '    </Matrix>',
    '  </Projection>',
  ]);
  const text = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE RTKGEOMETRY>',
    `<!-- Projections: ${geometry.detectorColumns} x ${geometry.detectorRows} pixels of ${column} x ${row} mm, the detector's centre at 0 0 -->`,
    '<RTKThreeDCircularGeometry version="3">',
    ...shared,
    ...each,
    '</RTKThreeDCircularGeometry>',
    '',
  ].join('\n');
  return { text, shiftPixels };
}

function matrixLines(matrix: readonly number[]): string[] {
  return [0, 4, 8].map((start) => `      ${matrix.slice(start, start + 4).join(' ')}`);
}
