/** Figures drawn as SVG: well-formed whatever the labels are, of the width asked for, every value inside the plot. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawSvg } from '../../../../src/engine/figures/drawSvg';
import type { FigureData } from '../../../../src/engine/figures/figure';
import { barLabels, sharedKey } from '../../../../src/engine/figures/legend';
import { niceTicks, tickText } from '../../../../src/engine/figures/ticks';

function figure(series: FigureData['series'], kind: FigureData['kind'] = 'lines'): FigureData {
  return {
    name: kind === 'bars' ? 'step-time' : 'psnr-iteration',
    title: 'A & B',
    xTitle: 'Iteration',
    yTitle: 'PSNR (dB)',
    kind,
    series,
    note: null,
  };
}
const points = (values: readonly number[]) => values.map((y, x) => ({ x, y, runId: 'r', iteration: x }));

describe('drawSvg', () => {
  it('has the exact width and escapes its texts', () => {
    const svg = drawSvg(
      figure([
        { label: 'x < "y"', points: points([20, 25]) },
        { label: 'b', points: points([21, 24]) },
      ]),
      { widthMm: 85 },
    );
    expect(svg).toMatch(/^<svg [^>]*width="85mm"/);
    expect(svg).toContain('A &amp; B');
    expect(svg).toContain('x &lt; &quot;y&quot;');
  });

  it('keeps every marker and bar inside the drawing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 20, max: 200 }),
        (values, widthMm) => {
          const svg = drawSvg(figure(values.map((list, index) => ({ label: `series ${index}`, points: points(list) }))), { widthMm });
          expect(svg).not.toMatch(/NaN|Infinity|undefined/);
          const [, width = '0', height = '0'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
          for (const [, x, y] of svg.matchAll(/<circle cx="([-\d.]+)" cy="([-\d.]+)"/g)) {
            expect(Number(x)).toBeGreaterThan(0);
            expect(Number(x)).toBeLessThan(Number(width));
            expect(Number(y)).toBeGreaterThan(0);
            expect(Number(y)).toBeLessThan(Number(height));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('stands bars on zero with the total above them', () => {
    const parts = ['gradient', 'denoise'].map((label, part) => ({
      label,
      points: [4, 2].map((batch) => ({ x: `max_batch_size ${batch}`, y: part + 1, runId: 'r', iteration: null })),
    }));
    const svg = drawSvg(figure(parts, 'bars'), { widthMm: 85 });
    expect(svg.match(/>3\.00<\/text>/g)).toHaveLength(2);
    expect(svg).toContain('>max_batch_size</text>');
    expect(svg).toContain('url(#fill-1)');
  });

  it('says so where there is nothing to draw', () => {
    expect(drawSvg(figure([]), { widthMm: 85 })).toContain('No values to draw');
    expect(() => drawSvg(figure([]), { widthMm: 1 })).toThrow(RangeError);
  });
});

it('names a shared parameter once', () => {
  expect(sharedKey(['max_batch_size 4', 'max_batch_size 2'])).toEqual({ key: 'max_batch_size', labels: ['4', '2'] });
  expect(sharedKey(['a 1', 'b 2']).key).toBeNull();
  expect(sharedKey(['a 1, b [2,3]', 'a 1, b 3'])).toEqual({ key: 'a, b', labels: ['1, [2,3]', '1, 3'] });
  expect(sharedKey(['a 1, b 2', 'a 1']).key).toBeNull();
  expect(sharedKey(['PnP', 'a 1']).key).toBeNull();
});

describe('ticks', () => {
  it('are round and cover the range', () => {
    expect(niceTicks(21.5, 28.4, { about: 5, roundEnds: true }).values).toEqual([20, 22, 24, 26, 28, 30]);
    expect(niceTicks(0, 3, { about: 10, wholeNumbers: true }).values).toEqual([0, 1, 2, 3]);
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (low, size) => {
        const ticks = niceTicks(low, low + size, { about: 5, roundEnds: true });
        expect(ticks.values.length).toBeGreaterThanOrEqual(2);
        expect(ticks.values.length).toBeLessThanOrEqual(13);
        expect(ticks.low).toBeLessThanOrEqual(low + 1e-6 * size);
        expect(ticks.high).toBeGreaterThanOrEqual(low + size - 1e-6 * size);
      }),
    );
  });

  it('are written with the decimals their step needs', () => {
    expect([tickText(0.30000000000000004, 0.1), tickText(-2, 1), tickText(-0, 0.5), tickText(20, 5)]).toEqual([
      '0.3',
      '\u22122',
      '0.0',
      '20',
    ]);
  });
});

it('keeps the labels of bars short, with the names of their parameters once', () => {
  expect(barLabels(['max_batch_size 4', 'max_batch_size 2'])).toEqual({ title: 'max_batch_size', labels: ['4', '2'] });
  expect(barLabels(['FDK', 'SIRT'])).toEqual({ title: null, labels: ['FDK', 'SIRT'] });
  expect(barLabels(['FDK', 'PnP, max_batch_size 4, workers 2'])).toEqual({
    title: 'max_batch_size, workers',
    labels: ['FDK', 'PnP, 4, 2'],
  });
});
