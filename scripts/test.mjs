// npm test: sets up everything, then runs every check and test. The last line sums them up; the exit code says whether all passed.

import { setUp } from './bootstrap/index.mjs';
import { runMain } from './bootstrap/report.mjs';
import { runStaticChecks } from './checks.mjs';
import { runNativeTests } from './nativeTests.mjs';
import { runSuite } from './suites.mjs';

await runMain(async () => {
  const { node, env } = await setUp('tests');
  const total = { passed: 0, failed: 0 };
  const add = (/** @type {{ passed: number, failed: number }} */ { passed, failed }) => {
    total.passed += passed;
    total.failed += failed;
  };
  process.stdout.write('\n== static checks ==\n');
  add(await runStaticChecks(node, env));
  add(await runNativeTests(env));
  for (const project of ['unit', 'architecture', 'native', 'integration', 'e2e']) add(await runSuite(node, env, project));
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
});
