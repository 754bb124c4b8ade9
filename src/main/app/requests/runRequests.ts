/** Starting, watching and removing runs; the work itself is the queue's. */
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { overrideRows } from '../../../engine/plan/overrideRows';
import { labelRows } from '../../../engine/plan/planRows';
import { thinTelemetry } from '../../../engine/results/telemetry';
import { UserError } from '../../../shared/errors';
import type { Run } from '../../../shared/runs';
import type { RequestTable } from '../../ipc/dispatch';
import { planDisk, volumeBytes } from '../../queue/diskRoom';
import type { ShowWork, StartRequest } from '../../queue/queueTypes';
import { rowsOf } from './configRows';
import type { RequestContext } from './requestContext';

type RunRequests = Pick<
  RequestTable,
  | 'runs.start'
  | 'runs.list'
  | 'runs.get'
  | 'runs.config'
  | 'runs.telemetry'
  | 'runs.finishNow'
  | 'runs.cancel'
  | 'runs.retry'
  | 'runs.retryHalved'
  | 'runs.annotate'
  | 'runs.remove'
  | 'queue.move'
  | 'queue.pause'
  | 'queue.state'
>;

/** What is done sooner would only flash. */
const SHOWN_AFTER_MS = 300;
/** More cannot be told apart on a screen. */
const shownMoments = 3000;

export function runRequests({ program, volumes, jobs, send }: RequestContext): RunRequests {
  const { store, workspace } = program;
  const show: ShowWork = (title, work) => jobs.run(title, work, SHOWN_AFTER_MS);
  return {
    'runs.start': async ({ configText, name, dataPath, rows: chosen, maxRuns, corrections, ...options }) => {
      const rows = rowsOf(configText, name);
      const wanted = chosen === null ? rows : chosen.map((index) => rows[index] ?? rowMissing(index, rows.length));
      // Labels tell the rows of the whole grid apart, also when only some of them run.
      const labels = labelRows(rows);
      const queue = await program.queue;
      const planned = overrideRows(wanted, { maxRuns, corrections });
      const scan = await program.data.call('inspect', { path: dataPath, voxelSizeMm: null });
      const disk = await planDisk({
        rows: planned,
        volumeBytes: volumeBytes(scan),
        workspace,
        saveEvery: options.saveEvery,
        limitBytes: null,
      });
      const request: StartRequest = {
        name,
        configText,
        dataPath,
        rows: planned,
        labels: wanted.map((row) => labels[row.index] ?? `row ${row.index}`),
        saveEvery: disk.saveEvery,
        voxelSizeMm: null,
        modelPath: null,
        devices: null,
        resume: false,
        memoryLimitMiB: options.memoryLimitMiB,
        retryOutOfMemory: options.retryOutOfMemory,
        show,
      };
      const { experimentId, runs } = await queue.start(request);
      return { experimentId, runIds: runs.map((run) => run.id), diskNote: disk.fits ? null : disk.note };
    },
    'runs.list': () => store.call('listRuns', {}),
    'runs.get': ({ id }) => store.call('getRun', { id }),
    'runs.config': async ({ id }) => {
      const { experiment_id } = await store.call('getRun', { id });
      return { text: (await store.call('getExperiment', { id: experiment_id })).config_text };
    },
    'runs.telemetry': async ({ id }) => thinTelemetry(await store.call('getTelemetry', { id }), shownMoments),
    'runs.finishNow': async ({ id }) => {
      (await program.queue).finishNow(id);
      return null;
    },
    'runs.cancel': async ({ id }) => {
      await (await program.queue).cancel(id);
      return null;
    },
    'runs.remove': async ({ ids }) => {
      const { folders } = await store.call('removeRuns', { ids });
      volumes.forgetRuns(ids);
      send('runs.removed', { ids });
      for (const folder of folders) {
        const path = join(workspace, folder);
        const inside = relative(join(workspace, 'runs'), path);
        // Only folders of single runs are ever deleted, whatever a record says.
        if (inside !== '' && !inside.startsWith('..') && !inside.includes('/') && !inside.includes('\\'))
          await rm(path, { recursive: true, force: true });
      }
      return null;
    },
    'runs.retry': async ({ ids }) => {
      await (await program.queue).retry(ids, show);
      return null;
    },
    'runs.retryHalved': async ({ id }) => {
      await (await program.queue).retryHalved(id, show);
      return null;
    },
    'runs.annotate': async ({ ids, change }) => {
      const changed: Run[] = [];
      for (const id of ids) {
        const { annotation } = await store.call('getRun', { id });
        const tags = [...new Set(change.tags ?? annotation.tags)];
        changed.push(await store.call('updateRun', { id, patch: { annotation: { ...annotation, ...change, tags } } }));
      }
      send('runs.changed', changed);
      return null;
    },
    'queue.move': async ({ id, to }) => {
      (await program.queue).move(id, to);
      return null;
    },
    'queue.pause': async ({ paused }) => {
      (await program.queue).setPaused(paused);
      return null;
    },
    'queue.state': async () => {
      const queue = await program.queue.catch(() => null);
      return queue?.state() ?? { paused: false, runningRunId: null, queued: 0, waiting: [], etaSec: null };
    },
  };
}

function rowMissing(index: number, count: number): never {
  throw new UserError(`The grid has no row ${index}; its rows are 0 to ${count - 1}.`);
}
