/** Runs a row in real worker processes and times every message to them from outside: which part of an iteration each belongs to is shares.ts' to say. */
import { join } from 'node:path';
import { expandGrid } from '../../src/engine/plan/expandGrid';
import { parseConfig, throwFirstError } from '../../src/engine/plan/parseConfig';
import type { Launcher } from '../../src/main/processes/launcher';
import type { ExperimentRow } from '../../src/shared/experiment';
import type { Iteration } from '../../src/shared/runs';
import { runUnkept, workerLauncher } from '../runUnkept';

/** One request to one rank. Milliseconds on one clock; `busyMs` is what the worker itself counted. */
export interface TracedMessage {
  readonly rank: number;
  readonly method: string;
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly busyMs: number;
  readonly networkMs: number;
}

export interface RowTrace {
  readonly messages: readonly TracedMessage[];
  /** When each iteration was recorded. */
  readonly iterationEndsMs: readonly number[];
  /** As a run records them, the start first. */
  readonly iterations: readonly Iteration[];
  /** Resident memory, MB, largest over the ranks, after each iteration. */
  readonly residentMb: readonly number[];
}

export interface TraceOptions {
  readonly dataPath: string;
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly iterations: number;
  readonly patch: readonly number[];
  readonly overlap: readonly number[];
  readonly batch: number;
  /** Noise level and weight of PnP; those of configs/quickstart.yml where they are not given. */
  readonly sigma?: number;
  readonly lambda?: number;
}

const modelPath = join('resources', 'models', 'drunet-small.onnx');

export async function traceRow(options: TraceOptions): Promise<RowTrace> {
  const messages: TracedMessage[] = [];
  const iterationEndsMs: number[] = [];
  const residentMb: number[] = [];
  const row = rowOf(options);
  const plan = { devices: Array.from({ length: options.workers }, () => 'cpu'), threadsPerRank: options.threadsPerWorker, notes: [] };
  const iterations = await runUnkept(
    tracing(workerLauncher, messages),
    { row, plan, dataPath: options.dataPath, modelPath },
    {
      iteration: async () => {
        iterationEndsMs.push(performance.now());
      },
      stepEnded: (step, ranks) => {
        if (step === 'denoise') residentMb.push(Math.max(...ranks.map((rank) => rank.allocated_mb)));
      },
    },
  );
  return { messages, iterationEndsMs, iterations, residentMb };
}

/** PnP with the settings of configs/quickstart.yml except for windows and ranks. */
function rowOf({ patch, overlap, batch, workers, iterations, sigma = 0.05, lambda = 1000 }: TraceOptions): ExperimentRow {
  const text = `dataset: [{tomography_3d: {num_operators: 2, num_projections: 50}}]
solver: [{PnP: {patch_size: [[${patch}]], overlap: [[${overlap}]], max_batch_size: ${batch}, slurm_ntasks_per_node: ${workers},
  distribute_physics: true, distribute_denoiser: true, denoiser_sigma: ${sigma}, denoiser_lambda_relaxation: ${lambda}}}]
max-runs: ${iterations}
`;
  const parsed = parseConfig(text, 'bench');
  throwFirstError(parsed.problems, 'bench');
  const [row] = expandGrid(parsed);
  if (row === undefined) throw new Error('The benchmark has no row.');
  return row;
}

function tracing(launcher: Launcher, messages: TracedMessage[]): Launcher {
  let workers = 0;
  return (entry, name) => {
    const rank = workers++;
    const worker = launcher(entry, name);
    const open = new Map<number, { method: string; sentMs: number }>();
    worker.onMessage((message) => {
      if (message.kind !== 'result') return;
      const request = open.get(message.id);
      open.delete(message.id);
      if (!request) return;
      const { seconds = 0, networkSeconds = 0 } = (message.value ?? {}) as { seconds?: number; networkSeconds?: number };
      messages.push({ rank, ...request, answeredMs: performance.now(), busyMs: seconds * 1000, networkMs: networkSeconds * 1000 });
    });
    return {
      ...worker,
      post: (message) => {
        if (message.kind === 'request') open.set(message.id, { method: message.method, sentMs: performance.now() });
        worker.post(message);
      },
    };
  };
}
