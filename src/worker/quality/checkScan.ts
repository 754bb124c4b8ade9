/** Looks at a scan's data and says what is doubtful: reads views and reference, asks engine/quality what they mean. Changes nothing. */
import { axisShadow, isCircular, measureAxisOffset } from '../../engine/quality/axisOffset';
import {
  axisOffsetFinding,
  blankViewsFinding,
  clippingFinding,
  deadPixelsFinding,
  nonFiniteFinding,
  notChecked,
  referenceFinding,
  reprojectionFindings,
  truncationFinding,
} from '../../engine/quality/findings';
import { deadPixels, type PixelStatistics } from '../../engine/quality/pixelStatistics';
import { repairView } from '../../engine/quality/repairView';
import { findClipping, findTruncation } from '../../engine/quality/viewChecks';
import type { Finding, QualityReport } from '../../shared/quality';
import type { CheckScanJob } from '../../shared/workerMessages';
import { summariseGeometry } from '../formats/geometrySummary';
import type { ScanData } from '../formats/scanData';
import { compareReference, type MeasuredView } from './compareReference';
import { openCorrectedScan } from './correctedScan';
import { gatherStatistics, viewsToRead } from './readViews';

/** Views kept in memory for a closer look. */
const mostSamples = 24;
const sampleBytes = 96 * 2 ** 20;
const viewsReprojected = 8;

export async function checkScan(job: CheckScanJob, onProgress: (fraction: number) => void): Promise<QualityReport> {
  const start = performance.now();
  const scan = await openCorrectedScan(job.dataPath, job.corrections, { voxelSizeMm: job.voxelSizeMm });
  try {
    const [views, rows, columns] = scan.sinogramShape;
    const kept = new Set(samplePositions(viewsToRead(scan.sinogramShape), 4 * rows * columns));
    const samples: MeasuredView[] = [];
    const statistics = await gatherStatistics(scan, {
      onProgress: (fraction) => onProgress(0.7 * fraction),
      visit: (view, index) => {
        if (kept.has(index)) samples.push({ index, values: view.slice() });
      },
    });
    const dead = deadPixels(statistics);
    const findings = [
      nonFiniteFinding(statistics.nonFinite, statistics.viewsWithNonFinite),
      deadPixelsFinding(dead, rows, columns),
      blankViewsFinding(statistics.blankViews),
      ...viewFindings(samples, statistics, dead),
      axisFinding(scan, statistics, dead),
      ...(await referenceFindings(scan, samples, dead, job.threads, (fraction) => onProgress(0.7 + 0.3 * fraction))),
    ];
    return { findings, views, viewsRead: statistics.views, seconds: (performance.now() - start) / 1000 };
  } finally {
    await scan.close();
  }
}

/** An even choice of what is read anyway. */
function samplePositions(read: readonly number[], bytesPerView: number): number[] {
  const count = Math.min(read.length, mostSamples, Math.max(4, Math.floor(sampleBytes / bytesPerView)));
  return Array.from({ length: count }, (_, position) => read[Math.floor((position * read.length) / count)] ?? 0);
}

function viewFindings(samples: readonly MeasuredView[], statistics: PixelStatistics, dead: Uint8Array): Finding[] {
  const blank = new Set(statistics.blankViews);
  const views = samples.filter(({ index }) => !blank.has(index)).map(({ values }) => values);
  const sampled = { views, rows: statistics.rows, columns: statistics.columns, isBad: (pixel: number) => dead[pixel] === 1 };
  return [clippingFinding(findClipping(sampled)), truncationFinding(findTruncation(sampled))];
}

function axisFinding({ geometry }: ScanData, statistics: PixelStatistics, dead: Uint8Array): Finding {
  const { arcDegrees, pixelSizeMm } = summariseGeometry(geometry);
  if (arcDegrees !== 360 || !isCircular(geometry)) {
    return notChecked(
      'axis-offset',
      'The place of the rotation axis can only be measured on a full circle at one height; this orbit is another.',
    );
  }
  const { rows, columns } = statistics;
  const mean = statistics.mean();
  if (repairView(mean, rows, columns, (pixel) => dead[pixel] === 1 || !Number.isFinite(mean[pixel])) === null)
    return axisOffsetFinding(null, 0);
  return axisOffsetFinding(measureAxisOffset(mean, rows, columns, axisShadow(geometry).atRow), pixelSizeMm[1]);
}

async function referenceFindings(
  scan: ScanData,
  samples: readonly MeasuredView[],
  dead: Uint8Array,
  threads: number,
  onProgress: (fraction: number) => void,
): Promise<Finding[]> {
  if (scan.referenceShape === null) {
    const message =
      'Without a reference the pairing of views and vectors cannot be checked; a constant offset would only turn the volume about its axis.';
    return [notChecked('view-pairing', message)];
  }
  const { arcDegrees } = summariseGeometry(scan.geometry);
  const chosen = Array.from({ length: Math.min(viewsReprojected, samples.length) }, (_, position) => {
    return samples[Math.floor((position * samples.length) / Math.min(viewsReprojected, samples.length))];
  }).flatMap((sample) => sample ?? []);
  const isBad = (pixel: number): boolean => dead[pixel] === 1;
  const { reference, residuals } = await compareReference(scan, chosen, isBad, arcDegrees === 360, { threads, onProgress });
  const facts = referenceFinding(reference);
  if (residuals.length === 0) return [facts];
  const compared = reprojectionFindings(residuals, arcDegrees / scan.views);
  return compared.some(({ check }) => check === 'reference') ? compared : [facts, ...compared];
}
