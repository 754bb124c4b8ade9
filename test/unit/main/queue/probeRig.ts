/** A machine made of arithmetic: workers that answer network probes by a formula, a store in memory, a row of the grid and a scan. */

import type { ProberOptions } from '../../../../src/main/coordinator/prober';
import type { WorkerExit, WorkerProcess } from '../../../../src/main/processes/launcher';
import type { WorkerCalls } from '../../../../src/main/processes/workerClient';
import { ModelFinder } from '../../../../src/main/queue/planRuns';
import type { ForecastRequest } from '../../../../src/main/queue/rowNeeds';
import type { DataSummary } from '../../../../src/shared/contract';
import { toErrorMessage, UserError } from '../../../../src/shared/errors';
import type { ExperimentRow, NetworkParameters } from '../../../../src/shared/experiment';
import type {
  MachineInfo,
  NetworkProbeAnswer,
  NetworkProbeJob,
  ProbeRecord,
  StoreMethods,
  WorkerReply,
  WorkerRequest,
} from '../../../../src/shared/workerMessages';
import { experimentRow } from '../../../fixtures/records';
import { pnpOf } from '../../../pnpOf';

const MIB = 2 ** 20;

export const machine: MachineInfo = {
  cpuName: 'test processor',
  logicalCores: 8,
  simd: 'avx2',
  memoryMiB: 16_384,
  freeMiB: 16_384,
  cuda: [{ index: 0, name: 'test GPU', totalMiB: 8192 }],
  cudaReason: null,
  versions: {},
};

/** 100 MiB for the model and 400 bytes a voxel; a microsecond a voxel beside 10 ms a batch. */
export function formula({ batch, patch, overlap }: Pick<NetworkProbeJob, 'batch' | 'patch' | 'overlap'>): NetworkProbeAnswer {
  const voxels = batch * patch.reduce((product, size, axis) => product * (size + 2 * (overlap[axis] ?? 0)), 1);
  const memoryMiB = 100 + (400 * voxels) / MIB;
  return { memoryMiB, reservedMiB: memoryMiB, deviceMiB: memoryMiB, seconds: 0.01 + 1e-6 * voxels, provider: 'cuda', blocks: null };
}

export interface Rig {
  readonly options: ProberOptions;
  /** Network probes that ran, one for each worker. */
  readonly jobs: NetworkProbeJob[];
  /** Memory limits that workers were given, MiB. */
  readonly limits: number[];
  readonly records: ProbeRecord[];
  /** Workers that have not ended. */
  alive(): number;
}

/** `answer` may throw a UserError, as a worker whose memory runs out does. `rowMiB`: a row's other parts are known to need so much. */
export function probeRig(answer: (job: NetworkProbeJob, worker: number) => NetworkProbeAnswer = formula, rowMiB: number | null = 500): Rig {
  const jobs: NetworkProbeJob[] = [];
  const limits: number[] = [];
  const records: ProbeRecord[] = [];
  let [started, ended] = [0, 0];
  const launcher = (): WorkerProcess => {
    const worker = started++;
    const messages: ((message: WorkerReply) => void)[] = [];
    const exits: ((exit: WorkerExit) => void)[] = [];
    const say = (message: WorkerReply): void => {
      queueMicrotask(() => {
        for (const listener of messages) listener(message);
      });
    };
    let isGone = false;
    const end = (signal: string | null): void => {
      if (isGone) return;
      isGone = true;
      ended++;
      queueMicrotask(() => {
        for (const listener of exits) listener({ code: signal === null ? 0 : null, signal });
      });
    };
    const respond = (message: WorkerRequest): void => {
      if (message.kind === 'leave') {
        say({ kind: 'goodbye' });
        end(null);
      }
      if (message.kind !== 'request') return;
      const { id, method, argument } = message;
      if (method === 'limitMemory') limits.push((argument as { mebibytes: number }).mebibytes);
      if (method !== 'probeNetwork') {
        say({ kind: 'result', id, value: { enforced: true } });
        return;
      }
      try {
        jobs.push(argument as NetworkProbeJob);
        say({ kind: 'result', id, value: answer(argument as NetworkProbeJob, worker) });
      } catch (error) {
        say({ kind: 'failure', id, error: toErrorMessage(error) });
      }
    };
    say({ kind: 'ready' });
    return {
      pid: worker,
      post: respond,
      onMessage: (listener) => messages.push(listener),
      onExit: (listener) => exits.push(listener),
      stderrTail: () => '',
      kill: () => end('SIGKILL'),
    };
  };
  const ranksMiB = rowMiB === null ? null : [rowMiB, rowMiB];
  const store: WorkerCalls<StoreMethods> = {
    call: async (method, argument) => {
      if (method === 'addProbe') records.push((argument as { probe: ProbeRecord }).probe);
      if (method !== 'listProbes') return null as never;
      const wanted = argument as ProbeRecord;
      if (wanted.kind === 'row' && ranksMiB !== null) {
        const result = { ranksMiB, seconds: 0.5, gradientSeconds: 0.4, denoiseSeconds: 0.1 };
        return [{ ...wanted, size: 'PnP', result }] as never;
      }
      const isSame = ({ kind, circumstances, subject, version }: ProbeRecord): boolean =>
        kind === wanted.kind && circumstances === wanted.circumstances && subject === wanted.subject && version === wanted.version;
      return records.filter(isSame) as never;
    },
  };
  return { options: { launcher, store, machine, appVersion: '1' }, jobs, limits, records, alive: () => started - ended };
}

export function outOfMemory(): never {
  throw new UserError('Memory ran out.', 'out_of_memory');
}

/** A row of two ranks that share network and physics. */
export function networkRow(change: Partial<NetworkParameters> = {}, index = 0): ExperimentRow {
  const row = experimentRow(index);
  const solver = { ...pnpOf(row), denoiser: 'drunet', patch_size: [32, 32, 32] as [number, number, number], overlap: 0, ...change };
  return { ...row, solver: solver as ExperimentRow['solver'] };
}

/** Asks for rows of a scan of 128^3 voxels (8 MiB) on two CPU workers of 4000 MiB each. */
export function askFor(rows: readonly ExperimentRow[], change: Partial<ForecastRequest> = {}): ForecastRequest {
  const geometry = { volumeShape: [128, 128, 128], detectorRows: 64, detectorColumns: 64, views: 50 };
  return {
    rows,
    machine,
    models: new ModelFinder('resources/models'),
    scan: { geometry, hasReference: true } as unknown as DataSummary,
    dataPath: 'scan.pt',
    voxelSizeMm: null,
    modelPath: null,
    devices: ['cpu', 'cpu'],
    memoryLimitMiB: 4000,
    saveEvery: 1,
    workspace: '.',
    ...change,
  };
}
