/** The list of runs and a run's page, in the real program: filters, stars, tags and notes, the timeline of ranks, comparing, a run as a new row, and 1,000 runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, type Program, picture, repository, seriousViolations, setWindowSize, showView, startProgram, typeConfig } from './program';

describe('runs', () => {
  const home = new Home().withExampleResults();
  let program: Program;
  const listed = (): Promise<number> => program.page.locator('.run-row').count();

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

  it('are compared by ticking two', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    await page.locator('.run-row').nth(0).getByRole('checkbox').check();
    await page.locator('.run-row').nth(1).getByRole('checkbox').check();
    await page.locator('.runs-list').getByRole('button', { name: 'Compare' }).click();
    await expect.poll(() => page.getByRole('slider', { name: 'Iterate, right' }).count(), { timeout: 20_000 }).toBe(1);
    expect(program.pageErrors).toEqual([]);
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
