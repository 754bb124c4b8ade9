// npm run check:native: the C++ tests under the address and undefined-behaviour sanitizers.
import { provideDebianPackages } from './bootstrap/debian.mjs';
import { setUp } from './bootstrap/index.mjs';
import { runMain } from './bootstrap/report.mjs';
import { runNativeTests } from './nativeTests.mjs';

await runMain(async () => {
  const { env } = await setUp('tools');
  await provideDebianPackages(['compile', 'tests']);
  const { passed, failed } = await runNativeTests(env, { sanitize: true });
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});
