/** What the window asks before a grid starts: memory, time and fit of its rows, and windows and batches that suit the machine. */
import type { RequestArguments } from '../../../shared/contract';
import { UserError } from '../../../shared/errors';
import type { RequestTable } from '../../ipc/dispatch';
import { planDisk, volumeBytes } from '../../queue/diskRoom';
import { ModelFinder } from '../../queue/planRuns';
import type { ForecastRequest } from '../../queue/rowNeeds';
import { rowsOf } from './configRows';
import type { RequestContext } from './requestContext';

type PreflightRequests = Pick<RequestTable, 'preflight.forecast' | 'preflight.measure' | 'preflight.advisePatch' | 'preflight.adviseBatch'>;

export function preflightRequests({ program, folders, jobs }: RequestContext): PreflightRequests {
  const models = new ModelFinder(folders.models);
  const requestOf = async (asked: RequestArguments<'preflight.forecast'>): Promise<ForecastRequest> => {
    const rows = rowsOf(asked.text, 'the configuration');
    const scan = await program.data.call('inspect', { path: asked.dataPath, voxelSizeMm: null });
    const { dataPath, memoryLimitMiB } = asked;
    const { workspace } = program;
    const { saveEvery } = await planDisk({ rows, volumeBytes: volumeBytes(scan), workspace, saveEvery: asked.saveEvery, limitBytes: null });
    const chosen = { modelPath: null, devices: null, voxelSizeMm: null };
    return {
      rows,
      scan,
      dataPath,
      saveEvery,
      memoryLimitMiB,
      ...chosen,
      models,
      machine: await program.machine,
      workspace,
    };
  };
  const rowOf = (request: ForecastRequest, index: number) => {
    const row = request.rows[index];
    if (row === undefined) throw new UserError(`The grid has no row ${index}; its rows are 0 to ${request.rows.length - 1}.`);
    return row;
  };
  return {
    'preflight.forecast': async (asked) => (await program.preflight).forecast(await requestOf(asked)),
    'preflight.measure': async (asked) => {
      const [preflight, request] = [await program.preflight, await requestOf(asked)];
      const notMeasured = await jobs.run('Measuring what rows need', (handle) => preflight.measure(request, handle));
      return { forecast: await preflight.forecast(request), notMeasured };
    },
    'preflight.advisePatch': async (asked) => {
      const [preflight, request] = [await program.preflight, await requestOf(asked)];
      const row = rowOf(request, asked.rowIndex);
      return jobs.run('Looking for a patch size', (handle) => preflight.advisePatch(row, request, asked.budgetMiB, handle));
    },
    'preflight.adviseBatch': async (asked) => {
      const [preflight, request] = [await program.preflight, await requestOf(asked)];
      const row = rowOf(request, asked.rowIndex);
      return jobs.run('Looking for a batch size', (handle) => preflight.adviseBatch(row, request, handle));
    },
  };
}
