/** Opening a workspace: what is created, what is refused in words, and whose runs are settled. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { runsMigration } from '../../../../src/worker/store/migrations/0001-runs';
import { newestSchema } from '../../../../src/worker/store/migrations/migrate';
import { type OpenWorkspace, openWorkspace } from '../../../../src/worker/store/openWorkspace';
import { RunRepository } from '../../../../src/worker/store/runRepository';
import { experimentRecord, newRun } from '../../../fixtures/records';

let folder: string;
const opened: OpenWorkspace[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-store-'));
});
afterEach(() => {
  for (const workspace of opened.splice(0)) workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(workspace = folder, owner = 'owner-a'): OpenWorkspace {
  const result = openWorkspace(workspace, owner);
  opened.push(result);
  return result;
}

function refusal(workspace: string): UserError {
  try {
    open(workspace);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('The workspace was opened.');
}

describe('openWorkspace', () => {
  it('creates the folder and a database that syncs as intended and hardly waits for other writers, for callers ask again', () => {
    const { database, schemaVersion, interruptedRunIds } = open(join(folder, 'new', 'workspace'));
    expect(schemaVersion).toBe(newestSchema);
    expect(interruptedRunIds).toEqual([]);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('synchronous', { simple: true })).toBe(1);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(database.pragma('busy_timeout', { simple: true })).toBe(100);
  });

  it('keeps what is there when it is opened again', () => {
    const first = open();
    new RunRepository(first.database, 'owner-a').createExperiment(experimentRecord('e'), [newRun('a')]);
    opened.pop()?.close();
    const again = new RunRepository(open(folder, 'owner-a').database, 'owner-a');
    expect(again.listRuns().map((run) => run.id)).toEqual(['a']);
  });

  it('brings a workspace of schema 1 up to date: its runs have no voxel size, new ones do', () => {
    const old = new Sqlite(join(folder, 'tomobench.sqlite'));
    old.exec(runsMigration);
    old.pragma(`application_id = ${0x546f6d42}`);
    old.pragma('user_version = 1');
    old
      .prepare('INSERT INTO experiments (id, name, config_text, data_path, created_at) VALUES (?, ?, ?, ?, ?)')
      .run('e', 'e', '', 'a.pt', '2026-01-01');
    old
      .prepare(
        "INSERT INTO runs (id, experiment_id, owner, key, label, row_json, repetition, status, created_at) VALUES ('a', 'e', 'o', 'k', 'l', ?, 0, 'done', '2026-01-01')",
      )
      .run(JSON.stringify(newRun('a').row));
    old.close();
    const { database, schemaVersion } = open();
    expect(schemaVersion).toBe(newestSchema);
    const runs = new RunRepository(database, 'owner-a');
    expect(runs.getRun('a')).toMatchObject({ voxel_size_mm: null, chosen: null, prediction: null, memory_failure: null, retry_of: null });
    expect(runs.getExperiment('e').settings).toEqual({
      save_every: 1,
      memory_limit_mib: null,
      retry_out_of_memory: false,
      model_path: null,
      devices: null,
    });
    expect(runs.updateRun('a', { voxel_size_mm: 0.5 }).voxel_size_mm).toBe(0.5);
  });

  it('refuses a file in place of the folder', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'text');
    expect(refusal(file).message).toContain(file);
    expect(refusal(join(file, 'below')).message).toContain('Choose a folder');
  });

  it.runIf(process.platform === 'linux')('refuses a place where no folder can be made, without trying for ever', () => {
    const error = refusal('/proc/tomobench/workspace');
    expect(error.code).toBe('read_only');
    expect(error.message).toContain('/proc/tomobench/workspace');
  });

  it.each([
    ['text', 'This is no database at all, only a long enough text. '.repeat(50)],
    ['a damaged header', `SQLite format 3\0${'x'.repeat(4000)}`],
  ])('refuses %s, and leaves it byte for byte', (_name, content) => {
    const file = join(folder, 'tomobench.sqlite');
    writeFileSync(file, content);
    const error = refusal(folder);
    expect(error.message).toContain(file);
    expect(error.message).toContain('left as it is');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('refuses a database whose pages are damaged, and leaves it byte for byte', () => {
    const first = open();
    const runs = new RunRepository(first.database, 'owner-a');
    runs.createExperiment(
      experimentRecord('e'),
      Array.from({ length: 200 }, (_, index) => newRun(`run-${index}`, index)),
    );
    first.database.pragma('wal_checkpoint(TRUNCATE)');
    opened.pop()?.close();
    const file = join(folder, 'tomobench.sqlite');
    const bytes = readFileSync(file);
    bytes.fill(0xab, 4096, bytes.length - 4096);
    writeFileSync(file, bytes);
    expect(refusal(folder).message).toMatch(/damaged.*left as it is/);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('refuses the schema of a newer program and names both versions', () => {
    open().database.pragma('user_version = 99');
    opened.pop()?.close();
    const error = refusal(folder);
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(/schema 99; this one knows \d+.*Update TomoBench/);
  });

  it("refuses another program's database and does not change it", () => {
    const file = join(folder, 'tomobench.sqlite');
    const foreign = new Sqlite(file);
    foreign.exec('CREATE TABLE notes (text TEXT)');
    foreign.close();
    const before = readFileSync(file);
    expect(refusal(folder).message).toContain('another program');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('says so when the folder cannot be written', (context) => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    try {
      writeFileSync(join(locked, 'probe'), '');
    } catch {
      const error = refusal(locked);
      expect(error.code).toBe('read_only');
      expect(error.message).toContain(locked);
      return;
    }
    context.skip('this user may write to any folder (root); the integration suite mounts a read-only one instead');
  });
});

describe('runs of other programs', () => {
  function leaveRuns(owner: string): OpenWorkspace {
    const workspace = open(folder, owner);
    const runs = new RunRepository(workspace.database, owner);
    runs.createExperiment(experimentRecord(`experiment-${owner}`), [
      newRun(`${owner}-running`),
      newRun(`${owner}-queued`),
      newRun(`${owner}-done`),
    ]);
    runs.updateRun(`${owner}-running`, { status: 'running' });
    runs.updateRun(`${owner}-done`, { status: 'done', stop_reason: 'max_runs' });
    return workspace;
  }

  it('become failed and cancelled with a sentence when their program is gone', () => {
    leaveRuns('gone');
    opened.pop()?.close();
    const { database, interruptedRunIds } = open(folder, 'next');
    expect(interruptedRunIds).toEqual(['gone-running', 'gone-queued']);
    const runs = new RunRepository(database, 'next').listRuns();
    expect(runs.map((run) => [run.id, run.status])).toEqual([
      ['gone-running', 'failed'],
      ['gone-queued', 'cancelled'],
      ['gone-done', 'done'],
    ]);
    expect(runs[0]?.error?.message).toBe('The program ended before this run did. Its kept iterates are still here.');
    expect(runs[1]?.error?.message).toContain('before this run started');
    expect(runs[0]?.finished_at).not.toBeNull();
    expect(runs[2]?.error).toBeNull();
  });

  it('are left alone while their program lives', () => {
    leaveRuns('living');
    const { database, interruptedRunIds } = open(folder, 'second');
    expect(interruptedRunIds).toEqual([]);
    const statuses = new RunRepository(database, 'second').listRuns().map((run) => run.status);
    expect(statuses).toEqual(['running', 'queued', 'done']);
  });

  it('are kept when the same program opens again after its store process died', () => {
    leaveRuns('same');
    opened.pop()?.close();
    expect(open(folder, 'same').interruptedRunIds).toEqual([]);
  });

  it('leave no lock file behind', () => {
    leaveRuns('gone');
    opened.pop()?.close();
    expect(() => statSync(join(folder, 'programs', 'gone.lock'))).toThrow('ENOENT');
  });
});
