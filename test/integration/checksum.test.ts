// A run of a large scan begins with its checksum: the command line says how far that is, and Ctrl+C ends it before anything is recorded.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeLargeScan } from '../largeScan';
import { runCli } from './cliProcess';
import { temporaryFolder } from './rows';

const folder = temporaryFolder();

it('stops at Ctrl+C while the checksum of a large scan is computed, with no run begun', async () => {
  const data = join(folder, 'large.pt');
  // Far more than is read before the first word on it.
  writeLargeScan(data, 6 * 2 ** 30);
  const workspace = join(folder, 'workspace');
  const args = ['run', 'configs/quickstart.yml', '--rows', '0', '--max-runs', '1', '--data', data, '--workspace', workspace];
  const { code, stdout, stderr } = await runCli(args, { interruptWhen: /Computing the checksum of large\.pt, \d+ %/ });
  expect(stderr).toMatch(/Stopped\.\n$/);
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).not.toContain('100 %');
  expect(stderr).not.toContain('Row 0');
});
