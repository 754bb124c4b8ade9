/** The workers of one row in lock step: one message to every rank, one reply from each. Counts how long each rank was busy. */
import type { RankStep } from '../../engine/run/runRow';
import { UserError } from '../../shared/errors';
import type { DeviceMethods, RankMemory } from '../../shared/workerMessages';
import type { Launcher } from '../processes/launcher';
import { WorkerClient } from '../processes/workerClient';

const MIB = 2 ** 20;

export class RankGroup {
  private readonly clients: readonly WorkerClient<DeviceMethods>[];
  private readonly busySeconds: number[];
  private readonly peaksMiB: number[] = [];

  /** What each worker was told to stay within; null: nothing. */
  private limitMiB: number | null = null;

  constructor(launcher: Launcher, ranks: number) {
    this.clients = Array.from({ length: ranks }, (_, rank) => {
      const name = `Worker ${rank}`;
      return new WorkerClient<DeviceMethods>(launcher('deviceMain', name), name);
    });
    this.busySeconds = this.clients.map(() => 0);
  }

  get size(): number {
    return this.clients.length;
  }

  get pids(): readonly (number | undefined)[] {
    return this.clients.map((client) => client.pid);
  }

  /** Sends the same request to every rank and waits for all; the first failure rejects. */
  all<N extends keyof DeviceMethods & string>(method: N, argument: DeviceMethods[N][0]): Promise<DeviceMethods[N][1][]> {
    return this.each(method, () => argument);
  }

  /** As `all`, with an argument for each rank. */
  each<N extends keyof DeviceMethods & string>(
    method: N,
    argumentOf: (rank: number) => DeviceMethods[N][0],
  ): Promise<DeviceMethods[N][1][]> {
    return Promise.all(this.clients.map((_, rank) => this.one(rank, method, argumentOf(rank))));
  }

  async one<N extends keyof DeviceMethods & string>(rank: number, method: N, argument: DeviceMethods[N][0]): Promise<DeviceMethods[N][1]> {
    const client = this.clients[rank];
    if (!client) throw new Error(`There is no rank ${rank}.`);
    if (method === 'limitMemory') this.limitMiB = (argument as DeviceMethods['limitMemory'][0]).mebibytes;
    const answer = await client.call(method, argument).catch((error: unknown) => {
      throw this.withShortage(error, rank, method);
    });
    if (method === 'memory') this.notePeak(rank, ((answer as RankMemory).peak_mb * 1e6) / MIB);
    const seconds = typeof answer === 'object' && answer !== null && 'seconds' in answer ? answer.seconds : 0;
    this.busySeconds[rank] = (this.busySeconds[rank] ?? 0) + (typeof seconds === 'number' ? seconds : 0);
    return answer;
  }

  /** Keeps the highest resident memory seen of a rank, for the record of a worker that cannot tell any more. */
  notePeak(rank: number, peakMiB: number): void {
    this.peaksMiB[rank] = Math.max(this.peaksMiB[rank] ?? 0, peakMiB);
  }

  /** A worker that was killed for lack of memory said nothing; what it was asked last and its last known peak are recorded. */
  private withShortage(error: unknown, rank: number, step: string): unknown {
    if (error instanceof UserError && error.code === 'out_of_memory') {
      const peakMiB = this.peaksMiB[rank] ?? null;
      error.shortage = { step, requestedMiB: null, peakMiB, limitMiB: this.limitMiB, ...error.shortage, rank };
    }
    return error;
  }

  /** Busy time and memory of every rank since the last call. */
  async takeStep(): Promise<RankStep[]> {
    const seconds = [...this.busySeconds];
    this.busySeconds.fill(0);
    const memory = await this.all('memory', null);
    return memory.map((rankMemory, rank) => ({ seconds: seconds[rank] ?? 0, ...rankMemory }));
  }

  onNotice(listener: (rank: number, name: string, payload: unknown) => void): void {
    this.clients.forEach((client, rank) => {
      client.onNotice((name, payload) => listener(rank, name, payload));
    });
  }

  /** Tells every worker to stop what it is doing as soon as it can. */
  cancel(): void {
    for (const client of this.clients) client.call('cancel', null).catch(() => {});
  }

  /** Ends all workers; the ones that miss their grace time are killed. */
  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }
}
