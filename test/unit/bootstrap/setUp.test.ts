// The parts of set-up that decide something without downloading or building: versions, folders, fingerprints, package lists, counts.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cached, cacheFolder } from '../../../scripts/bootstrap/cache.mjs';
import { missingPackages } from '../../../scripts/bootstrap/debian.mjs';
import { hasDisplay } from '../../../scripts/bootstrap/display.mjs';
import { contentKey, listFiles, quickKey } from '../../../scripts/bootstrap/fingerprint.mjs';
import { environmentFor, isNewEnough } from '../../../scripts/bootstrap/node.mjs';
import { integrityOf } from '../../../scripts/bootstrap/npmPackage.mjs';
import { matchesLock } from '../../../scripts/bootstrap/packages.mjs';
import { capture, findProgram, runLogged } from '../../../scripts/bootstrap/processes.mjs';
import { SetUpError } from '../../../scripts/bootstrap/report.mjs';
import { countNativeTests } from '../../../scripts/nativeTests.mjs';
import { countTests } from '../../../scripts/suites.mjs';

let folder = '';
const cacheHome = process.env.XDG_CACHE_HOME;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-set-up-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
});

describe('Node', () => {
  test.each([
    ['18.20.0', false],
    ['20.20.2', false],
    ['22.13.9', false],
    ['22.14.0', true],
    ['23.0.0', true],
    ['24.21.0', true],
  ])('%s is new enough: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test('its folder comes first on PATH and only once', () => {
    const { PATH } = environmentFor('/opt/node/bin/node', { PATH: '/usr/bin:/opt/node/bin:/bin' });
    expect(PATH).toBe('/opt/node/bin:/usr/bin:/bin');
  });

  test('the digest has the form of a lock file', () => {
    const bytes = new TextEncoder().encode('tomography');
    expect(integrityOf(bytes)).toBe(`sha512-${createHash('sha512').update(bytes).digest('base64')}`);
  });
});

describe('cache folder', () => {
  test.each([
    ['linux', { HOME: '/h' }, '/h/.cache/tomobench'],
    ['linux', { HOME: '/h', XDG_CACHE_HOME: '/c' }, '/c/tomobench'],
    ['darwin', { HOME: '/h' }, '/h/Library/Caches/tomobench'],
    ['win32', { HOME: '/h', LOCALAPPDATA: '/l' }, '/l/tomobench'],
  ])('%s with %j', (platform, env, expected) => {
    expect(cacheFolder(env, platform)).toBe(expected);
  });

  test('an entry is made once, and a failed attempt leaves nothing behind', async () => {
    process.env.XDG_CACHE_HOME = folder;
    const failing = cached('thing-1', async (making) => {
      writeFileSync(join(making, 'half'), '');
      throw new Error('network');
    });
    await expect(failing).rejects.toThrow('network');
    expect(listFiles(join(folder, 'tomobench'), ['.'])).toEqual([]);
    let count = 0;
    const make = async (making: string): Promise<void> => {
      count += 1;
      writeFileSync(join(making, 'whole'), 'text');
    };
    const [first, second] = await Promise.all([cached('thing-1', make), cached('thing-1', make)]);
    expect(first).toBe(second);
    expect(count).toBe(1);
    expect(readFileSync(join(first, 'whole'), 'utf8')).toBe('text');
  });

  test('a folder that cannot be made is named with what to do', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    process.env.XDG_CACHE_HOME = file;
    await expect(cached('thing-1', async () => undefined)).rejects.toThrow(/cannot be written .* set XDG_CACHE_HOME to another folder/);
  });
});

describe('fingerprints', () => {
  test('the quick one follows times, the thorough one only names and contents', () => {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/a.ts'), 'one');
    writeFileSync(join(folder, 'src/b.md'), 'two');
    const files = listFiles(folder, ['src', 'absent'], (path) => path.endsWith('.ts'));
    expect(files).toEqual(['src/a.ts']);
    const quick = quickKey(folder, files);
    const content = contentKey(folder, files);
    utimesSync(join(folder, 'src/a.ts'), 1, 1);
    expect(quickKey(folder, files)).not.toBe(quick);
    expect(contentKey(folder, files)).toBe(content);
    writeFileSync(join(folder, 'src/a.ts'), 'won');
    expect(contentKey(folder, files)).not.toBe(content);
    expect(contentKey(folder, files, ['flag'])).not.toBe(contentKey(folder, files));
  });
});

describe('packages', () => {
  test('Debian packages count when installed or provided by an installed one', () => {
    const installed = ['cmake\tii \t', 'libasound2t64\tii \tlibasound2 (= 1.2.11), libfoo', 'xvfb\trc \t', 'libnss3\tii \t'].join('\n');
    expect(missingPackages(['cmake', 'libasound2', 'xvfb', 'libnss3', 'g++'], installed)).toEqual(['xvfb', 'g++']);
  });

  test('npm packages match the lock file only in the same version; optional ones may be absent', () => {
    const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } } };
    expect(matchesLock(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true);
    expect(matchesLock(lock, { packages: { 'node_modules/a': { version: '1.0.1' } } })).toBe(false);
    expect(matchesLock(lock, { packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } } })).toBe(false);
    expect(matchesLock(lock, {})).toBe(false);
  });
});

describe('programs', () => {
  test('a display is needed on Linux only', () => {
    expect(hasDisplay({ DISPLAY: ':0' })).toBe(true);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
    expect(hasDisplay({})).toBe(process.platform !== 'linux');
  });

  test('a program is found on PATH, or not', () => {
    writeFileSync(join(folder, process.platform === 'win32' ? 'tool.exe' : 'tool'), '');
    expect(findProgram('tool', { PATH: folder })).toContain('tool');
    expect(findProgram('tool', { PATH: '' })).toBeUndefined();
  });

  test('output is captured; a program that fails or is missing gives nothing', async () => {
    expect(await capture(process.execPath, ['-e', 'console.log(6 * 7)'])).toBe('42\n');
    expect(await capture(process.execPath, ['-e', 'process.exit(3)'])).toBeUndefined();
    expect(await capture(join(folder, 'absent'), [])).toBeUndefined();
  });

  test('a failed program stops set-up with the advice, the reason and the log', async () => {
    const log = join(folder, 'logs', 'x.log');
    const run = (code: string, timeLimitSec?: number): Promise<string> =>
      runLogged(process.execPath, ['-e', code], { log, failure: 'do this.', ...(timeLimitSec === undefined ? {} : { timeLimitSec }) });
    expect(await run('console.log(1); console.error(2)')).toBe('1\n2\n');
    await expect(run('process.exit(4)')).rejects.toThrow(
      new SetUpError(`do this. (${process.execPath} ended with code 4; its output is in ${log})`),
    );
    await expect(run('setTimeout(() => {}, 60000)', 0.2)).rejects.toThrow('took longer than 0.2 s');
  });
});

describe('counting tests', () => {
  const report = (statuses: readonly string[], fileStatus = 'passed'): unknown => ({
    testResults: [
      { name: 'a', status: fileStatus, assertionResults: statuses.map((status, index) => ({ status, fullName: `t${index}` })) },
    ],
  });

  test('passed, failed and skipped are told apart', () => {
    expect(countTests(report(['passed', 'failed', 'skipped', 'passed'], 'failed'), 1)).toEqual({
      passed: 2,
      failed: 1,
      failures: [expect.stringMatching(/a: t1$/)],
    });
  });

  test('a file that does not load, a crash and a missing report count as failed', () => {
    expect(countTests(report([], 'failed'), 1)).toMatchObject({ passed: 0, failed: 1 });
    expect(countTests(report(['passed']), 139)).toEqual({ passed: 1, failed: 1, failures: ['the run itself, exit code 139'] });
    expect(countTests(undefined, 1)).toMatchObject({ passed: 0, failed: 1 });
  });

  test("ctest's report is read, and an empty one is no success", () => {
    const failing =
      '<testsuite name="x" tests="5" failures="1" disabled="0" skipped="1"><testcase name="odd" classname="odd" status="fail">';
    expect(countNativeTests(failing, 8)).toEqual({ passed: 3, failed: 1, failures: ['C++ test odd'] });
    expect(countNativeTests('<testsuite name="x"\n\ttests="3"\n\tfailures="0" disabled="0" skipped="0">', 0)).toMatchObject({
      passed: 3,
      failed: 0,
    });
    expect(countNativeTests('<testsuite name="x" tests="0" failures="0">', 0)).toMatchObject({ passed: 0, failed: 1 });
  });
});
