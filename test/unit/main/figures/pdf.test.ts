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
