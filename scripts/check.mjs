// npm run check: the static checks and the unit tests, for a quick look before a commit.
import { setUp } from './bootstrap/index.mjs';
import { runMain } from './bootstrap/report.mjs';
import { runStaticChecks } from './checks.mjs';
import { runSuite } from './suites.mjs';

await runMain(async () => {
  const { node, env } = await setUp('tools');
  const checks = await runStaticChecks(node, env);
  const unit = await runSuite(node, env, 'unit');
  process.stdout.write(`\n${checks.passed + unit.passed} passed, ${checks.failed + unit.failed} failed\n`);
  return checks.failed + unit.failed === 0 ? 0 : 1;
});
