// Every row of every template of the Plan view, run for real: one iteration on the smallest sample, so that a row that only plans well is found out.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTemplates } from '../../src/main/app/requests/templates';
import { cliJson, tiny } from './cliProcess';
import { root, temporaryFolder } from './rows';

interface RunsDocument {
  readonly runs: readonly { row: number; status: string; iterations_done: number; initial_psnr: number; psnr: number }[];
}

const configs = join(root, 'configs');

describe('the templates of the Plan view', () => {
  const workspace = temporaryFolder();

  it.each(readdirSync(configs))('runs every row of %s, each better than where it began', async (file) => {
    const template = (await readTemplates(configs)).find(({ name }) => `${name}.yml` === file);
    const { runs } = await cliJson<RunsDocument>([
      ...['run', join(configs, file), '--data', tiny, '--devices', 'cpu:2', '--max-runs', '1', '--workspace', workspace],
    ]);
    expect(runs.map(({ row }) => row)).toEqual(Array.from({ length: template?.rows ?? 0 }, (_, row) => row));
    for (const run of runs) {
      expect(run).toMatchObject({ status: 'done', iterations_done: 1 });
      expect(Number.isFinite(run.psnr)).toBe(true);
      expect(run.psnr).toBeGreaterThan(run.initial_psnr);
    }
  });
});
