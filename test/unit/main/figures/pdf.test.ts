/** Figures as PDF: exact size, embedded fonts, text as text, nothing left out. */
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { drawSvg } from '../../../../src/engine/figures/drawSvg';
import type { PlottedFigure } from '../../../../src/engine/figures/figure';
import { svgToPdf } from '../../../../src/main/figures/pdf';

const root = process.cwd();
const points = [0, 1, 2, 3].map((x) => ({ x, y: 20 + x, runId: 'r', iteration: x }));
const lines: PlottedFigure = {
  name: 'psnr-iteration',
  title: 'PSNR by iteration',
  xTitle: 'Iteration',
  yTitle: 'PSNR (dB)',
  kind: 'lines',
  series: [
    { label: 'sigma 0.05', points },
    { label: 'sigma 0.1', points: points.map((point) => ({ ...point, y: point.y + 1 })) },
  ],
  note: null,
};
const bars: PlottedFigure = {
  ...lines,
  name: 'step-time',
  kind: 'bars',
  series: ['Gradient', 'Denoise', 'Other'].map((label) => ({ label, points: [{ x: 'run 1', y: 1, runId: 'r', iteration: null }] })),
};

/** All streams of a PDF, inflated where they are compressed. */
function streams(pdf: Uint8Array): string {
  const bytes = Buffer.from(pdf);
  const found: string[] = [];
  for (let at = bytes.indexOf('stream\n'); at >= 0; at = bytes.indexOf('stream\n', at + 1)) {
    const end = bytes.indexOf('endstream', at);
    try {
      found.push(inflateSync(bytes.subarray(at + 7, end)).toString('latin1'));
    } catch {
      // Not a compressed stream, or the word "endstream" itself.
    }
  }
  return found.join('\n');
}

type Matrix = readonly [number, number, number, number, number, number];

/** Where the paths of a page go, in points from its lower left corner: all corners of lines, curves and rectangles through the matrices in force. */
function pathPoints(content: string): [number, number][] {
  const found: [number, number][] = [];
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  const saved: Matrix[] = [];
  let numbers: number[] = [];
  const add = (x: number, y: number): void => {
    const [a, b, c, d, e, f] = matrix;
    found.push([a * x + c * y + e, b * x + d * y + f]);
  };
  for (const token of content.split(/\s+/)) {
    if (/^[-+.\d]/.test(token)) {
      numbers.push(Number(token));
      continue;
    }
    const [p = 0, q = 0, r = 0, s = 0, t = 0, u = 0] = numbers;
    if (token === 'q') saved.push(matrix);
    if (token === 'Q') matrix = saved.pop() ?? matrix;
    if (token === 'cm') {
      const [a, b, c, d, e, f] = matrix;
      matrix = [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
    }
    if (token === 'm' || token === 'l') add(p, q);
    if (token === 'c') add(t, u);
    if (token === 're')
      for (const [x, y] of [
        [p, q],
        [p + r, q + s],
      ] as const)
        add(x, y);
    numbers = [];
  }
  return found;
}

describe.each([
  ['curves', lines],
  ['hatched bars', bars],
] as const)('%s as PDF', (_, figure) => {
  it.each([85, 175])('is %i mm wide with its fonts inside', async (widthMm) => {
    const pdf = await svgToPdf(drawSvg(figure, { widthMm, fontPt: 8 }), figure.title, root);
    const text = Buffer.from(pdf).toString('latin1');
    expect(text.slice(0, 5)).toBe('%PDF-');
    const box = /MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]/.exec(text);
    expect(Number(box?.[1])).toBeCloseTo((widthMm * 72) / 25.4, 1);
    expect(text).toContain('Inter-Regular');
    expect(text.match(/FontFile2/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('fills the page and stays on it', async () => {
    const pdf = await svgToPdf(drawSvg(figure, { widthMm: 85 }), figure.title, root);
    const [, width = 0, height = 0] = (/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]/.exec(Buffer.from(pdf).toString('latin1')) ?? []).map(Number);
    const points = pathPoints(streams(pdf));
    // The tile of a hatch reaches over its own edge.
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    expect(Math.min(...xs)).toBeGreaterThan(-2);
    expect(Math.max(...xs)).toBeLessThan(width + 2);
    expect(Math.min(...ys)).toBeGreaterThan(-2);
    expect(Math.max(...ys)).toBeLessThan(height + 2);
    // Not counting the ground, which has exactly the page's size.
    const inner = xs.filter((x) => x < width - 0.5);
    expect(Math.max(...inner)).toBeGreaterThan(0.9 * width);
  });

  it('writes text as text that can be found and copied', async () => {
    const pdf = await svgToPdf(drawSvg(figure, { widthMm: 120 }), figure.title, root);
    const content = streams(pdf);
    // Glyphs are shown by text operators, and a map back to Unicode lets readers copy them.
    expect(content).toMatch(/\bBT\b[\s\S]*\bT[jJ]\b/);
    expect(content).toContain('beginbfrange');
    expect(content).not.toContain('/Subtype /Image');
  });
});

it('refuses an SVG that does not say its size', async () => {
  await expect(svgToPdf('<svg xmlns="http://www.w3.org/2000/svg"></svg>', 'x', root)).rejects.toThrow(/width in mm/);
});
