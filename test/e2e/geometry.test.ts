/** The measured data in the real program: the scan in 3D, its views and the sinogram, linked and checked against what the geometry says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, type Program, picture, seriousViolations, setWindowSize, showView, startProgram } from './program';

describe('the scan in the viewer', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
    await program.page.locator('.data-card h2', { hasText: 'walnut-mini.pt' }).waitFor({ timeout: 30_000 });
    await showView(program.page, 'Viewer');
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  const drawn = (pane: string): Promise<string | null> => program.page.locator(`canvas[data-pane="${pane}"]`).getAttribute('data-drawn');

  it('opens by one key: geometry, view and sinogram', async () => {
    const { page } = program;
    await page.locator('canvas[data-pane="0"]').waitFor({ timeout: 20_000 });
    await page.keyboard.press('g');
    await expect.poll(() => drawn('projection'), { timeout: 20_000 }).toBe('view 0');
    await expect.poll(() => drawn('sinogram'), { timeout: 20_000 }).toBe('row 97');
    await page.locator('[data-pane="geometry"] canvas').waitFor();
    expect(await page.getByText('120 over 360.0').count()).toBe(1);
  });

  it('scrubs views by wheel, keys and slider, rows by wheel on the sinogram', async () => {
    const { page } = program;
    await page.locator('canvas[data-pane="projection"]').hover();
    await page.mouse.wheel(0, 100);
    await expect.poll(() => drawn('projection')).toBe('view 1');
    await page.keyboard.down('Shift');
    await page.mouse.wheel(0, 100);
    await page.keyboard.up('Shift');
    await expect.poll(() => drawn('projection')).toBe('view 11');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => drawn('projection')).toBe('view 12');
    await page.getByRole('slider', { name: 'View', exact: true }).fill('40');
    await expect.poll(() => drawn('projection')).toBe('view 40');
    await page.locator('canvas[data-pane="sinogram"]').hover();
    await page.mouse.wheel(0, 100);
    await expect.poll(() => drawn('sinogram')).toBe('row 98');
    await page.keyboard.press('PageUp');
    await expect.poll(() => drawn('sinogram')).toBe('row 88');
  });

  it('a pick in one pane moves the other', async () => {
    const { page } = program;
    const box = await page.locator('canvas[data-pane="sinogram"]').boundingBox();
    if (box === null) throw new Error('The sinogram has no place.');
    await page
      .locator('canvas[data-pane="sinogram"]')
      .click({ position: { x: box.width / 2, y: box.height * 0.75 }, modifiers: ['Control'] });
    await expect.poll(async () => Number((await drawn('projection'))?.replace('view ', ''))).toBeGreaterThan(80);
  });

  it('draws the scan in 3D, and turns it with the view', async () => {
    const { page } = program;
    const canvas = page.locator('[data-pane="geometry"] canvas');
    const before = await canvas.screenshot();
    await page.getByRole('slider', { name: 'View', exact: true }).fill('10');
    await expect.poll(() => drawn('projection')).toBe('view 10');
    await expect.poll(async () => (await canvas.screenshot()).equals(before), { timeout: 20_000 }).toBe(false);
    await picture(page, 'scan-1');
  });

  it('the predicted axis lies on the symmetry of the measured sinogram', async () => {
    // Over a full turn the walnut's mean profile is symmetric about the axis, so the centre of gravity of all views is where the axis is drawn.
    const centres = await program.page.evaluate(async () => {
      const state = (await window.tomobench?.request('app.state', {})) as unknown as { value: { session: { dataPath: string } } };
      const inspected = (await window.tomobench?.request('data.inspect', { path: state.value.session.dataPath })) as unknown as {
        value: { id: string };
      };
      const reference = `tomo://volume/data/${inspected.value.id}/sinogram`;
      const { vectors, detectorColumns } = (await (await fetch(`${reference}/geometry`)).json()) as {
        vectors: number[];
        detectorColumns: number;
      };
      const values = new Float32Array(await (await fetch(`${reference}/slice?axis=1&index=97`)).arrayBuffer());
      let [sum, weight] = [0, 0];
      values.forEach((value, index) => {
        sum += value * (index % detectorColumns);
        weight += value;
      });
      return { measured: sum / weight, views: vectors.length / 12, columns: detectorColumns };
    });
    expect(centres.views).toBe(120);
    expect(Math.abs(centres.measured - (centres.columns - 1) / 2)).toBeLessThan(1);
  });

  it('plays the views, and stops', async () => {
    const { page } = program;
    await page.getByRole('combobox', { name: 'Speed of playing' }).selectOption('5 x');
    await page.getByRole('button', { name: 'Play the views' }).click();
    await expect.poll(async () => Number((await drawn('projection'))?.replace('view ', '')), { timeout: 20_000 }).toBeGreaterThan(13);
    await page.getByRole('button', { name: 'Stop playing' }).click();
    await page.getByRole('button', { name: 'Play the views' }).waitFor();
  });

  it('leaves nothing serious for axe to find, and no error in the page', async () => {
    const { page } = program;
    for (const theme of ['themeDark', 'themeLight']) {
      await program.app.evaluate(({ Menu }, id) => Menu.getApplicationMenu()?.getMenuItemById(id)?.click(), theme);
      await page.waitForTimeout(300);
      expect(await seriousViolations(page), theme).toEqual([]);
    }
    await page.keyboard.press('g');
    await page.locator('canvas[data-pane="0"]').waitFor();
    expect(program.pageErrors).toEqual([]);
  });
});
