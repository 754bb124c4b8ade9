/**
 * The settings of a Nikon (X-Tek) scan, `KEY=VALUE` lines of an .xtekct file, as numbers with units; lengths are in mm, angles in degrees. What the keys
 * mean follows the Core Imaging Library's reader; the files are not documented. The geometry they make is nikonGeometry's.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';

export interface NikonSettings {
  /** Of the images: NAME_0001.tif ...; empty where it is not said. */
  readonly scanName: string;
  readonly projections: number;
  readonly whiteLevel: number;
  readonly detectorRows: number;
  readonly detectorColumns: number;
  /** [row, column] */
  readonly pixelSizeMm: readonly [number, number];
  readonly sourceToObjectMm: number;
  readonly sourceToDetectorMm: number;
  /** Of the detector's centre from the central ray, [across, up]. */
  readonly detectorOffsetMm: readonly [number, number];
  readonly initialAngleDegrees: number;
  readonly angularStepDegrees: number;
  /** Of the rotation axis from the central ray. */
  readonly objectOffsetMm: number;
  /** Lean of the axis across and along the beam. */
  readonly objectRollDegrees: number;
  readonly objectTiltDegrees: number;
  /** What the maker's software would reconstruct; null where it does not say. */
  readonly voxelSizeMm: number | null;
  /** Folder of the images inside the folder of the settings; empty: that folder. */
  readonly imageFolder: string;
}

const largestFileBytes = 4 * 1024 * 1024;
const largestCount = 100_000;
const largestLeanDegrees = 45;

/** Throws UserError naming the key that is missing or makes no sense. */
export async function readNikonSettings(path: string): Promise<NikonSettings> {
  const name = basename(path);
  if ((await stat(path)).size > largestFileBytes) throw new UserError(`${name} is longer than 4 MiB, so it is no .xtekct file.`);
  const values = readSection(await readFile(path, 'latin1'));
  if (values.size === 0) throw new UserError(`${name} has no section [XTekCT], so it is no Nikon scan. Choose the .xtekct file of a scan.`);
  return interpret(new Values(name, values));
}

/** The keys of the section [XTekCT]; a later one of the same name wins, as in the maker's software. */
function readSection(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    // A file saved again by an editor may begin with a byte order mark.
    section = /^(?:\u00ef\u00bb\u00bf)?\s*\[([^\]]{0,80})\]/.exec(line)?.[1]?.toLowerCase() ?? section;
    const match = /^\s*(\w{1,80})\s*=(.*)$/.exec(line);
    if (match !== null && section === 'xtekct') values.set(match[1] ?? '', (match[2] ?? '').trim());
  }
  return values;
}

/** Looks up keys as numbers, and names the file and the key where that fails. */
class Values {
  constructor(
    readonly name: string,
    private readonly values: ReadonlyMap<string, string>,
  ) {}

  text(key: string): string {
    return this.values.get(key) ?? '';
  }

  optional(key: string): number | null {
    const word = this.text(key);
    if (word === '') return null;
    const value = Number(word);
    if (!Number.isFinite(value)) throw new UserError(`${this.name}: ${key} is ${JSON.stringify(word.slice(0, 40))}; it must be a number.`);
    return value;
  }

  number(key: string): number {
    const value = this.optional(key);
    if (value === null) throw new UserError(`${this.name}: ${key} is missing, which the geometry needs. Get the file again.`);
    return value;
  }

  positive(key: string): number {
    const value = this.number(key);
    if (!(value > 0)) throw new UserError(`${this.name}: ${key} is ${value}; it must be greater than 0.`);
    return value;
  }

  count(key: string): number {
    const value = this.positive(key);
    if (Number.isInteger(value) && value <= largestCount) return value;
    throw new UserError(`${this.name}: ${key} is ${value}; it must be a whole number up to 100,000.`);
  }

  lean(key: string): number | null {
    const value = this.optional(key);
    if (value === null || Math.abs(value) <= largestLeanDegrees) return value;
    throw new UserError(`${this.name}: ${key} is ${value} degrees; a rotation axis leans by ${largestLeanDegrees} at most.`);
  }
}

function interpret(values: Values): NikonSettings {
  const [sourceToObjectMm, sourceToDetectorMm] = [values.positive('SrcToObject'), values.positive('SrcToDetector')];
  if (sourceToObjectMm >= sourceToDetectorMm) {
    throw new UserError(`${values.name}: SrcToObject (${sourceToObjectMm} mm) must be less than SrcToDetector (${sourceToDetectorMm} mm).`);
  }
  const detectorRows = values.count('DetectorPixelsY');
  const pixelSizeMm = [values.positive('DetectorPixelSizeY'), values.positive('DetectorPixelSizeX')] as const;
  const angularStepDegrees = values.number('AngularStep');
  if (angularStepDegrees === 0) throw new UserError(`${values.name}: AngularStep is 0, so all views are from one side.`);
  // Older files give the place of the axis in mm on the detector, at its upper and its lower edge.
  const [top, bottom] = [values.optional('CentreOfRotationTop') ?? 0, values.optional('CentreOfRotationBottom') ?? 0];
  const leanDegrees = (-Math.atan2(top - bottom, detectorRows * pixelSizeMm[0]) * 180) / Math.PI;
  const voxelSizeMm = values.optional('VoxelSizeX');
  return {
    scanName: values.text('Name'),
    projections: values.count('Projections'),
    whiteLevel: values.positive('WhiteLevel'),
    detectorRows,
    detectorColumns: values.count('DetectorPixelsX'),
    pixelSizeMm,
    sourceToObjectMm,
    sourceToDetectorMm,
    detectorOffsetMm: [values.optional('DetectorOffsetX') ?? 0, values.optional('DetectorOffsetY') ?? 0],
    initialAngleDegrees: values.number('InitialAngle'),
    angularStepDegrees,
    objectOffsetMm: values.optional('ObjectOffsetX') ?? (((top + bottom) / 2) * sourceToObjectMm) / sourceToDetectorMm,
    objectRollDegrees: values.lean('ObjectRoll') ?? leanDegrees,
    objectTiltDegrees: values.lean('ObjectTilt') ?? 0,
    voxelSizeMm: voxelSizeMm !== null && voxelSizeMm > 0 ? voxelSizeMm : null,
    imageFolder: values.text('InputFolderName'),
  };
}
