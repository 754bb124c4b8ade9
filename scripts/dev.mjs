// npm run dev: the window with the page reloaded and the processes rebuilt as sources change.
import { join } from 'node:path';
import { readRuntime } from './bootstrap/electron.mjs';
import { setUp } from './bootstrap/index.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { runMain } from './bootstrap/report.mjs';
import { root } from './bootstrap/state.mjs';

await runMain(async () => {
  const { node, env } = await setUp('window');
  const runtime = readRuntime();
  const forEvaluation = runtime?.evaluation
    ? { ...runtime.env, ELECTRON_EXEC_PATH: runtime.electronExecutable, ELECTRON_MAJOR_VER: '25', NO_SANDBOX: '1' }
    : {};
  const electronVite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  return runInForeground(node, [electronVite, 'dev', '--watch', ...process.argv.slice(2)], {
    cwd: root,
    env: { ...env, ...forEvaluation },
  });
});
