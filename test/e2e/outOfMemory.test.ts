/** A row that runs out of memory under a limit set in the window: said as what it is, told in the chart, and run again with half its batch, as a run of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, openTinyExperiment, type Program, picture, seriousViolations, setWindowSize, showView, startProgram } from './program';

/** 125 windows; 64 at once need more than the limit, 32 do not. */
const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
solver:
  - PnP:
      denoiser: drunet
      patch_size: [[8, 8, 8]]
      overlap: [[4, 12, 12]]
      max_batch_size: [64, 2]
      provider: cpu
      slurm_gres: "gpu:1"
      slurm_ntasks_per_node: 1
max-runs: 1
`;
const limitMiB = 450;

describe.runIf(process.platform === 'linux')('out of memory', () => {
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

  it('is limited by a number that is typed, and kept', async () => {
    const { page } = program;
    await openTinyExperiment(program, config, 2);
    await page.getByRole('button', { name: 'Run options...' }).click();
    const dialog = page.getByRole('dialog', { name: 'Run options' });
    await dialog.getByLabel(/^Memory limit of a worker/).fill('plenty');
    await dialog.getByText('must be a number of MiB above 0').waitFor();
    expect(await dialog.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Memory limit of a worker/).fill(String(limitMiB));
    await picture(page, 'memory-options');
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('button', { name: `${limitMiB} MiB a worker` }).waitFor();
  });

  it('ends the row, not the grid, and says what was asked for and what to do', async () => {
    const { page } = program;
    await page.locator('.topbar .button.primary').click();
    await expect.poll(() => page.locator('.run-row[data-status="done"]').count(), { timeout: 120_000 }).toBe(1);
    await page.locator('.run-row[data-status="out_of_memory"]').click();
    const failure = page.locator('.run-error');
    expect(await failure.textContent()).toMatch(/memory/);
    expect(await failure.textContent()).toContain(`limit ${limitMiB} MiB`);
  });

  it('offers half the batch, which runs beside it and is linked with it', async () => {
    const { page } = program;
    await page.getByRole('button', { name: 'Retry with half the batch' }).click();
    await expect.poll(() => page.locator('.run-row[data-status="done"]').count(), { timeout: 120_000 }).toBe(2);
    expect(await page.locator('.run-row[data-status="out_of_memory"]').count()).toBe(1);
    await picture(page, 'memory-out-of');
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.getByRole('button', { name: 'Retry with half the batch' }).count()).toBe(0);
    await page.locator('.run-error').getByRole('button', { name: 'Show that run' }).click();
    await expect.poll(() => page.locator('.run-page h2').textContent()).toContain('again with max_batch_size 32');
    await showView(page, 'Charts');
    await page.getByLabel('One chart, large').selectOption('memory-batch');
    await expect
      .poll(() => page.locator('[data-figure="memory-batch"] .legend').textContent(), { timeout: 20_000 })
      .toContain('Out of memory');
    expect(program.pageErrors).toEqual([]);
  });
});
