// The data check on sound scans and on copies with one fault each: it finds that fault, with the right amount, and no other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Correction } from '../../../src/shared/corrections';
import type { Finding, QualityReport } from '../../../src/shared/quality';
import { simulateFile } from '../../../src/worker/device/simulateJob';
import { checkScan } from '../../../src/worker/quality/checkScan';
import { type Fault, moveDetector, writeFaultyScan } from './faultyScans';

const samples = ['walnut-tiny', 'walnut-mini'] as const;
const pathOf = (name: string): string => join(import.meta.dirname, '../../../resources/samples', `${name}.pt`);
const folder = mkdtempSync(join(tmpdir(), 'tomobench-quality-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (dataPath: string, corrections: string | null = null): Promise<QualityReport> =>
  checkScan({ dataPath, voxelSizeMm: null, corrections, threads: 2 }, () => {});
const doubts = ({ findings }: QualityReport): Finding[] => findings.filter(({ severity }) => severity !== 'ok');

async function checkFaulty(sample: string, fault: Fault): Promise<Finding[]> {
  const file = join(folder, 'faulty.pt');
  await writeFaultyScan(pathOf(sample), file, fault);
  return doubts(await check(file));
}

describe('sound data', () => {
  it.each(samples)('%s has nothing to tell', async (sample) => {
    const report = await check(pathOf(sample));
    expect(doubts(report)).toEqual([]);
    expect(report.findings.map(({ check: name }) => name)).toEqual(
      expect.arrayContaining(['non-finite', 'dead-pixels', 'blank-views', 'clipped', 'truncation', 'axis-offset', 'view-pairing', 'scale']),
    );
  });

  it('is not doubted for lack of noise', async () => {
    const file = join(folder, 'noise-free.pt');
    await simulateFile(
      { size: 24, views: 36, photons: null, blurPixels: 0, jitterDegrees: 0, phantom: 'walnut', seed: 4, out: file },
      () => {},
    );
    expect(doubts(await check(file))).toEqual([]);
  });

  it('tells its progress up to the end', async () => {
    const told: number[] = [];
    await checkScan({ dataPath: pathOf('walnut-tiny'), voxelSizeMm: null, corrections: null, threads: 1 }, (fraction) =>
      told.push(fraction),
    );
    expect(told.at(-1)).toBeCloseTo(1, 9);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
  });
});

interface Case {
  readonly fault: Fault;
  readonly finding: Finding['check'];
  readonly severity: Finding['severity'];
  /** Allowed range of the amount; rows: that many as the detector has. */
  readonly amount: readonly [low: number, high: number] | 'rows';
  readonly correction: Correction['kind'] | null;
}

const cases: Record<string, Case> = {
  'views off by one': {
    // Image i + 1 in the place of image i: view i belongs to vector i + 1.
    fault: { imageOf: (view, views) => (view + 1) % views },
    finding: 'view-pairing',
    severity: 'warning',
    amount: [1, 1],
    correction: 'view-offset',
  },
  'views off by two, the other way': {
    fault: { imageOf: (view, views) => (view + views - 2) % views },
    finding: 'view-pairing',
    severity: 'warning',
    amount: [-2, -2],
    correction: 'view-offset',
  },
  'detector shifted by 1.5 pixels': {
    // The detector was really 1.5 pixels back: the axis' shadow falls 1.5 columns further.
    fault: { vectors: (vectors) => moveDetector(vectors, 1.5) },
    finding: 'axis-offset',
    severity: 'warning',
    amount: [1.45, 1.55],
    correction: 'axis-offset-mm',
  },
  'a dead column': {
    fault: { view: (values) => setColumn(values, 20, 0) },
    finding: 'dead-pixels',
    severity: 'warning',
    amount: 'rows',
    correction: 'dead-pixels',
  },
  'one stuck pixel': {
    fault: {
      view: (values) => {
        values[1700] = 9;
      },
    },
    finding: 'dead-pixels',
    severity: 'warning',
    amount: [1, 1],
    correction: 'dead-pixels',
  },
  'NaN in two views': {
    fault: {
      view: (values, index) => {
        if (index === 3 || index === 5) values.fill(Number.NaN, 100, 104);
      },
    },
    finding: 'non-finite',
    severity: 'error',
    amount: [8, 8],
    correction: 'non-finite',
  },
  'an empty view': {
    fault: {
      view: (values, index) => {
        if (index === 7) values.fill(0);
      },
    },
    finding: 'blank-views',
    severity: 'warning',
    amount: [1, 1],
    correction: null,
  },
  'clipping at 0.6': {
    fault: { view: (values) => values.set(values.map((value) => Math.min(value, 0.6))) },
    finding: 'clipped',
    severity: 'warning',
    amount: [1, 30],
    correction: null,
  },
  'a cropped detector': {
    fault: { columns: [12, 61 - 12] },
    finding: 'truncation',
    severity: 'warning',
    amount: [99, 100],
    correction: null,
  },
  'a reference of zeros': {
    fault: { slice: (values) => values.fill(0) },
    finding: 'reference',
    severity: 'error',
    amount: [40, 100],
    correction: 'no-reference',
  },
  'a missing slice of the reference': {
    fault: {
      slice: (values, index) => {
        if (index === 21) values.fill(0);
      },
    },
    finding: 'reference',
    severity: 'warning',
    amount: [1, 1],
    correction: 'no-reference',
  },
  'line integrals in other units': {
    fault: { view: (values) => values.set(values.map((value) => 10 * value)) },
    finding: 'scale',
    severity: 'warning',
    amount: [9.8, 10.3],
    correction: null,
  },
};

describe.each(samples)('%s with a fault', (sample) => {
  it.each(Object.entries(cases).filter(([, { fault }]) => sample === 'walnut-tiny' || !fault.columns))('%s', async (_, wanted) => {
    const found = await checkFaulty(sample, wanted.fault);
    expect(found.map(({ check: name }) => name)).toEqual([wanted.finding]);
    const [finding] = found;
    expect(finding!.severity).toBe(wanted.severity);
    const rows = sample === 'walnut-tiny' ? 78 : 194;
    const [low, high] = wanted.amount === 'rows' ? [rows, rows] : wanted.amount;
    expect(finding!.amount).toBeGreaterThanOrEqual(low);
    expect(finding!.amount).toBeLessThanOrEqual(high);
    expect(finding!.correction?.kind ?? null).toBe(wanted.correction);
    expect(finding!.message).toMatch(/\.$/);
  });
});

describe('what cannot be known is said', () => {
  it('without a reference', async () => {
    const found = await checkFaulty('walnut-tiny', { withoutReference: true });
    expect(found).toMatchObject([{ check: 'view-pairing', severity: 'note', amount: null }]);
  });

  it('on a helix', async () => {
    const found = await checkFaulty('walnut-tiny', {
      withoutReference: true,
      vectors: (vectors) => {
        for (let start = 0; start < vectors.length; start += 12) {
          vectors[start + 2]! += start / 12;
          vectors[start + 5]! += start / 12;
        }
      },
    });
    expect(found.map(({ check: name, severity }) => [name, severity])).toContainEqual(['axis-offset', 'note']);
  });
});

describe('the offered corrections', () => {
  it.each([
    'views off by two, the other way',
    'detector shifted by 1.5 pixels',
    'a dead column',
    'NaN in two views',
    'a reference of zeros',
  ])('mend %s', async (name) => {
    const file = join(folder, 'mended.pt');
    await writeFaultyScan(pathOf('walnut-tiny'), file, cases[name]!.fault);
    const [finding] = doubts(await check(file));
    const offered = finding!.correction!;
    const text =
      offered.kind === 'view-offset'
        ? `view-offset=${offered.views}`
        : offered.kind === 'axis-offset-mm'
          ? `axis-offset-mm=${offered.mm}`
          : offered.kind;
    const after = doubts(await check(file, text));
    expect(after.filter(({ severity }) => severity !== 'note')).toEqual([]);
  });
});

/** In a sample of 61 or 154 columns. */
function setColumn(values: Float32Array, column: number, value: number): void {
  const columns = values.length === 78 * 61 ? 61 : 154;
  for (let at = column; at < values.length; at += columns) values[at] = value;
}
