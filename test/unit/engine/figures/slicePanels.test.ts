/** Slices as panels for paper: places, letters, shared colour bars, exact size, and the numbers beside them. */
import { describe, expect, it } from 'vitest';
import { drawPanels, type PanelsFigure, panelsCsv, type SlicePanel } from '../../../../src/engine/figures/slicePanels';
import { textWidth, wrapText } from '../../../../src/engine/figures/svgParts';

const pixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const panel = (label: string, change: Partial<SlicePanel> = {}): SlicePanel => ({
  label,
  slice: 'Axial, z 3 of 10',
  image: pixel,
  rows: 50,
  columns: 100,
  voxelSizeMm: 0.5,
  low: 0,
  high: 0.04,
  valueTitle: 'Attenuation (1/mm)',
  colours: ['#000000', '#ffffff'],
  statistics: { mean: 0.02, standardDeviation: 0.01, minimum: 0, maximum: 0.04 },
  ...change,
});
const difference = panel('(a) minus (b)', { low: -0.01, high: 0.01, valueTitle: 'Difference (1/mm)', colours: ['#0000ff', '#ff0000'] });
const figure = (rows: PanelsFigure['rows']): PanelsFigure => ({ kind: 'panels', name: 'slices', title: 'Axial slices', rows });
const images = (svg: string): { x: number; y: number; width: number; height: number }[] =>
  [...svg.matchAll(/<image x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map(([, ...numbers]) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
    return { x, y, width, height };
  });

describe('wrapText', () => {
  const text = 'max_batch_size 10, denoiser_sigma 0.05';

  it('breaks after spaces and underscores into lines that fit, and cuts what does not', () => {
    for (const [first, width, lines] of [
      [30, 50, 3],
      [200, 50, 2],
      [5, 60, 4],
      [400, 400, 3],
    ] as const) {
      const wrapped = wrapText(text, 8, first, width, lines);
      expect(wrapped.length).toBeLessThanOrEqual(lines);
      wrapped.forEach((line, index) => {
        if (line !== '') expect(textWidth(line, 8)).toBeLessThanOrEqual(index === 0 ? Math.max(first, textWidth('m\u2026', 8)) : width);
      });
    }
    expect(wrapText(text, 8, 400, 400, 3)).toEqual([text]);
    expect(wrapText('PnP', 8, 40, 60, 3)).toEqual(['PnP']);
    // The mark stands alone where not even the first word fits beside it.
    expect(wrapText(text, 8, 20, 70, 3)[0]).toBe('');
  });
});

describe('drawPanels', () => {
  it('has the exact width, equal panels of the shape of the slices, letters in order, and text as text', () => {
    const svg = drawPanels(figure([[panel('FDK & "x"'), panel('PnP'), difference]]), { widthMm: 130, fontPt: 9 });
    expect(svg).toMatch(/<svg [^>]*width="130mm" height="[\d.]+mm"/);
    const [a, b, c] = images(svg);
    expect(a?.x).toBe(0);
    expect((c?.x ?? 0) + (c?.width ?? 0)).toBeCloseTo((130 * 72) / 25.4, 1);
    expect(b?.width).toBeCloseTo(a?.width ?? 0, 1);
    expect((a?.height ?? 0) / (a?.width ?? 1)).toBeCloseTo(0.5, 2);
    for (const text of [
      '>(a)<',
      '>(b)<',
      '>(c)<',
      'FDK &amp; &quot;x&quot;',
      '>Attenuation (1/mm)<',
      '>Difference (1/mm)<',
      '>0.04<',
      '>\u22120.01<',
    ])
      expect(svg).toContain(text);
  });

  it('draws one colour bar for neighbours that share it', () => {
    const bars = (svg: string): number => svg.split('<linearGradient').length - 1;
    expect(bars(drawPanels(figure([[panel('a'), panel('b'), difference]]), { widthMm: 85 }))).toBe(2);
    expect(bars(drawPanels(figure([[panel('a'), panel('b', { high: 0.05 })]]), { widthMm: 85 }))).toBe(2);
    expect(bars(drawPanels(figure([[panel('a'), panel('b'), panel('c')]]), { widthMm: 85 }))).toBe(1);
  });

  it('leaves places empty, and has scale bars as long as they say', () => {
    const svg = drawPanels(
      figure([
        [panel('one'), panel('two')],
        [null, difference],
      ]),
      { widthMm: 85 },
    );
    const [one, two, below] = images(svg);
    expect(below?.x).toBe(two?.x);
    expect(below?.y).toBeGreaterThan((two?.y ?? 0) + (two?.height ?? 0));
    expect(svg).toContain('>(c)<');
    // 100 voxels of 0.5 mm: 30 % are 15 mm, so 10 mm are drawn: a fifth of the panel.
    expect(svg).toContain('>10 mm<');
    const bar = /<line x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"/.exec(svg);
    expect(Number(bar?.[2]) - Number(bar?.[1])).toBeCloseTo((one?.width ?? 0) / 5, 1);
  });

  it('refuses a width that nothing fits into', () => {
    expect(() => drawPanels(figure([[panel('a')]]), { widthMm: 3 })).toThrow(RangeError);
  });
});

it('panelsCsv has a line for each panel, in the order of the letters', () => {
  const lines = panelsCsv(
    figure([
      [panel('FDK, first'), panel('=PnP')],
      [null, difference],
    ]),
  )
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe('a,"FDK, first","Axial, z 3 of 10",Attenuation (1/mm),0,0.04,0.02,0.01,0,0.04,0.5');
  expect(lines[2]).toMatch(/^b,'=PnP,/);
  expect(lines[3]).toMatch(/^c,\(a\) minus \(b\),.*,-0.01,0.01,/);
});
