/** Entry of the store process, the one writer of a workspace's database: answers StoreMethods; how runs are kept is runRepository's. */
import { UserError } from '../../shared/errors';
import type { StoreMethods } from '../../shared/workerMessages';
import { serve } from '../serve';
import { explainDatabaseError } from './databaseErrors';
import { type OpenWorkspace, openWorkspace } from './openWorkspace';
import { RunRepository } from './runRepository';

let opened: { readonly workspace: OpenWorkspace; readonly runs: RunRepository } | null = null;

/** Carries out one request on the open workspace; SQLite's errors become sentences. */
function withRuns<T>(work: (runs: RunRepository) => T): T {
  if (!opened) throw new UserError('No workspace is open yet.', 'internal');
  try {
    return work(opened.runs);
  } catch (error) {
    throw explainDatabaseError(error, opened.workspace.file);
  }
}

function closeWorkspace(): void {
  opened?.workspace.close();
  opened = null;
}

serve<StoreMethods>(
  {
    open: ({ workspace, owner }) => {
      closeWorkspace();
      const open = openWorkspace(workspace, owner);
      opened = { workspace: open, runs: new RunRepository(open.database, owner) };
      return { interruptedRunIds: open.interruptedRunIds, schemaVersion: open.schemaVersion };
    },
    createExperiment: ({ experiment, runs }) => withRuns((store) => store.createExperiment(experiment, runs)),
    updateRun: ({ id, patch }) => withRuns((store) => store.updateRun(id, patch)),
    addIteration: ({ runId, iteration, resume }) => withRuns((store) => store.addIteration(runId, iteration, resume ?? null)),
    reopenRuns: ({ ids, fromStart }) => withRuns((store) => store.reopenRuns(ids, fromStart)),
    addLog: ({ runId, lines }) =>
      withRuns((store) => {
        store.addLog(runId, lines);
        return null;
      }),
    addTelemetry: ({ runId, block }) =>
      withRuns((store) => {
        store.addTelemetry(runId, block);
        return null;
      }),
    getTelemetry: ({ id }) => withRuns((store) => store.getTelemetry(id)),
    addProbe: ({ probe }) =>
      withRuns((store) => {
        store.addProbe(probe);
        return null;
      }),
    listProbes: (which) => withRuns((store) => store.listProbes(which)),
    listRuns: ({ status }) => withRuns((store) => store.listRuns(status)),
    findByKey: ({ keys }) => withRuns((store) => store.findByKey(keys)),
    getRun: ({ id }) => withRuns((store) => store.getRun(id)),
    getExperiment: ({ id }) => withRuns((store) => store.getExperiment(id)),
    removeRuns: ({ ids }) => withRuns((store) => ({ folders: store.removeRuns(ids) })),
    moveData: ({ from, to }) =>
      withRuns((store) => {
        store.moveData(from, to);
        return null;
      }),
    getSetting: ({ name }) => withRuns((store) => store.getSetting(name)),
    setSetting: ({ name, value }) =>
      withRuns((store) => {
        store.setSetting(name, value);
        return null;
      }),
  },
  closeWorkspace,
);
