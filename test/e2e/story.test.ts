/** The story of the program's first use, in the real program: open, edit, run, watch, look, export, restart. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOpenDialog,
  answerSaveDialog,
  Home,
  type Program,
  picture,
  samples,
  saveAs,
  seriousViolations,
  setWindowSize,
  showView,
  startProgram,
  typeConfig,
} from './program';

const config = `# Two short rows.
objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
      geometry_type: conebeam
      use_dataset_sinogram: true
solver:
  - PnP:
      denoiser: drunet
      slurm_gres, slurm_ntasks_per_node, distribute_physics, distribute_denoiser, patch_size, overlap, max_batch_size: [
        ["gpu:2", 2, true, true, [20,24,24], [6,4,4], 4],
        ["gpu:2", 2, true, true, [20,24,24], [6,4,4], 2],
      ]
max-runs: 5
n-repetitions: 1
`;

describe('the story', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('starts with the bundled walnut, ready to run', async () => {
    const { page } = program;
    await expect.poll(() => page.getByRole('button', { name: 'Run 4 rows' }).isEnabled(), { timeout: 30_000 }).toBe(true);
    expect(await page.locator('.data-card h2').textContent()).toBe('walnut-mini.pt');
    await picture(page, 'story-1-start');
  });

  it('opens walnut-tiny.pt through the dialog and says what it holds', async () => {
    const { page } = program;
    await answerOpenDialog(program, join(samples, 'walnut-tiny.pt'));
    await page.locator('.data-card').getByRole('button', { name: 'Open data...' }).click();
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('40 views of 78 x 61');
    expect(await page.locator('.data-card h2').textContent()).toBe('walnut-tiny.pt');
  });

  it('shows what is typed as rows, and problems by line', async () => {
    const { page } = program;
    await typeConfig(page, config.replace('num_projections', 'num_projection'));
    await expect.poll(() => page.getByRole('list', { name: 'Problems' }).textContent(), { timeout: 20_000 }).toContain('num_projections');
    expect(await page.getByRole('list', { name: 'Problems' }).textContent()).toContain('Line 6');
    await typeConfig(page, config);
    await expect.poll(() => page.getByRole('button', { name: 'Run 2 rows' }).isEnabled(), { timeout: 20_000 }).toBe(true);
  });

  it('writes an edited cell back into the text, refuses what is not allowed, and undoes', async () => {
    const { page } = program;
    const cell = page.locator('td[data-cell="1:0"]');
    expect(await cell.textContent()).toBe('2');
    await cell.dblclick();
    await page.getByRole('textbox', { name: 'max_batch_size of row 2' }).fill('many');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.grid-panel .message').textContent(), { timeout: 20_000 }).toContain('max_batch_size');
    await picture(page, 'story-1-edit');
    await page.getByRole('textbox', { name: 'max_batch_size of row 2' }).fill('3');
    await page.keyboard.press('Enter');
    await expect.poll(() => cell.textContent(), { timeout: 20_000 }).toBe('3');
    expect(await page.locator('.yaml-editor .cm-content').textContent()).toContain('[6,4,4], 3]');
    await cell.focus();
    await page.keyboard.press('Control+Z');
    await expect.poll(() => cell.textContent(), { timeout: 20_000 }).toBe('2');
    await page.keyboard.press('Control+Y');
    await expect.poll(() => cell.textContent(), { timeout: 20_000 }).toBe('3');
  });

  it('runs the rows, and the curves grow', async () => {
    const { page } = program;
    await page.getByRole('button', { name: 'Run 2 rows' }).click();
    const points = async (): Promise<number> => {
      const curve = page.locator('.run-page [data-figure="psnr-iteration"]');
      return (await curve.count()) === 0 ? 0 : Number(await curve.getAttribute('data-points'));
    };
    await expect.poll(points, { timeout: 120_000 }).toBeGreaterThanOrEqual(2);
    const early = await points();
    await picture(page, 'story-2-running');
    await expect.poll(points, { timeout: 120_000 }).toBe(6);
    expect(early).toBeLessThanOrEqual(6);
    await expect.poll(() => page.locator('.run-row[data-status="done"]').count(), { timeout: 240_000 }).toBe(2);
    await picture(page, 'story-3-done');
  });

  it('scrubs through the iterates', async () => {
    const { page } = program;
    await page.locator('.run-page').getByRole('button', { name: 'View' }).click();
    const slider = page.getByRole('slider', { name: 'Iterate, left' });
    await expect.poll(() => slider.getAttribute('aria-valuetext'), { timeout: 20_000 }).toBe('iterate 5');
    await expect.poll(() => paintedPixels(program, 0), { timeout: 20_000 }).toBeGreaterThan(1000);
    await picture(page, 'story-4-iterate-5');
    const last = await pixelSum(program, 0);
    await slider.fill('0');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('iterate 0');
    await expect.poll(() => page.locator('.pane-corner.top.left').first().textContent()).toContain('iterate 0');
    await expect.poll(() => pixelSum(program, 0), { timeout: 20_000 }).not.toBe(last);
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('checkbox', { name: 'Difference (d)' }).check();
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count()).toBe(3);
    await picture(page, 'story-5-compare');
  });

  it('measures along a line and in a rectangle, of all volumes at once, and saves the profile', async () => {
    const { page } = program;
    await page.getByRole('checkbox', { name: 'Difference (d)' }).uncheck();
    await page.keyboard.press('l');
    const panel = page.getByRole('region', { name: 'Line profile' });
    await panel.waitFor();
    await drag(program, 0, [0.3, 0.5], [0.7, 0.5]);
    await expect.poll(() => panel.locator('.scatterlayer .trace').count(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    await picture(page, 'story-7-profile');
    const file = join(home.folder, 'profile.svg');
    await answerSaveDialog(program, file);
    await panel.getByRole('button', { name: 'Export...' }).click();
    await saveAs(program, 'SVG');
    await expect.poll(() => existsSync(join(home.folder, 'profile.csv')), { timeout: 20_000 }).toBe(true);
    const lines = readFileSync(join(home.folder, 'profile.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('series,run,iteration,Distance (mm),Value (1/mm)');
    expect(lines.length).toBeGreaterThan(20);
    await page.keyboard.press('s');
    const statistics = page.getByRole('region', { name: 'Region statistics' });
    await statistics.waitFor();
    await drag(program, 0, [0.45, 0.45], [0.55, 0.55]);
    const row = statistics.locator('tbody tr').first();
    await expect.poll(async () => Number(await row.locator('td').first().textContent()), { timeout: 20_000 }).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    expect(await statistics.count()).toBe(0);
  });

  it('wipes and flickers between two volumes', async () => {
    const { page } = program;
    await page.getByRole('button', { name: 'Swipe' }).click();
    const handle = page.getByRole('slider', { name: 'Part of the view that shows the left volume' });
    const box = await handle.boundingBox();
    if (box === null) throw new Error('The handle has no place.');
    await page.mouse.move(box.x + box.width / 2, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 150, box.y + 200, { steps: 4 });
    await page.mouse.up();
    expect(Number(await handle.getAttribute('aria-valuenow'))).toBeGreaterThan(55);
    await picture(page, 'story-8-swipe');
    await page.getByRole('button', { name: 'Flicker' }).click();
    const shown = (): Promise<string[]> =>
      page.locator('.overlaid-layer').evaluateAll((layers) => layers.map((layer) => getComputedStyle(layer).visibility));
    const first = await shown();
    expect(first.toSorted()).toEqual(['hidden', 'visible']);
    await expect.poll(shown, { timeout: 5_000 }).toEqual(first.toReversed());
    await page.getByRole('button', { name: 'Side by side' }).click();
  });

  it.each(['svg', 'pdf', 'png'] as const)('exports a figure as %s, with its numbers', async (format) => {
    const { page } = program;
    await showView(page, 'Charts');
    await page.getByLabel('One chart, large').selectOption('psnr-iteration');
    const file = join(home.folder, `psnr.${format}`);
    await answerSaveDialog(program, file);
    await page.getByRole('button', { name: 'Export...' }).click();
    await page.getByRole('button', { name: 'One and a half' }).click();
    await picture(page, `story-6-export-${format}`);
    await saveAs(program, format.toUpperCase());
    await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => page.getByRole('dialog').count(), { timeout: 20_000 }).toBe(0);
    const bytes = readFileSync(file);
    if (format === 'svg') {
      expect(bytes.toString()).toMatch(/<svg [^>]*width="130mm"/);
      expect(bytes.toString()).toContain('PSNR (dB)');
    } else if (format === 'pdf') {
      // 130 mm in points.
      expect(bytes.toString('latin1')).toMatch(/MediaBox \[0 0 368\.5/);
      expect(bytes.toString('latin1')).toContain('FontFile2');
    } else {
      // 130 mm at 300 dots per inch.
      expect(bytes.readUInt32BE(16)).toBe(1535);
    }
    const csv = readFileSync(join(home.folder, 'psnr.csv'), 'utf8').trim().split('\n');
    expect(csv[0]).toBe('series,run,iteration,Iteration,PSNR (dB)');
    expect(csv).toHaveLength(1 + 2 * 6);
  });

  it('writes the whole set of a paper into one folder', async () => {
    const { page } = program;
    const folder = join(home.folder, 'paper');
    mkdirSync(folder);
    await answerOpenDialog(program, folder);
    await page.getByRole('button', { name: 'Paper set...' }).click();
    await page.getByRole('dialog').waitFor();
    await picture(page, 'story-6-paper');
    await saveAs(program, 'PDF');
    await expect.poll(() => readdirSync(folder).toSorted(), { timeout: 30_000 }).toContain('memory-batch.pdf');
    await expect.poll(() => page.getByRole('dialog').count(), { timeout: 20_000 }).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.csv')).length).toBeGreaterThanOrEqual(5);
    expect(readFileSync(join(folder, 'results.tex'), 'utf8')).toContain('max\\_batch\\_size 4');
    expect(readFileSync(join(folder, 'results.md'), 'utf8')).toContain('| max_batch_size 4 |');
    await page.getByLabel('One chart, large').selectOption('psnr-iteration');
    await picture(page, 'story-6-charts');
  });

  it.each(['light', 'dark'] as const)('has no serious accessibility problem in the %s theme', async (theme) => {
    const { page } = program;
    await program.app.evaluate(
      ({ Menu }, id) => Menu.getApplicationMenu()?.getMenuItemById(id)?.click(),
      theme === 'dark' ? 'themeDark' : 'themeLight',
    );
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
    for (const view of ['Experiment', 'Runs', 'Viewer', 'Charts'] as const) {
      await showView(page, view);
      await page.waitForTimeout(1200);
      await picture(page, `view-${view.toLowerCase()}-${theme}`);
      expect(await seriousViolations(page), `${view}, ${theme}`).toEqual([]);
    }
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog', { name: 'Keyboard and mouse' }).isVisible()).toBe(true);
    expect(await seriousViolations(page), `shortcuts, ${theme}`).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('leaves nothing of the 3D view behind', async () => {
    const { page } = program;
    const living = (): Promise<number> => page.evaluate(() => Number(document.documentElement.dataset.liveGraphics));
    await showView(page, 'Viewer');
    await page.getByRole('button', { name: 'Four views' }).click();
    await expect.poll(living, { timeout: 20_000 }).toBeGreaterThan(3);
    await showView(page, 'Experiment');
    await expect.poll(living, { timeout: 20_000 }).toBe(0);
  });

  it('comes back as it was left', async () => {
    await program.page.waitForTimeout(1000);
    expect(program.pageErrors).toEqual([]);
    await program.app.close();
    program = await startProgram(home);
    const { page } = program;
    expect(await page.locator('.rail button[aria-current="page"]').textContent()).toBe('Experiment');
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await showView(page, 'Charts');
    expect(await page.getByLabel('One chart, large').inputValue()).toBe('psnr-iteration');
    await expect.poll(() => page.locator('.chart-panel .scatterlayer path.point').count(), { timeout: 30_000 }).toBe(12);
    await showView(page, 'Experiment');
    await expect.poll(() => page.locator('.data-card h2').textContent(), { timeout: 20_000 }).toBe('walnut-tiny.pt');
    await expect.poll(() => page.locator('td[data-cell="1:0"]').textContent(), { timeout: 20_000 }).toBe('3');
    await showView(page, 'Runs');
    expect(await page.locator('.run-row[data-status="done"]').count()).toBe(2);
    await showView(page, 'Viewer');
    await expect
      .poll(() => page.getByRole('slider', { name: 'Iterate, left' }).getAttribute('aria-valuetext'), { timeout: 20_000 })
      .toBe('iterate 0');
    expect(program.pageErrors).toEqual([]);
  });
});

/** Pixels of a slice pane that are not black. */
function paintedPixels({ page }: Program, axis: number): Promise<number> {
  return page
    .locator(`canvas[data-pane="${axis}"]`)
    .first()
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((count, value, index) => count + (index % 4 === 0 && value > 40 ? 1 : 0), 0);
    });
}

function pixelSum({ page }: Program, axis: number): Promise<number> {
  return page
    .locator(`canvas[data-pane="${axis}"]`)
    .first()
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      return canvas
        .getContext('2d')!
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.reduce((sum, value) => sum + value, 0);
    });
}

/** Drags in the first pane of an axis, from and to fractions (x, y) of its size. */
async function drag({ page }: Program, axis: number, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const box = await page.locator(`canvas[data-pane="${axis}"]`).first().boundingBox();
  if (box === null) throw new Error(`The pane of axis ${axis} has no place.`);
  await page.mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height, { steps: 5 });
  await page.mouse.up();
  // A pane that moves under the pointer would spoil what is being drawn.
  expect(await page.locator(`canvas[data-pane="${axis}"]`).first().boundingBox()).toEqual(box);
}
