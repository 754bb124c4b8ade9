// npm run examples: runs the configurations of resources/examples on a bundled sample and keeps their records there, for Help > Open Example Results.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUp } from './bootstrap/index.mjs';
import { runInForeground } from './bootstrap/processes.mjs';
import { runMain } from './bootstrap/report.mjs';
import { root } from './bootstrap/state.mjs';

const parts = [
  { config: 'batch-and-workers.yml', saveEvery: 12 },
  { config: 'methods.yml', saveEvery: 10 },
];

await runMain(async () => {
  const { node, env } = await setUp('terminal');
  const workspace = mkdtempSync(join(tmpdir(), 'tomobench-examples-'));
  try {
    for (const { config, saveEvery } of parts) {
      const args = [join('resources', 'examples', config), '--data', join('resources', 'samples', 'walnut-tiny.pt')];
      const cli = [join(root, 'out', 'main', 'cli.js')];
      const place = [...args, '--workspace', workspace];
      // Planning probes this machine first, so that the runs keep what was predicted of them.
      const planned = await runInForeground(node, [...cli, 'plan', ...place], { cwd: root, env });
      if (planned !== 0) return planned;
      const code = await runInForeground(node, [...cli, 'run', ...place, '--save-every', String(saveEvery)], { cwd: root, env });
      if (code !== 0) return code;
    }
    return await runInForeground(node, [join(root, 'scripts', 'keepExampleResults.mjs'), workspace], { cwd: root, env });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
});
