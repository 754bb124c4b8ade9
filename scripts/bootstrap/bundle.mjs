// Bundles src/ into out/ with electron-vite, when sources, configuration or packages changed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { contentKey, listFiles, quickKey } from './fingerprint.mjs';
import { packagesKey } from './packages.mjs';
import { runLogged } from './processes.mjs';
import { step } from './report.mjs';
import { buildFolder, readState, recordState, root } from './state.mjs';

/** Oldest Electron that the bundles must run in: the evaluation runtime's. */
const oldestElectron = '25';

const products = [
  ...['index', 'cli', 'deviceMain', 'storeMain', 'dataMain'].map((name) => `main/${name}.js`),
  'preload/index.js',
  'renderer/index.html',
];

function inputs() {
  const sources = listFiles(root, ['src'], (path) => !path.startsWith('src/native/') || path.endsWith('.ts'));
  // The user guide is shown in the window.
  const guide = ['docs/user-guide.md', ...listFiles(root, ['docs/images'])];
  return [...sources, ...guide, 'electron.vite.config.ts', 'package.json', 'tsconfig.base.json'];
}

export function isBundleReady() {
  const state = readState();
  return state.bundle === quickKey(root, inputs(), [packagesKey()]) && products.every((path) => existsSync(join(root, 'out', path)));
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export async function provideBundle(node, env) {
  if (isBundleReady()) return;
  const files = inputs();
  const extra = [packagesKey()];
  const quick = quickKey(root, files, extra);
  const content = contentKey(root, files, extra);
  if (readState().bundleContent !== content || !products.every((path) => existsSync(join(root, 'out', path)))) {
    await step('building the program', '10 to 30 s', () =>
      runLogged(node, [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
        cwd: root,
        env: { ...env, ELECTRON_MAJOR_VER: oldestElectron, NODE_ENV: 'production' },
        log: join(buildFolder, 'logs', 'bundle.log'),
        timeLimitSec: 900,
        failure: 'the program could not be built; look at the end of the log for the reason, then run the same command again.',
      }),
    );
  }
  recordState({ bundle: quick, bundleContent: content });
}
