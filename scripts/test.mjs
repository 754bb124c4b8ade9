// npm test: sets up everything, then runs every check and test. The last line sums them up; the exit code says whether all passed.

import { setUp } from './bootstrap/index.mjs';
import { runMain } from './bootstrap/report.mjs';
import { runStaticChecks } from './checks.mjs';
import { runNativeTests } from './nativeTests.mjs';
import { runSuite } from './suites.mjs';

await runMain(async () => {
  const { node, env } = await setUp('tests');
  const total = { passed: 0, failed: 0 };
  /** @type {string[]} */
  const failedNames = [];
  const add = (/** @type {{ passed: number, failed: number, failures: string[] }} */ { passed, failed, failures }) => {
    total.passed += passed;
    total.failed += failed;
    failedNames.push(...failures);
  };
  process.stdout.write('\n== static checks ==\n');
  add(await runStaticChecks(node, env));
  add(await runNativeTests(env));
  for (const project of ['unit', 'architecture', 'native', 'integration', 'e2e']) add(await runSuite(node, env, project));
  if (failedNames.length > 0) process.stdout.write(`\nFailed:\n${failedNames.map((name) => `  ${name}\n`).join('')}`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
});
