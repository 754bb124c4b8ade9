/** Writes the scan of Gaussian blobs as a Nikon machine would: a fixed source and detector, an object that turns, counts of 16 bits. Lengths in mm. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testTiff } from './testTiff';

interface Blob {
  readonly centreMm: readonly [number, number, number];
  readonly sigmaMm: number;
}

export type NikonChanges = Partial<Record<string, number | string | boolean>>;

/** Of the middle of a blob, 1/mm: little enough that counts come through. */
export const blobDensity = 0.1;
const degree = Math.PI / 180;
const defaults = {
  Name: 'blobs',
  Projections: 120,
  WhiteLevel: 60000,
  DetectorPixelsX: 66,
  DetectorPixelsY: 64,
  DetectorPixelSizeX: 1,
  DetectorPixelSizeY: 1.05,
  SrcToObject: 100,
  SrcToDetector: 220,
  InitialAngle: 0,
  AngularStep: 3,
};

/** The settings as text; `older`: with the keys of older versions in place of ObjectOffsetX and ObjectRoll. */
export function nikonText({ older = false, ...changes }: NikonChanges = {}): string {
  const values = { ...defaults, ...(older ? {} : { ObjectOffsetX: 0, ObjectRoll: 0 }), ObjectTilt: 0, ...changes };
  const lines = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  return `[XTekCT]\r\n${lines.join('\r\n')}\r\nInputSeparator=_\r\n[Xrays]\r\nXraykV=120\r\nProjections=7\r\n`;
}

/** Turns (x,y,z) about a unit axis through the origin. */
function turned([x, y, z]: readonly number[], [a, b, c]: readonly number[], angle: number): number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const along = (a! * x! + b! * y! + c! * z!) * (1 - cos);
  return [
    x! * cos + (b! * z! - c! * y!) * sin + a! * along,
    y! * cos + (c! * x! - a! * z!) * sin + b! * along,
    z! * cos + (a! * y! - b! * x!) * sin + c! * along,
  ];
}

/** Writes FOLDER/blobs.xtekct and its images; `stepsDegrees` are where the stage really was. Answers the path of the settings. */
export async function writeNikonScan(
  folder: string,
  blobs: readonly Blob[],
  changes: NikonChanges,
  stepsDegrees?: number[],
): Promise<string> {
  const of = (key: string): number => Number({ ...defaults, ...changes }[key] ?? 0);
  const [sod, sdd, rows, columns] = [of('SrcToObject'), of('SrcToDetector'), of('DetectorPixelsY'), of('DetectorPixelsX')];
  const isOlder = changes.older === true;
  const [top, bottom] = [of('CentreOfRotationTop'), of('CentreOfRotationBottom')];
  const offset = isOlder ? (((top + bottom) / 2) * sod) / sdd : of('ObjectOffsetX');
  const roll = isOlder ? -Math.atan2(top - bottom, rows * of('DetectorPixelSizeY')) : of('ObjectRoll') * degree;
  const tilt = -of('ObjectTilt') * degree;
  // The object stands on its stage, which leans as a whole.
  const lean = (p: readonly number[]) => turned(turned(p, [0, 1, 0], roll), [1, 0, 0], tilt);
  const axis = lean([0, 0, 1]);
  for (let view = 0; view < of('Projections'); view++) {
    // The stage turns against the angles of the settings (CIL: 180 - initial - step).
    const angle = (180 - of('InitialAngle') - (stepsDegrees?.[view] ?? view * of('AngularStep'))) * degree;
    const placed = blobs.map(({ centreMm, sigmaMm }) => {
      const [x, y, z] = turned(lean(centreMm), axis, angle) as [number, number, number];
      return { centre: [x - offset, y, z] as const, sigmaMm };
    });
    const values: number[] = [];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const x = -of('DetectorOffsetX') + ((columns - 1) / 2 - c) * of('DetectorPixelSizeX');
        const z = of('DetectorOffsetY') + ((rows - 1) / 2 - r) * of('DetectorPixelSizeY');
        const length = Math.hypot(x, sdd, z);
        let integral = 0;
        for (const { centre, sigmaMm } of placed) {
          const to = [centre[0], centre[1] + sod, centre[2]] as const;
          const along = (to[0] * x + to[1] * sdd + to[2] * z) / length;
          const squared = to[0] ** 2 + to[1] ** 2 + to[2] ** 2 - along ** 2;
          integral += Math.sqrt(2 * Math.PI) * sigmaMm * Math.exp(-squared / (2 * sigmaMm ** 2));
        }
        values.push(Math.round(of('WhiteLevel') * Math.exp(-blobDensity * integral)));
      }
    }
    const folderOfImages = join(folder, String(changes.InputFolderName ?? ''));
    mkdirSync(folderOfImages, { recursive: true });
    const image = testTiff({ width: columns, height: rows, values, bits: 16, format: 1 });
    writeFileSync(join(folderOfImages, `blobs_${String(view + 1).padStart(4, '0')}.tif`), image);
  }
  const path = join(folder, 'blobs.xtekct');
  writeFileSync(path, nikonText(changes));
  return path;
}
