/** The window as a place to work in: palette, keys, size, guide and tour by keyboard, in both themes; it comes back as it was left, also after a crash. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tourSteps } from '../../src/renderer/views/tourSteps';
import { Home, type Program, picture, seriousViolations, setWindowSize, showView, startProgram } from './program';

describe('living in the window', () => {
  const home = new Home().withExampleResults();
  let program: Program;

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  const menu = (id: string): Promise<void> =>
    program.app.evaluate(({ Menu }, name) => Menu.getApplicationMenu()?.getMenuItemById(name)?.click(), id);
  const view = () => program.page.locator('.rail [aria-current="page"]').textContent();
  const theme = async (name: 'light' | 'dark'): Promise<void> => {
    await menu(name === 'dark' ? 'themeDark' : 'themeLight');
    await expect.poll(() => program.page.evaluate(() => document.documentElement.dataset.theme)).toBe(name);
  };
  const scale = () => program.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor());

  it('finds commands, charts and runs by name, by keyboard alone', async () => {
    const { page } = program;
    await expect.poll(() => page.getByRole('button', { name: 'Run 4 rows' }).isEnabled(), { timeout: 30_000 }).toBe(true);
    await page.keyboard.press('Control+K');
    const box = page.getByRole('combobox', { name: 'Command, chart, file or run' });
    await expect.poll(() => box.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type('scaling');
    await expect.poll(() => page.getByRole('listbox').getByRole('option').allTextContents()).toEqual(['Scaling by workerschart']);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.chart-box h3').textContent(), { timeout: 20_000 }).toBe('Scaling by workers');
    await page.keyboard.press('Control+K');
    await page.keyboard.type('sirt');
    await page.keyboard.press('Enter');
    await expect.poll(view).toContain('Runs');
    expect(await page.locator('.run-row[aria-selected="true"]').textContent()).toContain('SIRT');
    await page.keyboard.press('Control+K');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('palette, guide and tour have no serious accessibility problem, %s', async (name) => {
    const { page } = program;
    await theme(name);
    for (const [id, dialog] of [
      ['palette', 'Commands'],
      ['guide', 'User guide'],
      ['shortcuts', 'Keyboard and mouse'],
    ] as const) {
      await menu(id);
      await page.getByRole('dialog', { name: dialog }).waitFor();
      await page.waitForTimeout(300);
      await picture(page, `living-${id}-${name}`);
      expect(await seriousViolations(page), `${id}, ${name}`).toEqual([]);
      await page.keyboard.press('Escape');
    }
    for (const shown of ['Runs', 'Viewer', 'Charts'] as const) {
      await showView(page, shown);
      await page.waitForTimeout(900);
      await picture(page, `living-${shown.toLowerCase()}-${name}`);
      expect(await seriousViolations(page), `${shown}, ${name}`).toEqual([]);
    }
    await menu('tour');
    await page.getByRole('region', { name: 'Five-minute tour' }).waitFor();
    await page.waitForTimeout(400);
    await picture(page, `living-tour-${name}`);
    expect(await seriousViolations(page), `tour, ${name}`).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('region', { name: 'Five-minute tour' }).count()).toBe(0);
  });

  it('shows the user guide with its pictures and chapters', async () => {
    const { page } = program;
    await page.keyboard.press('F1');
    const guide = page.getByRole('dialog', { name: 'User guide' });
    await guide.getByRole('button', { name: 'Compare and export' }).click();
    expect(await guide.locator('img').count()).toBeGreaterThan(5);
    await expect
      .poll(
        () =>
          guide
            .locator('img')
            .first()
            .evaluate((image) => (image as HTMLImageElement).naturalWidth),
        { timeout: 20_000 },
      )
      .toBeGreaterThan(500);
    await page.keyboard.press('Escape');
  });

  it('leads through the tour by keyboard, each step at its control', async () => {
    const { page } = program;
    await menu('tour');
    const card = page.getByRole('region', { name: 'Five-minute tour' });
    for (const [index, step] of tourSteps.entries()) {
      await expect.poll(() => card.locator('h2').textContent()).toBe(step.title);
      await expect.poll(() => page.locator('.tour-ring').count(), { timeout: 10_000 }).toBe(1);
      const box = await card.boundingBox();
      if (box === null) throw new Error('The card has no place.');
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.y + box.height).toBeLessThanOrEqual(800);
      if (index === 3) await picture(page, 'living-tour-run');
      await page.keyboard.press('Enter');
    }
    expect(await card.count()).toBe(0);
  });

  const listWidth = async (): Promise<number> => (await program.page.locator('.runs-list').boundingBox())?.width ?? 0;

  it('is enlarged to 200 %, not further, and stays usable', async () => {
    const { page } = program;
    await showView(page, 'Charts');
    for (let press = 0; press < 6; press++) await page.keyboard.press('Control+=');
    await expect.poll(scale).toBe(2);
    await page.waitForTimeout(600);
    await picture(page, 'living-200');
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press('Control+-');
    await page.keyboard.press('Control+-');
    await expect.poll(scale).toBe(1.5);
  });

  it('has borders that are dragged, and moved by keyboard', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    const border = page.getByRole('separator', { name: /^Border between the list/ });
    const before = await listWidth();
    const box = await border.boundingBox();
    if (box === null) throw new Error('The border has no place.');
    await page.mouse.move(box.x + box.width / 2, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 - 40, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await expect.poll(listWidth).toBeLessThan(before - 20);
    const dragged = await listWidth();
    await border.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(listWidth).toBeGreaterThan(dragged);
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('comes back as it was left: size, theme, chart, ticked runs, borders, place of the window and of the viewer', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    await page.getByRole('separator', { name: /^Border between the list/ }).press('Home');
    const narrow = await listWidth();
    await page.locator('.run-row input').nth(1).check();
    await page.locator('.run-row input').nth(3).check();
    await showView(page, 'Viewer');
    await page.locator('canvas[data-pane="0"]').first().waitFor({ timeout: 20_000 });
    await page.locator('canvas[data-pane="0"]').first().hover();
    await page.keyboard.press('PageUp');
    const slices = () =>
      page
        .locator('.side-panel input[type="range"], .panel input[type="range"]')
        .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
    const before = await slices();
    await setWindowSize(program, 1310, 830);
    await page.waitForTimeout(900);
    await program.app.close();
    program = await startProgram(home);
    expect(await scale()).toBe(1.5);
    expect(await view()).toContain('Viewer');
    expect(await program.page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    const size = await program.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getContentSize());
    expect(size).toEqual([1310, 830]);
    const restored = program.page.locator('.side-panel input[type="range"], .panel input[type="range"]');
    await expect
      .poll(() => restored.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)), { timeout: 20_000 })
      .toEqual(before);
    await showView(program.page, 'Runs');
    expect(await program.page.locator('.run-row input:checked').count()).toBe(2);
    // The window is wider than before, and the list's share of it the same.
    expect(Math.abs((await listWidth()) - narrow)).toBeLessThan(30);
    await showView(program.page, 'Charts');
    expect(await program.page.getByLabel('One chart, large').inputValue()).toBe('workers');
  });

  it('draws the page anew when its process dies, with everything as it was', async () => {
    const { app, page } = program;
    await page.waitForTimeout(900);
    await app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<void>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          contents?.once('did-finish-load', () => resolve());
          contents?.forcefullyCrashRenderer();
        }),
    );
    const state = (): Promise<string | null> =>
      app.evaluate(async ({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        return contents?.executeJavaScript(
          `[document.querySelector('.toasts')?.textContent, document.querySelector('.rail [aria-current]')?.textContent, document.querySelectorAll('.picker-row').length].join('|')`,
        );
      });
    await expect.poll(state, { timeout: 30_000 }).toMatch(/drawn anew after an error.*\|Charts\|[1-9]/);
  });
});
