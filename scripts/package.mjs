// npm run package [-- TARGET ...]: the program as a folder that starts by itself (dist/linux-unpacked and the like); TARGET (AppImage, deb, dmg, nsis) makes an installer.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRuntime } from './bootstrap/electron.mjs';
import { setUp } from './bootstrap/index.mjs';
import { runLogged } from './bootstrap/processes.mjs';
import { runMain, SetUpError, say, step } from './bootstrap/report.mjs';
import { buildFolder, root } from './bootstrap/state.mjs';

const known = ['AppImage', 'deb', 'dmg', 'nsis'];

await runMain(async () => {
  const targets = process.argv.slice(2);
  const wrong = targets.find((target) => !known.includes(target));
  if (wrong) throw new SetUpError(`there is no package "${wrong}"; without a name the folder is made, or name ${known.join(', ')}.`);
  const { node, env } = await setUp('window');
  const runtime = readRuntime();
  if (!runtime) throw new SetUpError('Electron is not there; run "npm start" once.');
  const evaluation = runtime.evaluation ? await evaluationRuntime() : undefined;
  if (evaluation && targets.length > 0) {
    throw new SetUpError(
      'only the folder can be made with the evaluation Electron: installers are for the official one, which cannot be reached from here.',
    );
  }
  const electronDist = evaluation ? join(buildFolder, 'package', 'electron') : dirname(runtime.electronExecutable);
  if (evaluation) {
    rmSync(electronDist, { recursive: true, force: true });
    evaluation.copyForPackage(runtime.electronExecutable, electronDist);
  }
  const version = evaluation?.electronVersion ?? installedVersion();
  const what = targets.length === 0 ? ['--dir'] : targets.map((target) => `--${platformOf(target)}=${target}`);
  await step('packaging the program', 'under a minute', () =>
    runLogged(
      node,
      [
        join(root, 'node_modules', 'electron-builder', 'cli.js'),
        ...what,
        '--publish=never',
        `--config.electronDist=${electronDist}`,
        `--config.electronVersion=${version}`,
      ],
      {
        cwd: root,
        env: { ...env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
        log: join(buildFolder, 'logs', 'package.log'),
        timeLimitSec: 1800,
        failure: 'the program could not be packaged; the end of the log says why.',
      },
    ),
  );
  const output = join(root, 'dist');
  const folder = readdirSync(output).find((name) => name.endsWith('-unpacked') || name.startsWith('mac'));
  if (!folder || !existsSync(join(output, folder))) throw new SetUpError('electron-builder left no package.');
  if (evaluation) {
    evaluation.completePackage(runtime.electronExecutable, join(output, folder, 'resources', 'app'));
    say('this package holds the evaluation Electron: for tests only, not to be given away.');
  }
  process.stdout.write(`${join(output, folder)}\n`);
  return 0;
});

/** @returns {string} */
function installedVersion() {
  return JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')).version;
}

function evaluationRuntime() {
  return import(pathToFileURL(join(root, 'scripts', 'evaluation-runtime', 'index.mjs')).href);
}

/** @param {string} target */
function platformOf(target) {
  return target === 'dmg' ? 'mac' : target === 'nsis' ? 'win' : 'linux';
}
