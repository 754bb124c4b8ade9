/** The list of runs and a run's page, in the real program: filters, stars, tags and notes, the timeline of ranks, comparing, a run as a new row, and 1,000 runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerSaveDialog,
  Home,
  type Program,
  picture,
  repository,
  seriousViolations,
  setWindowSize,
  showView,
  startProgram,
  typeConfig,
} from './program';

describe('runs', () => {
  const home = new Home().withExampleResults();
  let program: Program;
  const listed = (): Promise<number> => program.page.locator('.run-row').count();

  const dismissMessages = async (): Promise<void> => {
    const close = program.page.locator('.toast').getByRole('button', { name: 'Close message' });
    while ((await close.count()) > 0) await close.first().click();
  };

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('are found by words, and starred by key', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    await expect.poll(listed, { timeout: 20_000 }).toBeGreaterThan(6);
    await page.getByLabel('Words in name, tags or note').fill('sirt');
    await expect.poll(listed).toBe(1);
    await page.locator('.run-row').click();
    await page.getByRole('grid', { name: /^Runs/ }).press('s');
    await expect.poll(() => page.locator('.run-row .star').getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Show all runs' }).click();
    await page.getByRole('button', { name: 'Only runs with a star' }).click();
    await expect.poll(listed).toBe(1);
    await page.getByLabel('Status').selectOption('Queue');
    await expect.poll(() => page.getByText('No run passes the filter').count()).toBe(1);
    await page.locator('.empty').getByRole('button', { name: 'Show all runs' }).click();
    await expect.poll(listed).toBeGreaterThan(6);
  });

  it('are sorted by a column, best first, and ticked as a range', async () => {
    const { page } = program;
    const decibels = async (): Promise<number[]> =>
      (await page.locator('.run-row td[title="PSNR, dB"]').allTextContents()).filter((text) => text !== '').map(Number.parseFloat);
    const queued = await decibels();
    const sort = page.getByRole('button', { name: 'PSNR', exact: true });
    await sort.click();
    expect(await page.locator('th[aria-sort="descending"]').textContent()).toBe('PSNR');
    const best = await decibels();
    expect(best).toEqual(queued.toSorted((a, b) => b - a));
    expect(best).not.toEqual(queued);
    await picture(page, 'runs-12-sorted');
    expect(await seriousViolations(page)).toEqual([]);
    await sort.click();
    expect(await decibels()).toEqual(queued.toSorted((a, b) => a - b));
    await page.locator('.run-row input').nth(1).click();
    await page
      .locator('.run-row input')
      .nth(4)
      .click({ modifiers: ['Shift'] });
    await expect.poll(() => page.locator('.run-row input:checked').count()).toBe(4);
    await page.locator('.run-row input').nth(4).click();
    await page
      .locator('.run-row input')
      .nth(1)
      .click({ modifiers: ['Shift'] });
    await expect.poll(() => page.locator('.run-row input:checked').count()).toBe(0);
    await sort.click();
    expect(await decibels()).toEqual(queued);
  });

  it('carry tags and a note, which are kept', async () => {
    const { page } = program;
    await page.locator('.run-row').first().click();
    await page.locator('.run-page').getByRole('button', { name: 'Notes' }).click();
    await page.getByLabel('Add a tag').fill('paper');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.run-row').first().locator('.badge').textContent()).toBe('paper');
    await page.getByRole('textbox', { name: 'Note' }).fill('The shell is thin here.');
    const kept = (): unknown => {
      const database = new Sqlite(join(home.folder, 'workspace', 'tomobench.sqlite'), { readonly: true });
      const row = database
        .prepare<[], { annotation_json: string }>("SELECT annotation_json FROM runs WHERE annotation_json LIKE '%paper%'")
        .get();
      database.close();
      return row === undefined ? null : JSON.parse(row.annotation_json);
    };
    await expect.poll(kept, { timeout: 10_000 }).toEqual({ starred: false, tags: ['paper'], note: 'The shell is thin here.' });
    await picture(page, 'runs-1-notes');
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('show the steps of each rank on a time axis, and what differs from their neighbours', async () => {
    const { page } = program;
    await page.locator('.run-row', { hasText: 'max_batch_size 8' }).first().click();
    await page.locator('.run-page').getByRole('button', { name: 'Steps' }).click();
    await expect.poll(() => page.locator('.timeline rect.denoise').count(), { timeout: 20_000 }).toBeGreaterThan(5);
    await picture(page, 'runs-2-timeline');
    await page.locator('.run-page').getByRole('button', { name: 'Parameters' }).click();
    expect(await page.locator('.run-page tr', { hasText: 'max_batch_size' }).first().textContent()).toContain('others:');
    await picture(page, 'runs-2-parameters');
  });

  it('become a new row of the configuration', async () => {
    const { page } = program;
    await showView(page, 'Experiment');
    await typeConfig(page, readFileSync(join(repository, 'resources', 'examples', 'batch-and-workers.yml'), 'utf8'));
    await expect.poll(() => page.locator('.topbar .button.primary').textContent(), { timeout: 20_000 }).toContain('8 rows');
    await showView(page, 'Runs');
    const before = await page.locator('.topbar .button.primary').textContent();
    await page.getByRole('button', { name: 'Duplicate as a new row of the configuration' }).click();
    await expect.poll(() => page.locator('.row-grid').count(), { timeout: 20_000 }).toBe(1);
    await expect.poll(() => page.locator('.topbar .button.primary').textContent(), { timeout: 20_000 }).not.toBe(before);
  });

  it('are exported as tables, records and a bundle', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    await page.locator('.run-row').nth(0).getByRole('checkbox').check();
    await page.locator('.run-row').nth(1).getByRole('checkbox').check();
    const starts = { CSV: 'objective', Parquet: 'PAR1', JSON: '{', Bundle: 'PK' };
    for (const [name, start] of Object.entries(starts)) {
      await page.locator('.runs-list').getByRole('button', { name: 'Export...' }).click();
      const dialog = page.getByRole('dialog', { name: 'Export 2 runs' });
      await dialog.getByRole('radio', { name }).check();
      if (name === 'Bundle') {
        await picture(page, 'runs-11-export');
        expect(await seriousViolations(page)).toEqual([]);
      }
      const extension = name === 'Bundle' ? 'zip' : name.toLowerCase();
      const file = join(home.folder, `all.${extension}`);
      await answerSaveDialog(program, file);
      await dialog.getByRole('button', { name: 'Save...' }).click();
      await expect.poll(() => page.getByRole('dialog').count(), { timeout: 20_000 }).toBe(0);
      const bytes = readFileSync(file);
      expect(bytes.toString('latin1').trimStart().slice(0, start.length)).toBe(start);
      if (name === 'CSV') expect(bytes.toString()).toContain('SIRT');
      if (name === 'Bundle') {
        const members = unzipSync(bytes);
        expect(Object.keys(members)).toEqual(
          expect.arrayContaining(['manifest.json', 'runs.json', 'results.csv', 'results.parquet', 'configs/0.yml']),
        );
      }
    }
    await dismissMessages();
    for (const place of [0, 1]) await page.locator('.run-row').nth(place).getByRole('checkbox').uncheck();
  });

  it('are compared by ticking two', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    await page.locator('.run-row').nth(0).getByRole('checkbox').check();
    await page.locator('.run-row').nth(1).getByRole('checkbox').check();
    await page.locator('.runs-list').getByRole('button', { name: 'Compare' }).click();
    await expect.poll(() => page.getByRole('slider', { name: 'Iterate, right' }).count(), { timeout: 20_000 }).toBe(1);
    expect(program.pageErrors).toEqual([]);
  });

  it('are compared by threes and fours, with what differs from the first below', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    await page.locator('.run-row').nth(2).getByRole('checkbox').check();
    await dismissMessages();
    await page.locator('.runs-list').getByRole('button', { name: 'Compare' }).click();
    await expect.poll(() => page.getByRole('slider', { name: 'Iterate, third' }).count(), { timeout: 20_000 }).toBe(1);
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count()).toBe(3);
    await page.getByRole('button', { name: 'Add a volume' }).click();
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count()).toBe(4);
    expect(await page.getByRole('button', { name: 'Add a volume' }).count()).toBe(0);
    await picture(page, 'runs-5-four');
    await page.getByRole('checkbox', { name: 'Difference (d)' }).check();
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count()).toBe(7);
    // The fourth has another size, so that there is no difference to draw.
    await expect.poll(() => page.locator('canvas[data-drawn^="difference"]').count(), { timeout: 20_000 }).toBe(2);
    await picture(page, 'runs-6-four-differences');
    const names = page.locator('.pane-title');
    await expect.poll(() => names.last().getAttribute('title')).toMatch(/^Left \u2212 fourth, \u00b10\.\d+$/);
    // On one line, and nothing cut off, in panes a quarter of this window wide.
    const differences = await names.evaluateAll((all) =>
      all.slice(4).map((each) => [each.clientHeight < 24, each.scrollWidth <= each.clientWidth]),
    );
    expect(differences).toEqual(Array.from({ length: 3 }, () => [true, true]));
    await page.getByRole('button', { name: 'Take the fourth volume away' }).click();
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count()).toBe(5);
    await picture(page, 'runs-7-three-differences');
    await page.getByRole('button', { name: 'Figure of the slices...' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Double column' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'PDF' }).click();
    await page.waitForTimeout(300);
    await picture(page, 'runs-10-panels');
    const file = join(home.folder, 'panels.pdf');
    await answerSaveDialog(program, file);
    await page.getByRole('dialog').getByRole('button', { name: 'Save...' }).click();
    await expect.poll(() => page.getByRole('dialog').count(), { timeout: 20_000 }).toBe(0);
    const pdf = readFileSync(file).toString('latin1');
    // 175 mm in points; five panels as images; fonts inside.
    expect(pdf).toMatch(/MediaBox \[0 0 496\.0/);
    expect(pdf.split('/Subtype /Image').length - 1).toBeGreaterThanOrEqual(5);
    expect(pdf).toContain('FontFile2');
    expect(readFileSync(join(home.folder, 'panels.csv'), 'utf8').trim().split('\n')).toHaveLength(6);
    // Over all of them and the reference of the open data, whose voxels are smaller: one statistic and one curve each.
    await page.getByRole('checkbox', { name: 'Difference (d)' }).uncheck();
    await page.keyboard.press('s');
    const box = await page.locator('canvas[data-pane="0"]').first().boundingBox();
    const at = (part: number): [number, number] => [(box?.x ?? 0) + part * (box?.width ?? 0), (box?.y ?? 0) + part * (box?.height ?? 0)];
    await page.mouse.move(...at(0.45));
    await page.mouse.down();
    await page.mouse.move(...at(0.55), { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(() => page.getByRole('region', { name: 'Region statistics' }).locator('tbody tr').count(), { timeout: 20_000 })
      .toBe(4);
    await picture(page, 'runs-8-three-statistics');
    await page.getByRole('button', { name: 'Flicker' }).click();
    await expect.poll(() => page.locator('.overlaid-layer').count()).toBe(3);
    await page.getByRole('button', { name: 'Side by side' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    expect(program.pageErrors).toEqual([]);
  });

  it('are looked at in 3D from where they were left, also after a restart', async () => {
    const { page } = program;
    const camera = (): unknown => {
      const database = new Sqlite(join(home.folder, 'workspace', 'tomobench.sqlite'), { readonly: true });
      const kept = database.prepare<[], { value: string }>("SELECT value_json AS value FROM settings WHERE name = 'session'").get();
      database.close();
      return JSON.parse(kept?.value ?? '{}').viewer?.camera ?? null;
    };
    await page.getByRole('button', { name: 'Four views' }).click();
    const view = page.locator('[data-pane="3"] canvas').first();
    await view.waitFor({ timeout: 20_000 });
    const box = await view.boundingBox();
    const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
    const before = camera();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 30, { steps: 6 });
    await page.mouse.up();
    await expect.poll(camera, { timeout: 20_000 }).not.toEqual(before);
    await page.waitForTimeout(1500);
    const left = camera();
    expect(left).not.toBeNull();
    await program.app.close();
    program = await startProgram(home);
    await program.page.locator('[data-pane="3"] canvas').first().waitFor({ timeout: 20_000 });
    await picture(program.page, 'runs-9-camera');
    expect(camera()).toEqual(left);
    await program.page.getByRole('button', { name: 'Compare' }).click();
    await expect.poll(() => program.page.getByRole('slider', { name: 'Iterate, third' }).count(), { timeout: 20_000 }).toBe(1);
  });

  it('scroll by the thousand with only those in sight in the page', async () => {
    await program.app.close();
    const database = new Sqlite(join(home.folder, 'workspace', 'tomobench.sqlite'));
    database.exec(`INSERT INTO runs (id, experiment_id, owner, key, label, row_json, repetition, status, created_at)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      SELECT 'many-' || i, r.experiment_id, r.owner, 'many-' || i, 'many ' || i, r.row_json, i, 'cancelled', r.created_at
      FROM n, (SELECT * FROM runs LIMIT 1) r`);
    database.close();
    program = await startProgram(home);
    const { page } = program;
    await showView(page, 'Runs');
    await expect.poll(() => page.locator('.runs-list h2').textContent(), { timeout: 20_000 }).toMatch(/^10\d\d runs/);
    const seen = new Set<string>();
    for (let step = 0; step <= 60; step++) {
      await page.locator('.run-scroller').evaluate((element, part) => {
        element.scrollTop = part * element.scrollHeight;
      }, step / 60);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const ids = await page.locator('.run-row').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.run ?? ''));
      expect(ids.length).toBeLessThan(80);
      for (const id of ids) seen.add(id);
    }
    expect(seen.size).toBeGreaterThan(1000);
    await picture(page, 'runs-3-thousand');
    expect(program.pageErrors).toEqual([]);
  });
});
