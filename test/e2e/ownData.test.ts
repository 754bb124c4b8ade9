/** From a scan of one's own to its reconstruction, in the real program: the steps of the user guide's chapter and their pictures. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOpenDialog, Home, type Program, picture, samples, setWindowSize, showView, startProgram, typeConfig } from './program';

const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 40
solver:
  - PnP:
      denoiser: drunet
      denoiser_sigma: [0.03, 0.05]
      patch_size: auto
      overlap: auto
      max_batch_size: auto
  - FISTA-TV:
      tv_weight: 0.0007
max-runs: 5
`;

describe('a scan of one’s own', () => {
  const home = new Home();
  let program: Program;
  const scan = join(home.folder, 'my-scan.pt');

  beforeAll(async () => {
    cpSync(join(samples, 'walnut-tiny.pt'), scan);
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('is opened, says what it holds, and is looked through', async () => {
    const { page } = program;
    await expect.poll(() => page.getByRole('button', { name: 'Run 4 rows' }).isEnabled(), { timeout: 30_000 }).toBe(true);
    await answerOpenDialog(program, scan);
    await page.locator('.data-card').getByRole('button', { name: 'Open data...' }).click();
    await expect.poll(() => page.locator('.data-card h2').textContent(), { timeout: 20_000 }).toBe('my-scan.pt');
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 60_000 }).toContain('Data check: nothing found');
    await picture(page, 'own-1-open');
    await page.locator('.data-card details > summary').click();
    await page.waitForTimeout(300);
    await picture(page, 'own-2-check');
    await page.locator('.data-card details > summary').click();
  });

  it('is shown as it was measured', async () => {
    const { page } = program;
    await page.locator('.data-card').getByRole('button', { name: 'Look at it' }).click();
    await page.locator('.viewer-main').first().waitFor();
    await page.keyboard.press('g');
    await page.waitForTimeout(1500);
    await picture(page, 'own-3-scan');
    expect(program.pageErrors).toEqual([]);
  });

  it('gets windows and batches of this machine, and is foretold', async () => {
    const { page } = program;
    await showView(page, 'Experiment');
    await typeConfig(page, config);
    await expect.poll(() => page.getByRole('button', { name: 'Run 3 rows' }).isEnabled(), { timeout: 20_000 }).toBe(true);
    await page.locator('.grid-panel').getByRole('button', { name: 'Measure' }).click();
    await expect.poll(() => page.locator('.forecast .progress').count(), { timeout: 90_000 }).toBe(3);
    await page.waitForTimeout(300);
    await picture(page, 'own-4-plan');
  });

  it('is reconstructed, and View shows the result where the scan was looked at before', async () => {
    const { page } = program;
    await page.getByRole('button', { name: 'Run 3 rows' }).click();
    await showView(page, 'Runs');
    await expect.poll(() => page.locator('.run-row[data-status="done"]').count(), { timeout: 90_000 }).toBe(3);
    await page.locator('.run-row').first().click();
    await page.waitForTimeout(600);
    await picture(page, 'own-5-runs');
    await page.locator('.run-page').getByRole('button', { name: 'View', exact: true }).click();
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBeGreaterThan(0);
    await page.waitForTimeout(1200);
    await picture(page, 'own-6-result');
    expect(program.pageErrors).toEqual([]);
  });
});
