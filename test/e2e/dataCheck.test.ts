// A scan whose rotation axis lies elsewhere than its vectors say: the window shows it, offers the correction, applies it only when asked and records it on the run.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveDetector, writeFaultyScan } from '../native/quality/faultyScans';
import {
  answerOpenDialog,
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

const config = `dataset: [{tomography_3d: {num_operators: 1, num_projections: 12}}]
solver: [FDK]
max-runs: 1
`;

describe('the check of the data', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    const file = join(home.folder, 'shifted-axis.pt');
    await writeFaultyScan(join(samples, 'walnut-mini.pt'), file, { vectors: (vectors) => moveDetector(vectors, -3) });
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
    await answerOpenDialog(program, file);
    await program.page.locator('.topbar .chip').first().click();
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  const finding = () => program.page.locator('.quality-note .finding').first();

  it('shows the geometry and one projection before anything is loaded whole', async () => {
    const { page } = program;
    await expect.poll(() => page.locator('.data-card .schematic').count(), { timeout: 20_000 }).toBe(2);
    await expect
      .poll(() => page.locator('.projection-preview figcaption').textContent(), { timeout: 20_000 })
      .toMatch(/^View 60 of 0 to 119/);
    await page.getByLabel('View shown').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.projection-preview figcaption').textContent()).toMatch(/^View 61 of/);
  });

  it('names the shifted axis and offers what mends it', async () => {
    await expect.poll(() => finding().textContent(), { timeout: 60_000 }).toMatch(/axis/i);
    expect(await finding().getByRole('button').textContent()).toMatch(/^Apply/);
    await picture(program.page, 'data-check');
    expect(await seriousViolations(program.page)).toEqual([]);
  });

  it('is taken back by Undo', async () => {
    await finding()
      .getByRole('button', { name: /^Apply/ })
      .click();
    expect(await program.page.locator('.quality-note summary').textContent()).toContain('axis-offset-mm');
    await finding().getByRole('button', { name: /^Undo/ }).click();
    expect(await program.page.locator('.quality-note summary').textContent()).not.toContain('axis-offset-mm');
  });

  it('is applied when asked, and recorded on the run', async () => {
    const { page } = program;
    await finding()
      .getByRole('button', { name: /^Apply/ })
      .click();
    await picture(page, 'data-check-applied');
    await typeConfig(page, config);
    await expect.poll(() => page.locator('.topbar .primary').isEnabled(), { timeout: 20_000 }).toBe(true);
    await page.locator('.topbar .primary').click();
    await showView(page, 'Runs');
    await expect.poll(() => page.locator('.run-table').textContent(), { timeout: 60_000 }).toMatch(/done/i);
    await page.locator('.run-page').getByRole('button', { name: 'Parameters' }).click();
    await expect.poll(() => page.locator('.run-page').textContent(), { timeout: 20_000 }).toContain('axis-offset-mm=');
    await picture(page, 'data-check-run');
    expect(program.pageErrors).toEqual([]);
  });
});
