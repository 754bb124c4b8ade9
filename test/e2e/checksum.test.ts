/** The checksum of a large scan in the real program: Run shows how far it is in the corner, and Cancel there ends it with no run begun. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeLargeScan } from '../largeScan';
import { answerOpenDialog, Home, type Program, picture, setWindowSize, showView, startProgram } from './program';

describe('the checksum of a large scan', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    writeLargeScan(join(home.folder, 'large.pt'), 12 * 2 ** 30);
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('is shown while it is computed, and is cancelled', async () => {
    const { page } = program;
    const run = page.getByRole('button', { name: 'Run 4 rows' });
    await expect.poll(() => run.isEnabled(), { timeout: 30_000 }).toBe(true);
    await answerOpenDialog(program, join(home.folder, 'large.pt'));
    await page.locator('.data-card').getByRole('button', { name: 'Open data...' }).click();
    await expect.poll(() => page.locator('.data-card h2').textContent(), { timeout: 20_000 }).toBe('large.pt');
    await expect.poll(() => run.isEnabled(), { timeout: 30_000 }).toBe(true);
    await run.click();
    const bar = page.getByRole('progressbar', { name: 'Computing the checksum of large.pt' });
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 30_000 }).toBeGreaterThanOrEqual(5);
    await picture(page, 'checksum-1-running');
    await page.getByRole('button', { name: 'Cancel: Computing the checksum of large.pt' }).click();
    await expect.poll(() => page.locator('.tray').count(), { timeout: 30_000 }).toBe(0);
    await expect.poll(() => run.isEnabled(), { timeout: 30_000 }).toBe(true);
    await picture(page, 'checksum-2-cancelled');
    await showView(page, 'Runs');
    expect(await page.locator('.run-row').count()).toBe(0);
    expect(program.pageErrors).toEqual([]);
  });
});
