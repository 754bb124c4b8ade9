/**
 * The measured angles of a Nikon scan, from NAME_ctdata.txt or NAME.ang beside its settings: a few lines of words, then a line for each projection with
 * its number and its angle in degrees. The two kinds count in opposite directions and other readers doubt both, so they only refine the settings' angles.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';

/** Names of tables of angles. */
export const nikonAngleName = /(_ctdata\.txt|\.ang)$/i;
const largestFileBytes = 16 * 1024 * 1024;
/** Words before the first projection: a line in .ang, three in _ctdata.txt. */
const mostHeaderLines = 10;

/** The angle of every projection, degrees, as they stand in the file. Throws UserError naming the line. */
export async function readNikonAngles(path: string): Promise<Float64Array> {
  const name = basename(path);
  if ((await stat(path)).size > largestFileBytes) throw new UserError(`${name} is longer than 16 MiB, so it is no table of angles.`);
  const angles: number[] = [];
  for (const [index, line] of (await readFile(path, 'latin1')).split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [number, angle] = line
      .trim()
      .split(/[\s:,;]+/)
      .map(Number);
    // Projections are numbered from 1 (0 in some versions); lines before the first one are the header.
    const isNext =
      angle !== undefined && Number.isFinite(angle) && (angles.length === 0 ? number === 0 || number === 1 : Number.isFinite(number));
    if (isNext) angles.push(angle);
    else if (angles.length > 0 || index >= mostHeaderLines) {
      throw new UserError(
        `${name}, line ${index + 1}: a projection's number and its angle in degrees are expected. Remove the file or mend it.`,
      );
    }
  }
  if (angles.length === 0) throw new UserError(`${name} holds no angles. Remove the file or mend it.`);
  return Float64Array.from(angles);
}

/**
 * The angles from the first view on, turned the way the settings' step goes; null where the table tells of another scan: other views, or an angle more
 * than one step away from where the step of the settings leads.
 */
export function refinedSteps(table: Float64Array, projections: number, stepDegrees: number): Float64Array | null {
  // The table of a scan that ends where it began has a last line for that.
  if (table.length !== projections && table.length !== projections + 1) return null;
  const first = table[0] ?? 0;
  const turned = table.slice(0, projections).map((angle) => angle - first);
  const last = turned[projections - 1] ?? 0;
  const steps = Math.sign(last) === -Math.sign(stepDegrees) ? turned.map((angle) => -angle) : turned;
  const isNear = steps.every((angle, view) => Math.abs(angle - view * stepDegrees) <= Math.abs(stepDegrees));
  return isNear ? steps : null;
}
