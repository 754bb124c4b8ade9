// Runs the vitest projects and counts their tests from vitest's own report, so that a crashed run never looks like a passed one.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withVirtualDisplay } from './bootstrap/display.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { buildFolder, root } from './bootstrap/state.mjs';

const skipReporter = join(root, 'scripts', 'skipReporter.mjs');

/**
 * Tests of one report of vitest, and what a wrong exit code adds.
 * @param {unknown} report parsed JSON, or undefined where vitest left none
 * @param {number} exitCode
 */
export function countTests(report, exitCode) {
  /** @type {{ testResults?: { status: string, name: string, assertionResults?: { status: string }[] }[] }} */
  const { testResults = [] } = report && typeof report === 'object' ? report : {};
  const tests = testResults.flatMap((file) => file.assertionResults ?? []);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  // A file that cannot be loaded has no tests in the report, but failed all the same.
  const failedFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults?.some((test) => test.status === 'failed'),
  ).length;
  const failed = failedTests + failedFiles;
  return { passed, failed: exitCode !== 0 && failed === 0 ? 1 : failed };
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string} project of vitest.config.ts
 * @param {string[]} [args] further arguments of vitest
 */
export async function runSuite(node, env, project, args = []) {
  const reportFile = join(buildFolder, 'reports', `${project}.json`);
  mkdirSync(join(buildFolder, 'reports'), { recursive: true });
  rmSync(reportFile, { force: true });
  process.stdout.write(`\n== ${project} ==\n`);
  const vitest = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--reporter=${skipReporter}`,
  ];
  const command = [...vitest, `--outputFile.json=${reportFile}`, ...args];
  const [program, programArgs] = project === 'e2e' ? withVirtualDisplay(node, command) : [node, command];
  const exitCode = await runInForeground(program, programArgs, { cwd: root, env });
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    process.stdout.write(`${project}: vitest left no report\n`);
  }
  return countTests(report, exitCode);
}
