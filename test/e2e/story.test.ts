/** The story of the program's first use, in the real program: open, edit, run, watch, look, export, restart. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOpenDialog,
  answerSaveDialog,
  Home,
  type Program,
  picture,
  samples,
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
    const points = (): Promise<number> => page.locator('.run-page [data-figure="psnr-iteration"] .scatterlayer path.point').count();
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
    await page.getByRole('button', { name: 'Side by side' }).click();
    await page.getByRole('checkbox', { name: 'Difference (d)' }).check();
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count()).toBe(3);
    await picture(page, 'story-5-compare');
  });

  it('exports a figure with its numbers', async () => {
    const { page } = program;
    await showView(page, 'Charts');
    await page.getByRole('button', { name: 'PSNR', exact: true }).click();
    const file = join(home.folder, 'psnr.svg');
    await answerSaveDialog(program, file);
    await page.getByRole('button', { name: 'SVG + CSV' }).click();
    await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 20_000 }).toContain('</svg>');
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/<svg [^>]*width="140mm"[^>]*height="90mm"/);
    expect(svg).toContain('PSNR (dB)');
    expect(svg).toContain('max_batch_size 4');
    const csv = readFileSync(join(home.folder, 'psnr.csv'), 'utf8').trim().split('\n');
    expect(csv[0]).toBe('series,run,iteration,Iteration,PSNR (dB)');
    expect(csv).toHaveLength(1 + 2 * 6);
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
    expect(await page.getByRole('button', { name: 'PSNR', exact: true }).getAttribute('aria-pressed')).toBe('true');
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
