// npm run bench -- NAME [arguments]: bundles bench/NAME.ts, so that it may import src/ as the program does, and runs it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasDisplay } from './bootstrap/display.mjs';
import { setUp } from './bootstrap/index.mjs';
import { runInForeground, runLogged } from './bootstrap/processes.mjs';
import { runMain, SetUpError } from './bootstrap/report.mjs';
import { buildFolder, root } from './bootstrap/state.mjs';

/** Those that open the window. */
const windowed = ['queue', 'ui', 'viewer'];

await runMain(async () => {
  const [name, ...args] = process.argv.slice(2);
  const folder = join(root, 'bench');
  const known = existsSync(folder) ? readdirSync(folder).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : [])) : [];
  if (!name || !known.includes(name)) {
    throw new SetUpError(`name one of the benchmarks: npm run bench -- NAME, where NAME is ${known.join(', ') || '(there are none yet)'}.`);
  }
  if (windowed.includes(name) && !hasDisplay()) {
    throw new SetUpError(
      `the benchmark ${name} opens the window, and there is no display here. With Xvfb: xvfb-run -a npm run bench -- ${name}`,
    );
  }
  const { node, env } = await setUp(windowed.includes(name) ? 'window' : 'terminal');
  await runLogged(node, [join(root, 'scripts', 'bundleBench.mjs'), name], {
    cwd: root,
    env,
    log: join(buildFolder, 'logs', `bench-${name}.log`),
    failure: `bench/${name}.ts could not be bundled.`,
  });
  return runInForeground(node, ['--expose-gc', join(root, 'out', 'bench', `${name}.cjs`), ...args], { cwd: root, env });
});
