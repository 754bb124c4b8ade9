/** A scan with the corrections the user asked for: other vectors, pixels filled in, or no reference. The file stays as it is. */
import { correctGeometry } from '../../engine/quality/correctGeometry';
import { deadPixels } from '../../engine/quality/pixelStatistics';
import { repairView } from '../../engine/quality/repairView';
import { type Correction, describeCorrection, parseCorrections } from '../../shared/corrections';
import { UserError } from '../../shared/errors';
import { summariseGeometry } from '../formats/geometrySummary';
import { openScan, type ScanData, type ScanOptions } from '../formats/scanData';
import { gatherStatistics } from './readViews';

/** Opens the scan as a run uses it. `corrections` is the text form, null for none. */
export async function openCorrectedScan(path: string, corrections: string | null, options: ScanOptions): Promise<ScanData> {
  const wanted = parseCorrections(corrections ?? '');
  const scan = await openScan(path, options);
  try {
    return wanted.length === 0 ? scan : await correctScan(scan, wanted);
  } catch (error) {
    await scan.close();
    throw error;
  }
}

/** The scan seen through the corrections; each is told among its problems, as a note. Planes stay as they are in the file. */
async function correctScan(scan: ScanData, corrections: readonly Correction[]): Promise<ScanData> {
  const has = (kind: Correction['kind']): boolean => corrections.some((correction) => correction.kind === kind);
  const { arcDegrees } = summariseGeometry(scan.geometry);
  const geometry = correctGeometry(scan.geometry, corrections, arcDegrees === 360);
  const dead = has('dead-pixels') ? deadPixels(await gatherStatistics(scan)) : null;
  const deadCount = dead === null ? 0 : dead.reduce((sum, flag) => sum + flag, 0);
  const fillsNonFinite = has('non-finite');
  const [, rows, columns] = scan.sinogramShape;
  const readSinogramView = async (view: number, target: Float32Array): Promise<void> => {
    await scan.readSinogramView(view, target);
    const isBad = (pixel: number): boolean => dead?.[pixel] === 1 || (fillsNonFinite && !Number.isFinite(target[pixel]));
    if (repairView(target, rows, columns, isBad) === null) {
      throw new UserError(`View ${view} of ${scan.name} has no usable pixel. Choose other views with num_projections, or repair the data.`);
    }
  };
  return {
    ...scan,
    geometry,
    referenceShape: has('no-reference') ? null : scan.referenceShape,
    readSinogramView: dead === null && !fillsNonFinite ? scan.readSinogramView : readSinogramView,
    problems: [
      ...scan.problems,
      ...corrections.map((correction) => ({
        severity: 'note' as const,
        message: `Corrected: ${describeCorrection(correction)}${correction.kind === 'dead-pixels' ? ` (${deadCount} pixels.)` : ''}`,
      })),
    ],
  };
}
