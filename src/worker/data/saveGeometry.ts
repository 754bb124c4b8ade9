/** Writes the geometry of a scan, as a run with these corrections would use it, to a file of its own; reads no view. */
import { writeGeometry } from '../formats/geometryWriter';
import type { ScanOptions } from '../formats/scanData';
import { openCorrectedScan } from '../quality/correctedScan';

/** Answers the number of views written, and what the format could not keep as it is. Throws UserError where `out` has an unknown ending or no form for the geometry. */
export async function saveGeometry(
  path: string,
  options: ScanOptions,
  corrections: string | null,
  out: string,
): Promise<{ views: number; notes: readonly string[] }> {
  const scan = await openCorrectedScan(path, corrections, options);
  try {
    return { views: scan.views, notes: await writeGeometry(out, scan.geometry) };
  } finally {
    await scan.close();
  }
}
