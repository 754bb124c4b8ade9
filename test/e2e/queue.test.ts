/** The queue's buttons, in the real program: a row is finished now and kept, the queue waits while it is paused and goes on, a row is cancelled. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, openTinyExperiment, type Program, picture, setWindowSize, showView, startProgram } from './program';

const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
solver:
  - PnP:
      denoiser: drunet
      denoiser_sigma: [0.03, 0.05]
      max_batch_size: 4
      patch_size: [[20, 24, 24]]
      overlap: [[6, 4, 4]]
max-runs: 300
`;

describe('the queue', () => {
  const home = new Home();
  let program: Program;
  const statuses = (): Promise<string[]> => program.page.locator('.run-row .status').allTextContents();
  const press = (name: string): Promise<void> => program.page.locator('footer').getByRole('button', { name }).first().click();

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('finishes a row now, keeps it, and waits while it is paused', async () => {
    const { page } = program;
    const run = await openTinyExperiment(program, config, 2);
    // 2 rows of 301 volumes of 40^3 float32, or of 4 when one in 100 is kept.
    await expect.poll(() => page.locator('.totals').textContent(), { timeout: 20_000 }).toContain('147 MiB of');
    await page.getByLabel('Keep').selectOption('one iterate in 100');
    await expect.poll(() => page.locator('.totals').textContent(), { timeout: 20_000 }).toContain('2.0 MiB of');
    await picture(page, 'queue-1-keep');
    await run.click();
    await showView(page, 'Runs');
    await expect.poll(() => page.locator('.run-page .outcome').textContent(), { timeout: 30_000 }).toMatch(/Iteration[1-9]\d* of 300/);
    await press('Pause queue');
    await press('Finish now');
    await expect.poll(statuses, { timeout: 30_000 }).toEqual(['Done early', 'Next']);
    expect(await page.locator('.run-page').getByRole('button', { name: 'View', exact: true }).isEnabled()).toBe(true);
    const kept = readdirSync(join(home.workspace, 'runs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.npy'));
    expect(kept.filter((file) => file.includes('iterate-')).length).toBeLessThan(5);
    expect(kept.some((file) => file.endsWith('iterate-0000.npy'))).toBe(true);
  });

  it('goes on, and cancels', async () => {
    await press('Resume queue');
    await expect.poll(statuses, { timeout: 30_000 }).toEqual(['Done early', 'Running']);
    await press('Cancel');
    await expect.poll(statuses, { timeout: 30_000 }).toEqual(['Done early', 'Cancelled']);
    expect(program.pageErrors).toEqual([]);
  });
});
