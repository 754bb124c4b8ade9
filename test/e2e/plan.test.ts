/** The plan, in the real program: templates, text and grid as one document, many cells at once, parameters that vary, and problems where they are. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, type Program, picture, samples, seriousViolations, setWindowSize, startProgram, typeConfig } from './program';

const config = `# Kept: the first comment.
objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
solver:
  - PnP:
      denoiser: drunet # kept: the network
      # kept: batch, sigma
      max_batch_size, denoiser_sigma, patch_size, overlap: [
        [4, 0.05, [20,24,24], [6,4,4]],
        [2, 0.05, [20,24,24], [6,4,4]],
      ]
max-runs: 5
`;

describe('the plan', () => {
  const home = new Home();
  let program: Program;
  const editor = (): Promise<string> => program.page.locator('.yaml-editor .cm-content').innerText();
  const column = (key: string): Promise<string[]> => program.page.locator(`td[data-key="${key}"] > span:first-child`).allTextContents();
  const paste = async (text: string): Promise<void> => {
    await program.app.evaluate(({ clipboard }, value) => clipboard.writeText(value), text);
    await program.page.keyboard.press('Control+V');
  };

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('starts a configuration from a template, by keyboard alone', async () => {
    const { page } = program;
    await expect.poll(() => page.getByRole('button', { name: 'Run 4 rows' }).isEnabled(), { timeout: 30_000 }).toBe(true);
    await page.keyboard.press('Control+N');
    const dialog = page.getByRole('dialog', { name: 'New from template' });
    await dialog.getByRole('button', { name: /Sigma by lambda/ }).waitFor();
    for (const title of ['The published walnut experiment', 'Patch sweep', 'Sigma by lambda', 'Baselines']) {
      expect(await dialog.getByRole('button', { name: new RegExp(title) }).count()).toBe(1);
    }
    await picture(page, 'plan-1-templates');
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: /Sigma by lambda/ }).press('Enter');
    await expect.poll(() => page.getByRole('button', { name: 'Run 12 rows' }).count(), { timeout: 20_000 }).toBe(1);
    expect(await page.locator('.text-panel h2').textContent()).toBe('Untitled');
    expect(await column('denoiser_lambda_relaxation')).toEqual(Array.from({ length: 3 }, () => ['300', '1000', '3000', '10000']).flat());
  });

  it('pastes rows of a spreadsheet, adding those that are missing, and keeps comments', async () => {
    const { page } = program;
    await typeConfig(page, config);
    await expect.poll(() => column('max_batch_size'), { timeout: 20_000 }).toEqual(['4', '2']);
    await page.locator('td[data-key="max_batch_size"]').nth(1).click();
    await paste('3\n6\n1');
    await expect.poll(() => column('max_batch_size'), { timeout: 20_000 }).toEqual(['4', '3', '6', '1']);
    await paste('max_batch_size\tdenoiser_sigma\n8\t0.02\n5\t');
    await expect.poll(() => column('max_batch_size'), { timeout: 20_000 }).toEqual(['4', '8', '5', '1']);
    expect(await column('denoiser_sigma')).toEqual(['0.05', '0.02', '0.05', '0.05']);
    const text = await editor();
    for (const comment of ['# Kept: the first comment.', '# kept: the network', '# kept: batch, sigma']) expect(text).toContain(comment);
  });

  it('copies cells as a spreadsheet takes them, and fills down', async () => {
    const { app, page } = program;
    await page.locator('td[data-key="denoiser_sigma"]').first().click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => page.locator('.grid-footer').textContent()).toContain('4 cells chosen');
    await page.keyboard.press('Control+C');
    expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe('0.05\t4\n0.02\t8');
    await page.keyboard.press('Control+Shift+D');
    await expect.poll(() => column('max_batch_size'), { timeout: 20_000 }).toEqual(['4', '4', '5', '1']);
    expect(await column('denoiser_sigma')).toEqual(['0.05', '0.05', '0.05', '0.05']);
    await picture(page, 'plan-2-cells');
  });

  it('undoes and redoes edits of the grid and of the text in one line of history', async () => {
    const { page } = program;
    await page.locator('td[data-key="max_batch_size"]').first().click();
    await page.keyboard.press('Control+Z');
    await expect.poll(() => column('max_batch_size'), { timeout: 20_000 }).toEqual(['4', '8', '5', '1']);
    await page.keyboard.press('Control+Z');
    await expect.poll(() => column('max_batch_size'), { timeout: 20_000 }).toEqual(['4', '3', '6', '1']);
    await page.keyboard.press('Control+Z');
    await page.keyboard.press('Control+Z');
    await expect.poll(editor, { timeout: 20_000 }).toContain('Sigma by lambda');
    for (let step = 0; step < 4; step++) await page.keyboard.press('Control+Y');
    await expect.poll(() => column('max_batch_size'), { timeout: 20_000 }).toEqual(['4', '4', '5', '1']);
  });

  it('gives each row its own value of a parameter, and sweeps another one', async () => {
    const { page } = program;
    const dialog = page.getByRole('dialog', { name: 'Vary a parameter' });
    await page.getByRole('button', { name: 'Vary a parameter...' }).click();
    await dialog.getByLabel('Parameter').selectOption('denoiser');
    await picture(page, 'plan-3-vary');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect.poll(editor, { timeout: 20_000 }).toContain('overlap, denoiser: [');
    expect(await editor()).toContain('# kept: the network');
    await page.getByRole('button', { name: 'Vary a parameter...' }).click();
    await dialog.getByLabel('Parameter').selectOption('norm_strategy');
    await dialog.getByLabel('Every row with each of these values').check();
    await dialog.getByLabel('Values', { exact: true }).fill('dynamic, unknown');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect.poll(() => dialog.getByRole('alert').textContent()).toContain('it must be dynamic');
    await dialog.getByLabel('Values', { exact: true }).fill('dynamic, clip');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect.poll(() => page.locator('td[data-key="norm_strategy"]').count(), { timeout: 20_000 }).toBe(8);
  });

  it('underlines a problem in the text and in the cell it is about', async () => {
    const { page } = program;
    await typeConfig(page, config.replace('[2, 0.05', '[0, 0.05'));
    const cell = page.locator('td[data-key="max_batch_size"].underlined');
    await expect.poll(() => cell.count(), { timeout: 20_000 }).toBe(1);
    expect(await cell.getAttribute('title')).toContain('in one batch');
    expect(await page.locator('.yaml-editor .cm-lintRange-warning').count()).toBeGreaterThan(0);
    await typeConfig(page, config.replace('[2, 0.05', '[2, "x"'));
    await expect.poll(() => page.locator('.yaml-editor .cm-lintRange-error').count(), { timeout: 20_000 }).toBeGreaterThan(0);
    expect(await page.locator('th.refused').textContent()).toBe('denoiser sigma');
    expect(await page.locator('.grid-panel .message').textContent()).toContain('rows from before it');
    await picture(page, 'plan-4-problem');
    expect(await seriousViolations(page)).toEqual([]);
    await typeConfig(page, config);
    await expect.poll(() => page.getByRole('button', { name: 'Run 2 rows' }).isEnabled(), { timeout: 20_000 }).toBe(true);
  });

  it('says how much work a voxel is, and notes patches that do not fit', async () => {
    const { page } = program;
    await program.app.evaluate(
      ({ dialog }, path) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
      },
      join(samples, 'walnut-tiny.pt'),
    );
    await page.locator('.data-card').getByRole('button', { name: 'Open data...' }).click();
    await expect
      .poll(() => page.locator('td.planned:not(.forecast-cell)').first().textContent(), { timeout: 20_000 })
      .toMatch(/^\d+ %\d+ in \d+ batch/);
    await typeConfig(page, config.replaceAll('[20,24,24]', '[50,50,50]'));
    await expect.poll(() => page.locator('.row-grid .badge.warn').count(), { timeout: 20_000 }).toBe(2);
    expect(await page.locator('.row-grid .badge.warn').first().getAttribute('title')).toContain('does not fit the volume');
  });

  it('measures what rows need, and shows memory, time and disk', async () => {
    const { page } = program;
    await typeConfig(page, config);
    await expect.poll(() => page.locator('.totals').textContent(), { timeout: 20_000 }).toMatch(/^2 runs, .* free disk$/);
    await page.locator('.grid-panel').getByRole('button', { name: 'Measure' }).click();
    await expect.poll(() => page.locator('.forecast .progress').count(), { timeout: 180_000 }).toBe(2);
    expect(await page.locator('.forecast-words').first().textContent()).toMatch(/MiB|GiB/);
    expect(await page.locator('.totals').textContent()).toContain('about');
    await picture(page, 'plan-5-forecast');
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('writes the advised windows and the batch that pays into the row they are for, with the reason', async () => {
    const { page } = program;
    const note = (): Promise<string> =>
      page
        .locator('.toast')
        .allTextContents()
        .then((texts) => texts.join(' '));
    await page.getByRole('button', { name: 'Advise patch for row 1' }).click();
    await expect.poll(() => column('patch_size'), { timeout: 120_000 }).not.toEqual(['[20,24,24]', '[20,24,24]']);
    await expect
      .poll(note, { timeout: 20_000 })
      .toMatch(
        /patch_size \[.*\] with overlap \[\d+, \d+, \d+\]: \d\.\d\d voxels computed for each of the volume.* Tried on this data for \d+ iterations: .*windows as written \([+-]/,
      );
    expect((await column('patch_size'))[1]).toBe('[20,24,24]');
    await picture(page, 'plan-6-advised');
    const work = await page.locator('td.planned:not(.forecast-cell)').allTextContents();
    expect(Number.parseFloat(work[0] ?? '')).toBeLessThan(Number.parseFloat(work[1] ?? ''));
    await page.getByRole('button', { name: 'Auto batch for row 2' }).click();
    await expect.poll(note, { timeout: 120_000 }).toMatch(/max_batch_size \d+: /);
    const [untouched, chosen] = await column('max_batch_size');
    expect(untouched).toBe('4');
    expect(await note()).toContain(`max_batch_size ${chosen}: `);
    await picture(page, 'plan-7-batch');
  });

  it('takes auto as a value, and Measure shows what it stands for', async () => {
    const { page } = program;
    const automatic = config.replace(/\[4, 0\.05.*\n/, '[auto, 0.05, auto, auto],\n').replace(/ *\[2, 0\.05.*\n/, '');
    await typeConfig(page, automatic);
    await expect.poll(() => page.getByRole('button', { name: 'Run 1 row' }).count(), { timeout: 20_000 }).toBe(1);
    await page.locator('.grid-panel').getByRole('button', { name: 'Measure' }).click();
    await expect.poll(() => page.locator('.forecast .progress').count(), { timeout: 120_000 }).toBe(1);
    await picture(page, 'plan-8-auto');
  });

  it.each(['light', 'dark'] as const)('has nothing serious for axe to find, %s', async (theme) => {
    const { app, page } = program;
    const id = theme === 'dark' ? 'themeDark' : 'themeLight';
    await app.evaluate(({ Menu }, name) => Menu.getApplicationMenu()?.getMenuItemById(name)?.click(), id);
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
    await page.waitForTimeout(300);
    await picture(page, `plan-9-${theme}`);
    expect(await seriousViolations(page)).toEqual([]);
    expect(program.pageErrors).toEqual([]);
  });
});
