/** The unpacked package starts by itself, with its workers, its samples and the records of its own workspace. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron as electron } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { Home, repository } from './program';

const home = new Home().withExampleResults();
afterAll(() => home.remove());

it.runIf(process.platform === 'linux')('npm run package makes a folder that starts', async () => {
  execFileSync(process.execPath, [join(repository, 'scripts', 'package.mjs')], { cwd: repository, stdio: 'pipe' });
  const folder = join(repository, 'dist', 'linux-unpacked');
  const application = join(folder, 'resources', 'app');
  expect(existsSync(join(application, 'src'))).toBe(false);
  expect(JSON.parse(readFileSync(join(application, 'package.json'), 'utf8')).name).toBe('tomobench');
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const app = await electron.launch({
    executablePath: join(folder, 'tomobench'),
    args: ['--no-sandbox', '--disable-background-networking'],
    // Nothing of the checkout may be needed.
    cwd: home.folder,
    env: { ...inherited, TOMOBENCH_WORKSPACE: home.workspace, TOMOBENCH_USER_DATA: join(home.folder, 'profile') },
    timeout: 60_000,
  });
  try {
    const page = await app.firstWindow();
    await page.locator('.data-card h2').waitFor({ timeout: 60_000 });
    await expect.poll(() => page.locator('.data-card h2').textContent(), { timeout: 30_000 }).toBe('walnut-mini.pt');
    expect(await app.evaluate(({ app: packaged }) => packaged.isPackaged)).toBe(true);
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Charts' }).click();
    await expect
      .poll(() => page.locator('[data-figure="psnr-iteration"] .scatterlayer path.point').count(), { timeout: 30_000 })
      .toBeGreaterThan(20);
    await expect.poll(() => page.getByRole('button', { name: 'Run 4 rows' }).isEnabled(), { timeout: 30_000 }).toBe(true);
  } finally {
    await app.close();
  }
});
