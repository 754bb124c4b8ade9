// npm run bench -- NAME [arguments]: bundles bench/NAME.ts, so that it may import src/ as the program does, and runs it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from './bootstrap/index.mjs';
import { runInForeground, runLogged } from './bootstrap/processes.mjs';
import { runMain, SetUpError } from './bootstrap/report.mjs';
import { buildFolder, root } from './bootstrap/state.mjs';

await runMain(async () => {
  const [name, ...args] = process.argv.slice(2);
  const folder = join(root, 'bench');
  const known = existsSync(folder) ? readdirSync(folder).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : [])) : [];
  if (!name || !known.includes(name)) {
    throw new SetUpError(`name one of the benchmarks: npm run bench -- NAME, where NAME is ${known.join(', ') || '(there are none yet)'}.`);
  }
  const { node, env } = await setUp('terminal');
  await runLogged(node, [join(root, 'scripts', 'bundleBench.mjs'), name], {
    cwd: root,
    env,
    log: join(buildFolder, 'logs', `bench-${name}.log`),
    failure: `bench/${name}.ts could not be bundled.`,
  });
  return runInForeground(node, ['--expose-gc', join(root, 'out', 'bench', `${name}.cjs`), ...args], { cwd: root, env });
});
