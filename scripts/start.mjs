// npm start: sets up what is missing, then opens the window; without a display it runs the bundled experiment in the terminal.
import { join } from 'node:path';
import { hasDisplay } from './bootstrap/display.mjs';
import { readRuntime } from './bootstrap/electron.mjs';
import { setUp } from './bootstrap/index.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { runMain, SetUpError, say } from './bootstrap/report.mjs';
import { root } from './bootstrap/state.mjs';

const bundledExperiment = [
  'run',
  join('configs', 'quickstart.yml'),
  '--data',
  join('resources', 'samples', 'walnut-mini.pt'),
  '--charts',
  join('build', 'charts'),
];

await runMain(async () => {
  const passedOn = process.argv.slice(2);
  if (!hasDisplay()) {
    say('there is no display here, so the bundled experiment runs in the terminal; "npm run -s cli -- VERB" offers the rest.');
    const { node, env } = await setUp('terminal');
    return runInForeground(node, [join(root, 'out', 'main', 'cli.js'), ...(passedOn.length > 0 ? passedOn : bundledExperiment)], {
      cwd: root,
      env,
    });
  }
  const { env } = await setUp('window');
  const runtime = readRuntime();
  if (!runtime)
    throw new SetUpError('Electron is missing although set-up has just finished; delete the build folder and run npm start again.');
  if (runtime.evaluation) say('running in the evaluation runtime (Electron 25), because Electron itself could not be downloaded.');
  return runInForeground(runtime.electronExecutable, [...runtime.flags, root, ...passedOn], { env: { ...env, ...runtime.env } });
});
