/** The shell around the page, in the real program: what a page may not do, menus, a second start, workers that die, and quitting in the middle of a run. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TomobenchApi } from '../../src/shared/contract';
import { Home, type Program, repository, samples, startProgram } from './program';

declare global {
  interface Window {
    readonly tomobench?: TomobenchApi;
  }
}

describe('the shell', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    program = await startProgram(home);
  });
  afterAll(async () => {
    await program?.app.close().catch(() => {});
    home.remove();
  });

  it('gives the page the contract and nothing of Node', async () => {
    const seen = await program.page.evaluate(() => [typeof require, typeof process, ...Object.keys(window.tomobench ?? {}).sort()]);
    expect(seen).toEqual(['undefined', 'undefined', 'on', 'pathOfFile', 'request']);
  });

  it('opens no windows and refuses inline scripts and permissions', async () => {
    const { page } = program;
    expect(await page.evaluate(() => window.open('https://example.com/'))).toBeNull();
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.head.append(script);
      return document.title;
    });
    expect(ran).toBe('TomoBench');
    expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied');
  });

  it('never leaves its page', async () => {
    const { page } = program;
    const before = page.url();
    for (const address of [
      'https://example.com/',
      'file:///etc/passwd',
      'tomo://volume/data/00/reference/info',
      'data:text/html,taken over',
    ]) {
      await page.evaluate((href) => location.assign(href), address).catch(() => {});
      await page.waitForTimeout(150);
      expect(page.url()).toBe(before);
    }
    expect(await page.evaluate(() => document.title)).toBe('TomoBench');
    // Playwright goes on waiting for the refused ones.
    await page.reload();
    await page.waitForSelector('.shell');
  });

  it('answers no window but its own, even one that shows the same page', async () => {
    const answer = await program.app.evaluate(async ({ app: electronApp, BrowserWindow }) => {
      const preload = `${electronApp.getAppPath()}/out/preload/index.js`;
      const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true, contextIsolation: true } });
      await other.loadURL('tomo://app/index.html');
      const outcome = await other.webContents.executeJavaScript("window.tomobench.request('runs.list', {})");
      other.destroy();
      return outcome as unknown;
    });
    expect(answer).toEqual({ ok: false, code: 'internal', message: 'Requests from this page are not answered.' });
  });

  it('answers requests that are none with a value, not with a crash', async () => {
    const outcomes = await program.page.evaluate(async () => {
      const request = window.tomobench?.request as unknown as (name: unknown, argument: unknown) => Promise<{ ok: boolean; code: string }>;
      return [await request('fs.readFile', {}), await request('runs.get', {}), await request('runs.get', { id: 'nobody' })];
    });
    expect(outcomes.map(({ ok, code }) => [ok, code])).toEqual([
      [false, 'internal'],
      [false, 'internal'],
      [false, 'not_found'],
    ]);
  });

  it('serves nothing but the page and volumes that were opened', async () => {
    const statuses = await program.page.evaluate(async () => {
      const addresses = [
        'tomo://volume/data/00/reference/info',
        'tomo://volume/run/nobody/0/info',
        'tomo://app/%2e%2e%2f%2e%2e%2fpackage.json',
      ];
      return Promise.all(addresses.map(async (address) => (await fetch(address)).status));
    });
    expect(statuses).toEqual([404, 404, 404]);
  });

  it('has the menus with their shortcuts, and an entry changes the view', async () => {
    const { app, page } = program;
    const menus = await app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()?.items.map(({ label, submenu }) => [
        label,
        ...(submenu?.items ?? []).map((item) => `${item.label} ${item.accelerator ?? ''}`),
      ]),
    );
    expect(menus?.map(([label]) => label)).toEqual(['&File', '&View', '&Tools', '&Help']);
    expect(menus?.flat()).toEqual(expect.arrayContaining(['Open Data... CmdOrCtrl+O', 'Run CmdOrCtrl+Enter', 'Charts CmdOrCtrl+4']));
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('showCharts')?.click());
    await expect.poll(() => page.getByRole('navigation', { name: 'Views' }).locator('[aria-current]').textContent()).toContain('Charts');
  });

  it('takes the file of a second start', async () => {
    const { electronExecutable, flags, env } = JSON.parse(readFileSync(join(repository, 'build', 'runtime.json'), 'utf8'));
    const second = spawn(electronExecutable, [...flags, repository, join(samples, 'walnut-tiny.pt')], {
      env: {
        ...process.env,
        ...env,
        TOMOBENCH_WORKSPACE: join(home.folder, 'workspace'),
        TOMOBENCH_USER_DATA: join(home.folder, 'profile'),
      },
      stdio: 'ignore',
    });
    await new Promise((resolve) => second.on('exit', resolve));
    await expect.poll(() => program.page.locator('.data-card h2').textContent(), { timeout: 20_000 }).toBe('walnut-tiny.pt');
  });

  it('starts a dead record keeper and a dead data reader anew, and says so', async () => {
    const { app, page } = program;
    const workers = await app.evaluate(({ app: electronApp }) =>
      electronApp.getAppMetrics().filter(({ name }) => /^TomoBench (store|data)$/.test(name ?? '')),
    );
    expect(workers).toHaveLength(2);
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    for (const name of ['The record keeper', 'The data reader']) {
      await page.getByText(`${name} ended unexpectedly and was started again.`).waitFor({ timeout: 20_000 });
    }
    const listed = await page.evaluate(() => window.tomobench?.request('runs.list', {}));
    expect(listed).toEqual({ ok: true, value: [] });
  });

  it('records the running row when the program is closed in the middle of it', async () => {
    const { app, page } = program;
    await page.keyboard.press('Control+1');
    await page.getByRole('button', { name: 'Run 4 rows' }).click();
    const statuses = () =>
      page.evaluate(async () => {
        const runs = await window.tomobench?.request('runs.list', {});
        return runs?.ok ? runs.value.map((run) => run.status) : [];
      });
    await expect.poll(statuses, { timeout: 60_000 }).toContain('running');
    await app.close();
    const database = new Sqlite(join(home.folder, 'workspace', 'tomobench.sqlite'), { readonly: true });
    const recorded = database.prepare<[], { status: string }>('SELECT status FROM runs ORDER BY sequence').all();
    database.close();
    expect(recorded.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
  });
});
