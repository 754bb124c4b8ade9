// Runs the vitest projects and counts their tests from vitest's own report, so that a crashed run never looks like a passed one.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withVirtualDisplay } from './bootstrap/display.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { buildFolder, root } from './bootstrap/state.mjs';

const skipReporter = join(root, 'scripts', 'skipReporter.mjs');

/**
 * Tests of one report of vitest, and what a wrong exit code adds; the names of those that failed.
 * @param {unknown} report parsed JSON, or undefined where vitest left none
 * @param {number} exitCode
 */
export function countTests(report, exitCode) {
  /** @type {{ testResults?: { status: string, name: string, assertionResults?: { status: string, fullName?: string }[] }[] }} */
  const { testResults = [] } = report && typeof report === 'object' ? report : {};
  const failures = testResults.flatMap(({ status, name, assertionResults = [] }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed').map((test) => `${relative(root, name)}: ${test.fullName}`);
    // A file that cannot be loaded has no tests in the report, but failed all the same.
    return failed.length === 0 && status === 'failed' ? [`${relative(root, name)} as a whole`] : failed;
  });
  const passed = testResults.flatMap((file) => file.assertionResults ?? []).filter((test) => test.status === 'passed').length;
  if (exitCode !== 0 && failures.length === 0) failures.push(`the run itself, exit code ${exitCode}`);
  return { passed, failed: failures.length, failures };
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
