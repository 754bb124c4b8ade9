// npm run -s cli -- VERB ...: the command line from a checkout; set-up speaks on stderr, so stdout carries only the verb's results.
import { join } from 'node:path';
import { setUp } from './bootstrap/index.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { runMain } from './bootstrap/report.mjs';
import { root } from './bootstrap/state.mjs';

await runMain(async () => {
  const { node, env } = await setUp('terminal');
  // npm moves to the checkout; paths on the command line are relative to where the user stands.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return runInForeground(node, [join(root, 'out', 'main', 'cli.js'), ...process.argv.slice(2)], { cwd, env });
});
