/** A worker that somebody kills, in the real program: the run has a label of its own, says what to do, and goes on when it is retried. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, openTinyExperiment, type Program, picture, seriousViolations, setWindowSize, showView, startProgram } from './program';

const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
solver:
  - PnP:
      denoiser: drunet
      denoiser_sigma: 0.05
      max_batch_size: 4
      patch_size: [[20, 24, 24]]
      overlap: [[6, 4, 4]]
max-runs: 300
`;

describe('a killed worker', () => {
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

  it('is not a failure like others: the run says so, and what to do', async () => {
    const { app, page } = program;
    await (await openTinyExperiment(program, config, 1)).click();
    await showView(page, 'Runs');
    await expect.poll(() => page.locator('.run-page .outcome').textContent(), { timeout: 60_000 }).toMatch(/Iteration[1-9]\d* of 300/);
    const pid = await app.evaluate(({ app: electron }) => electron.getAppMetrics().find(({ name }) => name?.startsWith('Worker'))?.pid);
    process.kill(pid ?? 0, 'SIGKILL');
    await expect.poll(() => page.locator('.run-row .status').textContent(), { timeout: 30_000 }).toBe('Worker killed');
    const failure = page.locator('.run-error');
    expect(await failure.textContent()).toMatch(/was killed \(signal SIGKILL\) by somebody or something outside TomoBench/);
    expect(await failure.textContent()).toContain('What it had finished is kept; run the row again.');
    await picture(page, 'killed-1-light');
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('is found by its own filter, not among those that failed', async () => {
    const { page } = program;
    await page.getByLabel('Status').selectOption('Failed');
    await expect.poll(() => page.locator('.run-row').count()).toBe(0);
    await page.getByLabel('Status').selectOption('Worker killed');
    await expect.poll(() => page.locator('.run-row').count()).toBe(1);
    await page.getByRole('button', { name: 'Show all runs' }).click();
  });

  it('looks right in the dark, and Retry goes on', async () => {
    const { app, page } = program;
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('themeDark')?.click());
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await picture(page, 'killed-2-dark');
    expect(await seriousViolations(page)).toEqual([]);
    await page.locator('.run-page').getByRole('button', { name: 'Retry' }).click();
    await expect.poll(() => page.locator('.run-row .status').first().textContent(), { timeout: 60_000 }).toBe('Running');
    await page.locator('.run-page').getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.locator('.run-row .status').first().textContent(), { timeout: 60_000 }).toBe('Cancelled');
    expect(program.pageErrors).toEqual([]);
  });
});
