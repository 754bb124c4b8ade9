/** Help > Open Example Results in the real program: finished runs at once, in a copy, and the way back to one's own workspace. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, type Program, picture, repository, seriousViolations, setWindowSize, showView, startProgram } from './program';

const shipped = join(repository, 'resources', 'examples', 'results', 'tomobench.sqlite');
const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('example results', () => {
  const home = new Home();
  let program: Program;
  const before = hashOf(shipped);

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  const openExample = (): Promise<void> =>
    program.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('openExample')?.click());
  const points = (): Promise<number> => program.page.locator('[data-figure="psnr-iteration"] .scatterlayer path.point').count();

  it('teaches the way there where there is nothing yet', async () => {
    const { page } = program;
    for (const view of ['Runs', 'Charts'] as const) {
      await showView(page, view);
      await page.getByRole('button', { name: 'Open example results' }).waitFor();
    }
    await picture(page, 'examples-1-empty');
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('shows curves of finished runs, and opens one of their iterates', async () => {
    const { page } = program;
    await openExample();
    await expect.poll(points, { timeout: 30_000 }).toBeGreaterThan(50);
    await picture(page, 'examples-2-charts');
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    await page.waitForTimeout(1500);
    await picture(page, 'examples-2-charts-dark');
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    await page.getByLabel('One chart, large').selectOption('psnr-iteration');
    await page.waitForTimeout(800);
    await picture(page, 'examples-2-one');
    await page.getByRole('button', { name: 'Overview', exact: true }).click();
    await showView(page, 'Runs');
    await page.locator('.run-row[data-status="done"]', { hasText: 'PnP-fast' }).first().dblclick();
    await picture(page, 'examples-3-runs');
    await page.getByRole('button', { name: 'View', exact: true }).first().click();
    await expect.poll(() => page.getByRole('slider', { name: 'Iterate, left' }).count(), { timeout: 20_000 }).toBe(1);
    await expect.poll(() => page.locator('[data-pane="3"] canvas').count(), { timeout: 20_000 }).toBe(1);
    await page.waitForTimeout(2000);
    await picture(page, 'examples-4-viewer');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Difference (d)' }).check();
    await expect.poll(() => page.locator('canvas[data-drawn^="difference"]').count(), { timeout: 20_000 }).toBe(1);
    await page.waitForTimeout(500);
    await picture(page, 'examples-5-compared');
    expect(await page.getByText('Example results, a copy').count()).toBe(1);
  });

  it('leads back to the own workspace as it was left, and leaves the shipped records as they are', async () => {
    const { page } = program;
    await page.getByRole('button', { name: 'Back to my results' }).click();
    await page.getByRole('button', { name: 'Open example results' }).waitFor({ timeout: 20_000 });
    expect(await page.locator('.rail button[aria-current="page"]').textContent()).toBe('Charts');
    expect(hashOf(shipped)).toBe(before);
    expect(program.pageErrors).toEqual([]);
  });

  it('starts in the own workspace again', async () => {
    await openExample();
    await expect.poll(points, { timeout: 30_000 }).toBeGreaterThan(50);
    await program.app.close();
    program = await startProgram(home);
    await showView(program.page, 'Runs');
    await program.page.getByRole('button', { name: 'Open example results' }).waitFor();
  });
});
