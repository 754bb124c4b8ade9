// npm run format: Biome's formatting, import order and safe corrections over the whole tree.
import { join } from 'node:path';
import { setUp } from './bootstrap/index.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { runMain } from './bootstrap/report.mjs';
import { root } from './bootstrap/state.mjs';

await runMain(async () => {
  const { node, env } = await setUp('tools');
  return runInForeground(node, [join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '--write'], { cwd: root, env });
});
