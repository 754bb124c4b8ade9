/** What the program was made for, from end to end: the published four rows on the walnut, measured beforehand, run on two workers, compared from the chart, exported, and there again after a restart. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOpenDialog,
  clickPoint,
  Home,
  type Program,
  picture,
  samples,
  saveAs,
  setWindowSize,
  showView,
  startProgram,
  typeConfig,
} from './program';

/** Of the published 40, what a test has time for. */
const iterations = 2;

describe('the published experiment', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    cpSync(join(samples, 'walnut-mini.pt'), join(home.folder, 'walnut.pt'));
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('opens the walnut through the dialog, and its grid as a template', async () => {
    const { page } = program;
    await expect.poll(() => page.getByRole('button', { name: 'Run 4 rows' }).isEnabled(), { timeout: 30_000 }).toBe(true);
    await answerOpenDialog(program, join(home.folder, 'walnut.pt'));
    await page.locator('.data-card').getByRole('button', { name: 'Open data...' }).click();
    await expect.poll(() => page.locator('.data-card h2').textContent(), { timeout: 20_000 }).toBe('walnut.pt');
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('120 views of 194 x 154');

    await page.keyboard.press('Control+N');
    await page
      .getByRole('dialog', { name: 'New from template' })
      .getByRole('button', { name: /The published walnut experiment/ })
      .click();
    // The bundled experiment has four rows of the same batches too.
    await expect.poll(() => page.locator('.row-grid').textContent(), { timeout: 20_000 }).toContain('[8,256,256]');
    const cells = page.locator('.row-grid tbody td[data-cell$=":0"]');
    expect(await cells.allTextContents()).toEqual(['10', '8', '4', '2']);
    const published = readFileSync(join(samples, '..', '..', 'configs', 'tomography_3d.yml'), 'utf8');
    expect(published).toMatch(/^max-runs: 40 /m);
    await typeConfig(page, published.replace(/^max-runs: 40/m, `max-runs: ${iterations}`));
    await expect.poll(() => page.locator('.totals').textContent(), { timeout: 20_000 }).toMatch(/^4 runs, 4[0-9]\.\d MiB/);
  });

  it('foretells memory, time and disk of each row', async () => {
    const { page } = program;
    await page.locator('.grid-panel').getByRole('button', { name: 'Measure' }).click();
    await expect.poll(() => page.locator('.forecast .progress').count(), { timeout: 180_000 }).toBe(4);
    expect(await page.locator('.totals').textContent()).toMatch(/^4 runs, about .* free disk$/);
    await picture(page, 'seed-1-preflight');
  });

  it('runs the rows on two workers, in sight', async () => {
    const { page } = program;
    await page.getByRole('button', { name: 'Run 4 rows' }).click();
    await expect.poll(() => page.locator('.run-row[data-status="running"]').count(), { timeout: 60_000 }).toBe(1);
    await expect.poll(() => page.locator('.run-row[data-status="done"]').count(), { timeout: 120_000 }).toBeGreaterThan(0);
    await picture(page, 'seed-2-running');
    await expect.poll(() => page.locator('.run-row[data-status="done"]').count(), { timeout: 120_000 }).toBe(4);
    await page.locator('.run-row').first().click();
    const run = page.locator('.run-page');
    await run.getByRole('button', { name: 'Steps' }).click();
    const ranks = run.locator('tbody tr td:nth-child(2)');
    await expect.poll(() => ranks.allTextContents(), { timeout: 20_000 }).toContain('1');
    expect(new Set(await ranks.allTextContents())).toEqual(new Set(['0', '1']));
    await picture(page, 'seed-3-done');
    await run.getByRole('button', { name: 'Prediction' }).click();
    expect(await run.textContent()).toContain('This row was probed on this machine as it is.');
    await picture(page, 'seed-3-prediction');
  });

  it('opens two iterates from the chart and compares them', async () => {
    const { page } = program;
    await showView(page, 'Charts');
    await page.getByLabel('One chart, large').selectOption('psnr-iteration');
    const points = page.locator('[data-figure="psnr-iteration"] .scatterlayer path.point');
    await expect.poll(() => points.count(), { timeout: 30_000 }).toBe(4 * (iterations + 1));
    await page.waitForTimeout(500);
    await clickPoint(program, 'psnr-iteration', 0, ['Shift']);
    await page.getByText('Shift+click another point').waitFor();
    await clickPoint(program, 'psnr-iteration', iterations, ['Shift']);
    await expect.poll(() => page.locator('.rail [aria-current="page"]').textContent(), { timeout: 20_000 }).toContain('Viewer');
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    await page.getByRole('checkbox', { name: 'Difference (d)' }).check();
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBe(3);
    await page.waitForTimeout(500);
    await picture(page, 'seed-4-compared');
  });

  it('exports the figures and tables of a paper', async () => {
    const { page } = program;
    const folder = join(home.folder, 'paper');
    mkdirSync(folder);
    await showView(page, 'Charts');
    await answerOpenDialog(program, folder);
    await page.getByRole('button', { name: 'Paper set...' }).click();
    await saveAs(program, 'PDF');
    await expect.poll(() => page.getByRole('dialog').count(), { timeout: 60_000 }).toBe(0);
    const files = readdirSync(folder);
    for (const figure of ['psnr-iteration', 'psnr-time', 'memory-batch', 'slices']) expect(files).toContain(`${figure}.pdf`);
    // The reference and three rows, and below each row what it differs by; the rows' images are alike and stand in the file once.
    const slices = readFileSync(join(folder, 'slices.pdf')).toString('latin1');
    expect(slices.split('/Subtype /Image').length - 1).toBeGreaterThanOrEqual(3);
    expect(readFileSync(join(folder, 'slices.csv'), 'utf8').trim().split('\n')).toHaveLength(8);
    for (const batch of [10, 8, 4, 2]) expect(readFileSync(join(folder, 'results.md'), 'utf8')).toContain(`| max_batch_size ${batch} |`);
    expect(program.pageErrors).toEqual([]);
  });

  it('has everything after a restart', async () => {
    await program.page.waitForTimeout(1000);
    await program.app.close();
    program = await startProgram(home);
    const { page } = program;
    expect(await page.locator('.rail button[aria-current="page"]').textContent()).toContain('Charts');
    await expect
      .poll(() => page.locator('[data-figure="psnr-iteration"] .scatterlayer path.point').count(), { timeout: 30_000 })
      .toBe(4 * (iterations + 1));
    await showView(page, 'Viewer');
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBe(3);
    await showView(page, 'Runs');
    expect(await page.locator('.run-row[data-status="done"]').count()).toBe(4);
    await showView(page, 'Experiment');
    await expect.poll(() => page.locator('.data-card h2').textContent(), { timeout: 20_000 }).toBe('walnut.pt');
    await expect.poll(() => page.getByRole('button', { name: 'Run 4 rows' }).count(), { timeout: 20_000 }).toBe(1);
    expect(program.pageErrors).toEqual([]);
  });
});
