/** What the window and the command line ask of the queue, and what it tells them. */
import type { QueueState } from '../../shared/contract';
import type { ExperimentRow } from '../../shared/experiment';
import type { Iteration, Run } from '../../shared/runs';
import type { Progress } from '../coordinator/prober';

export interface StartRequest {
  readonly name: string;
  readonly configText: string;
  readonly dataPath: string;
  /** The rows to run, already chosen and limited. */
  readonly rows: readonly ExperimentRow[];
  /** Labels, one a row. */
  readonly labels: readonly string[];
  /** Every n-th iterate is kept; x0 and the last always are. */
  readonly saveEvery: number;
  /** --voxel-size, mm. */
  readonly voxelSizeMm: number | null;
  /** --model; null: what the row's denoiser names. */
  readonly modelPath: string | null;
  /** --devices in rank order; null: automatic. */
  readonly devices: readonly string[] | null;
  /** Rows that are done already are answered, not run; rows that were interrupted go on from their last kept iterate. */
  readonly resume: boolean;
  /** Of each worker, MiB; null: that of the control group, if there is one. */
  readonly memoryLimitMiB: number | null;
  /** A run that runs out of memory is followed by one with half its batch. */
  readonly retryOutOfMemory: boolean;
  /** Shows reading the data for its checksum, and choosing what `auto` stands for. */
  readonly show?: ShowWork;
}

/** Shows work that may be long while it lasts: its title, how far it is, and a way to end it. Resolves and rejects as the work does. */
export type ShowWork = <T>(title: string, work: (progress: Progress) => Promise<T>) => Promise<T>;

export type QueueEvent =
  /** Runs that are new or not as they were, in their order. */
  | { readonly kind: 'runs'; readonly runs: readonly Run[] }
  | { readonly kind: 'iteration'; readonly runId: string; readonly iteration: Iteration }
  | { readonly kind: 'progress'; readonly runId: string; readonly step: string; readonly fraction: number; readonly etaSec: number | null }
  | { readonly kind: 'log'; readonly runId: string; readonly line: string }
  | { readonly kind: 'queue'; readonly state: QueueState };

export interface RunQueue {
  start(request: StartRequest): Promise<{ experimentId: string; runs: Run[] }>;
  /**
   * Queues runs again that ended before their max_runs, in this order; each goes on from its last kept iterate. Throws UserError for those whose data
   * or model changed, after the others were queued.
   */
  retry(runIds: readonly string[], show?: ShowWork): Promise<void>;
  /** Queues a row that ran out of memory again, next, with half its batch, as a run of its own. Throws UserError where its batch was one window, or data or model changed. */
  retryHalved(runId: string, show?: ShowWork): Promise<void>;
  /** Ends the run after the current iteration; it counts as done. */
  finishNow(runId: string): void;
  /** Stops at the next point where it can; the run is marked cancelled and what is done is kept. */
  cancel(runId: string): Promise<void>;
  setPaused(paused: boolean): void;
  /** Gives a waiting run another place; 0 is the next to run. A run that no longer waits stays where it is. */
  move(runId: string, to: number): void;
  state(): QueueState;
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>;
  onEvent(listener: (event: QueueEvent) => void): () => void;
  /** Finishes the current iteration's record and ends the workers. */
  close(): Promise<void>;
}
