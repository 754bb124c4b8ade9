// The C++ tests of the native code, built apart from the addon and run by ctest: with address and undefined-behaviour sanitizers where asked.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compile, requireCompiler } from './bootstrap/native.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { SetUpError, say, step } from './bootstrap/report.mjs';
import { buildFolder } from './bootstrap/state.mjs';

/**
 * Tests in a JUnit file of ctest.
 * @param {string} junit
 * @param {number} exitCode of ctest
 */
export function countNativeTests(junit, exitCode) {
  const number = (/** @type {string} */ name) => Number(new RegExp(`<testsuite[^>]*\\s${name}="(\\d+)"`).exec(junit)?.[1] ?? 0);
  const total = number('tests');
  const failed = number('failures');
  // No test at all means that nothing was checked.
  const failures = [...junit.matchAll(/<testcase[^>]*\sname="([^"]*)"[^>]*\sstatus="fail"/g)].map(([, name]) => `C++ test ${name}`);
  return {
    passed: total - failed - number('skipped') - number('disabled'),
    failed: exitCode !== 0 || total === 0 ? Math.max(failed, 1) : failed,
    failures,
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {{ sanitize?: boolean }} [options]
 */
export async function runNativeTests(env, { sanitize = false } = {}) {
  requireCompiler(env);
  const name = sanitize ? 'native-sanitized' : 'native-tests';
  const folder = join(buildFolder, name);
  process.stdout.write(`\n== C++ tests${sanitize ? ' with sanitizers' : ''} ==\n`);
  const options = [
    `-DCMAKE_BUILD_TYPE=${sanitize ? 'RelWithDebInfo' : 'Release'}`,
    '-DTOMO_CUDA=OFF',
    '-DTOMO_TESTS=ON',
    `-DTOMO_SANITIZE=${sanitize ? 'ON' : 'OFF'}`,
    // With sanitizers GCC warns of variables that are set on every path.
    `-DTOMO_WARNINGS_AS_ERRORS=${sanitize ? 'OFF' : 'ON'}`,
  ];
  try {
    await step('building the C++ tests', '1 to 2 minutes, less when little changed', () => compile(folder, options, env, name));
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    // The other suites still have something to say.
    process.stdout.write(`FAILED to build the C++ tests: ${error.message}\n`);
    return { passed: 0, failed: 1, failures: ['the build of the C++ tests'] };
  }
  const report = join(buildFolder, 'reports', `${name}.xml`);
  mkdirSync(join(buildFolder, 'reports'), { recursive: true });
  rmSync(report, { force: true });
  const exitCode = await runInForeground(
    'ctest',
    ['--test-dir', folder, '-C', 'Release', '--output-on-failure', '--output-junit', report],
    { env },
  );
  try {
    return countNativeTests(readFileSync(report, 'utf8'), exitCode);
  } catch {
    say('ctest left no report, so its tests count as failed');
    return { passed: 0, failed: 1, failures: ['ctest'] };
  }
}
