/** Typed calls to one worker process: pairs requests with replies and turns a death without goodbye into an error value. */
import { fromErrorMessage, UserError } from '../../shared/errors';
import type { MethodMap } from '../../shared/workerMessages';
import { groupMemory } from './groupMemory';
import { Heartbeat } from './heartbeat';
import type { WorkerProcess } from './launcher';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long a worker may take to say goodbye before it is killed, milliseconds. */
const GRACE_MS = 3000;

/** What callers of a worker need to know of it; also offered by clients that start a dead worker anew. */
export interface WorkerCalls<M extends MethodMap<M>> {
  call<N extends keyof M & string>(method: N, argument: M[N][0]): Promise<M[N][1]>;
}

export class WorkerClient<M extends MethodMap<M>> implements WorkerCalls<M> {
  private readonly pending = new Map<number, Pending>();
  private readonly noticeListeners = new Set<(name: string, payload: unknown) => void>();
  /** It was given a memory limit. */
  private limited = false;
  private nextId = 1;
  private saidGoodbye = false;
  private ended: UserError | null = null;
  private readonly exited: Promise<void>;
  private readonly killsBefore = groupMemory().kills;
  private readonly ready: Promise<void>;
  private readonly heartbeat: Heartbeat;

  constructor(
    private readonly process: WorkerProcess,
    readonly name: string,
  ) {
    let markReady = (): void => {};
    let failReady = (_error: Error): void => {};
    this.ready = new Promise((resolve, reject) => {
      markReady = resolve;
      failReady = reject;
    });
    this.ready.catch(() => {});
    this.heartbeat = new Heartbeat(
      () => process.post({ kind: 'ping' }),
      () => process.kill(),
    );
    process.onMessage((message) => {
      this.heartbeat.heard();
      switch (message.kind) {
        case 'ready':
          markReady();
          break;
        case 'result':
          this.take(message.id)?.resolve(message.value);
          break;
        case 'failure':
          this.take(message.id)?.reject(fromErrorMessage(message.error));
          break;
        case 'notice':
          for (const listener of this.noticeListeners) listener(message.name, message.payload);
          break;
        case 'goodbye':
          this.saidGoodbye = true;
          break;
      }
    });
    this.exited = new Promise((resolve) => {
      process.onExit((exit) => {
        this.heartbeat.stop();
        const how = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code ?? 'unknown'}`;
        this.ended = this.saidGoodbye ? new UserError(`${this.name} has ended.`, 'cancelled') : this.explainEnd(exit.signal, how);
        failReady(this.ended);
        for (const { reject } of this.pending.values()) reject(this.ended);
        this.pending.clear();
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Resolves when the process is gone, in whatever way. */
  whenEnded(): Promise<void> {
    return this.exited;
  }

  /** Sends one request; rejects with UserError when the worker fails it or dies. */
  async call<N extends keyof M & string>(method: N, argument: M[N][0]): Promise<M[N][1]> {
    await this.ready;
    if (this.ended) throw this.ended;
    if (method === 'limitMemory') this.limited = true;
    const id = this.nextId++;
    return new Promise<M[N][1]>((resolve, reject) => {
      this.pending.set(id, { resolve: (value) => resolve(value as M[N][1]), reject });
      this.process.post({ kind: 'request', id, method, argument });
    });
  }

  /** Answers what ends the listening. */
  onNotice(listener: (name: string, payload: unknown) => void): () => void {
    this.noticeListeners.add(listener);
    return () => this.noticeListeners.delete(listener);
  }

  /** Asks the worker to leave, kills it after the grace time; resolves when it is gone. */
  async close(): Promise<void> {
    if (!this.ended) this.process.post({ kind: 'leave' });
    const timer = setTimeout(() => this.process.kill(), GRACE_MS);
    await this.exited;
    clearTimeout(timer);
  }

  /** Ends the worker at once. */
  async kill(): Promise<void> {
    this.process.kill();
    await this.exited;
  }

  /** Why it ended without goodbye: silent for too long, killed for lack of memory, out of memory by its own account, killed by somebody, or crashed. */
  private explainEnd(signal: string | null, how: string): UserError {
    const stderr = this.process.stderrTail();
    if (this.heartbeat.silentSeconds !== null) {
      const sentence = `${this.name} did not answer for ${Math.round(this.heartbeat.silentSeconds)} seconds and was ended. What it had finished is kept; run the row again.`;
      return new UserError(sentence, 'timed_out', stderr);
    }
    // Utility processes do not tell the signal; the kernel's count of kills does.
    const byTheKernel = (signal === null || signal === 'SIGKILL') && groupMemory().kills > this.killsBefore;
    if (byTheKernel) {
      const sentence = `The system killed ${this.name} because memory ran out. Use a smaller max_batch_size or patch_size, or give the workers a limit with --memory-limit.`;
      return new UserError(sentence, 'out_of_memory', stderr);
    }
    // At the end of a limit even the memory for a last sentence may be missing; Electron's allocator ends a process by a trap, without a word.
    const withoutWord = this.limited && signal !== null && ['SIGABRT', 'SIGTRAP', 'SIGILL'].includes(signal) && stderr === '';
    if (withoutWord || /JavaScript heap out of memory|std::bad_alloc|Cannot allocate memory/i.test(stderr)) {
      return new UserError(`${this.name} ran out of memory. Use a smaller max_batch_size or patch_size.`, 'out_of_memory', stderr);
    }
    if (signal === 'SIGKILL' || signal === 'SIGTERM') {
      const sentence = `${this.name} was killed (${how}) by somebody or something outside TomoBench. What it had finished is kept; run the row again.`;
      return new UserError(sentence, 'worker_killed', stderr);
    }
    return new UserError(
      `${this.name} ended unexpectedly (${how}). What it had finished is kept; run the row again.`,
      'worker_crashed',
      stderr,
    );
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }
}
