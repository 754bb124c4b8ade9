// npm run pictures: takes the pictures that the Electron tests left in test-results/ into docs/images, under the names the guide uses. Look at them before committing.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { runMain, SetUpError } from './bootstrap/report.mjs';
import { root } from './bootstrap/state.mjs';

/** Name in docs/images -> name in test-results. */
const pictures = {
  advise: 'plan-7-batch',
  'broken-data': 'broken-data',
  chart: 'examples-2-one',
  charts: 'examples-2-charts',
  'charts-budget': 'charts-budget',
  'charts-dark': 'examples-2-charts-dark',
  'charts-pinned': 'charts-pinned',
  'charts-time': 'charts-time',
  checksum: 'checksum-1-running',
  'data-check': 'data-check',
  drop: 'drop',
  'edit-cell': 'story-1-edit',
  experiment: 'story-1-start',
  forecast: 'plan-5-forecast',
  'grid-cells': 'plan-2-cells',
  'grid-problem': 'plan-4-problem',
  keep: 'queue-1-keep',
  killed: 'killed-offer',
  large: 'viewer-large',
  measure: 'story-7-profile',
  'memory-options': 'memory-options',
  'other-voxels': 'viewer-other-voxels',
  'out-of-memory': 'memory-out-of',
  'own-1-open': 'own-1-open',
  'own-2-check': 'own-2-check',
  'own-3-scan': 'own-3-scan',
  'own-4-plan': 'own-4-plan',
  'own-5-runs': 'own-5-runs',
  'own-6-result': 'own-6-result',
  palette: 'living-palette-light',
  'paper-set': 'story-6-paper',
  prediction: 'seed-3-prediction',
  provenance: 'provenance',
  'results-export': 'runs-11-export',
  'run-notes': 'runs-1-notes',
  'run-parameters': 'runs-2-parameters',
  'run-steps': 'runs-2-timeline',
  'run-telemetry': 'telemetry-light',
  runs: 'seed-2-running',
  'runs-sorted': 'runs-12-sorted',
  'same-bits': 'same-bits',
  saved: 'saved',
  scan: 'scan-1',
  shortcuts: 'living-shortcuts-light',
  'slice-panels': 'runs-10-panels',
  templates: 'plan-1-templates',
  thousand: 'runs-3-thousand',
  tour: 'living-tour-run',
  viewer: 'examples-5-compared',
  'viewer-compare': 'runs-8-three-statistics',
  'viewer-four': 'examples-4-viewer',
  'worker-killed': 'killed-1-light',
};

await runMain(async () => {
  const missing = Object.values(pictures).filter((name) => !existsSync(join(root, 'test-results', `${name}.png`)));
  if (missing.length > 0) {
    throw new SetUpError(`these pictures are not in test-results/: ${missing.join(', ')}. The Electron tests of npm test make them.`);
  }
  for (const [name, source] of Object.entries(pictures)) {
    copyFileSync(join(root, 'test-results', `${source}.png`), join(root, 'docs', 'images', `${name}.png`));
  }
  process.stdout.write(`${Object.keys(pictures).length} pictures in docs/images\n`);
  return 0;
});
