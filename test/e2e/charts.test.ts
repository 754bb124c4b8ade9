/** The charts in the real program, on finished runs: every figure, choosing points by mouse and keyboard, the budget line, and what ran out of memory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figureNames } from '../../src/engine/figures/figure';
import {
  answerSaveDialog,
  clickPoint,
  Home,
  type Program,
  picture,
  seriousViolations,
  setWindowSize,
  showView,
  startProgram,
} from './program';

describe('charts', () => {
  const home = new Home().withExampleResults();
  let program: Program;

  beforeAll(async () => {
    letOneRunOutOfMemory(join(home.workspace, 'tomobench.sqlite'));
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
    await showView(program.page, 'Charts');
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  const enlarge = (name: string) => program.page.getByLabel('One chart, large').selectOption(name);
  const tickAll = async (): Promise<void> => {
    for (const box of await program.page.locator('.picker-row input').all()) await box.check();
  };

  it('draws the rows of the newest experiment, then those that are ticked, repetitions together', async () => {
    const { page } = program;
    await expect.poll(() => page.locator('[data-figure="psnr-iteration"] .scatterlayer .trace').count(), { timeout: 20_000 }).toBe(6);
    await tickAll();
    await expect.poll(() => page.locator('[data-figure="psnr-iteration"] .scatterlayer .trace').count(), { timeout: 20_000 }).toBe(14);
  });

  it.each(['Quality', 'Time', 'Memory'])('%s is a page of charts without serious accessibility problems', async (group) => {
    const { page } = program;
    await page.getByRole('button', { name: group, exact: true }).click();
    await page.waitForTimeout(900);
    expect(await page.locator('.chart-box [data-figure]').count()).toBeGreaterThanOrEqual(2);
    await picture(page, `charts-${group.toLowerCase()}`);
    expect(await seriousViolations(page)).toEqual([]);
  });

  it.each(figureNames)('%s can be shown large', async (name) => {
    const { page } = program;
    await enlarge(name);
    await expect.poll(() => page.locator(`[data-figure="${name}"] .plotly, .chart-empty`).count(), { timeout: 20_000 }).toBeGreaterThan(0);
    await picture(page, `chart-${name}`);
  });

  it('shows the range of the repetitions, and a run that ran out of memory as a cross', async () => {
    const { page } = program;
    await enlarge('memory-batch');
    await expect.poll(() => page.locator('[data-figure="memory-batch"] .errorbar').count(), { timeout: 20_000 }).toBeGreaterThan(3);
    await expect.poll(() => page.locator('[data-figure="memory-batch"] .legend').textContent()).toContain('Out of memory');
  });

  it('drags the memory budget, moves it by keyboard, says what is left, and exports it', async () => {
    const { page } = program;
    await enlarge('memory-time');
    await page.getByRole('button', { name: 'Set a memory budget' }).click();
    const slider = page.getByRole('slider', { name: 'Memory budget' });
    const value = async (): Promise<number> => Number(await slider.getAttribute('aria-valuenow'));
    await slider.waitFor();
    const start = await value();
    const box = await slider.boundingBox();
    if (box === null) throw new Error('The budget line has no place.');
    await page.mouse.move(box.x + 200, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 60, { steps: 5 });
    await page.mouse.up();
    const dragged = await value();
    expect(dragged).toBeLessThan(start);
    await slider.focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(value).toBeGreaterThan(dragged);
    await page.getByLabel('Memory budget in MiB').fill('100');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.budget-bar').textContent()).toMatch(/\d+ of \d+ rows stay within it\. Fastest: .+ Best: .+ dB/);
    await page.waitForTimeout(600);
    await picture(page, 'charts-budget');
    expect(await seriousViolations(page)).toEqual([]);
    const file = join(home.folder, 'memory-time.svg');
    await answerSaveDialog(program, file);
    await page.keyboard.press('Control+E');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'SVG', exact: true }).click();
    await picture(page, 'charts-budget-export');
    await dialog.locator('.button.primary').click();
    await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain('Budget 100 MiB');
    await page.getByRole('button', { name: 'Clear' }).click();
  });

  it('opens the iterate of a clicked point', async () => {
    const { page } = program;
    await enlarge('psnr-iteration');
    await clickPoint(program, 'psnr-iteration', 1);
    await expect.poll(() => page.locator('.rail [aria-current="page"]').textContent(), { timeout: 20_000 }).toContain('Viewer');
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBeGreaterThan(0);
  });

  it('compares two points that are clicked with Shift, and two that are chosen by keyboard', async () => {
    const { page } = program;
    await showView(page, 'Charts');
    await clickPoint(program, 'psnr-iteration', 0, ['Shift']);
    await page.getByText('Shift+click another point').waitFor();
    await picture(page, 'charts-pinned');
    await clickPoint(program, 'psnr-iteration', 20, ['Shift']);
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    await picture(page, 'charts-compared');
    await showView(page, 'Charts');
    await page.getByRole('button', { name: 'Numbers' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    await picture(page, 'charts-numbers');
    await page.getByRole('button', { name: 'Pin to compare' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Compare with the pinned one' }).nth(5).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.rail [aria-current="page"]').textContent(), { timeout: 20_000 }).toContain('Viewer');
    expect(program.pageErrors).toEqual([]);
  });
});

/** As the queue records it; a real one needs a machine with little memory. */
function letOneRunOutOfMemory(file: string): void {
  const database = new Sqlite(file);
  const failure = { rank: 0, step: 'denoise', requested_mib: 64, peak_mib: 205, limit_mib: 220, how: 'refused' };
  const changed = database
    .prepare(
      `UPDATE runs SET status = 'out_of_memory', memory_failure_json = ? WHERE repetition >= 0 AND label LIKE '%max_batch_size 8%' AND row_json LIKE '%"slurm_ntasks_per_node":2%'`,
    )
    .run(JSON.stringify(failure));
  database.close();
  expect(changed.changes).toBeGreaterThan(0);
}
