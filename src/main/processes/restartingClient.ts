/** Calls to a worker that may die: it is started anew, and the calls it left unanswered are sent once more. For workers whose methods may be repeated. */
import { UserError } from '../../shared/errors';
import type { MethodMap } from '../../shared/workerMessages';
import type { WorkerCalls, WorkerClient } from './workerClient';

export class RestartingClient<M extends MethodMap<M>> implements WorkerCalls<M> {
  private current: Promise<WorkerClient<M>>;
  /** The last start that did not succeed. */
  private failed: Promise<WorkerClient<M>> | null = null;
  private closing = false;
  private readonly restartListeners: ((reason: string) => void)[] = [];
  private readonly noticeListeners = new Set<(name: string, payload: unknown) => void>();

  /** `start` launches the worker and makes it ready for calls. */
  constructor(private readonly start: () => Promise<WorkerClient<M>>) {
    this.current = this.begin();
  }

  /** Resolves once the worker answers for the first time; rejects with the reason why it cannot. */
  async ready(): Promise<void> {
    await this.current;
  }

  /** Process number, for tests and the task list. */
  async pid(): Promise<number | undefined> {
    return (await this.current).pid;
  }

  /** A worker that dies during the call is started anew and asked again, once. */
  async call<N extends keyof M & string>(method: N, argument: M[N][0]): Promise<M[N][1]> {
    // A start that failed is tried again: the disk may have space by now.
    if (this.failed === this.current) this.current = this.begin();
    const used = this.current;
    try {
      return await (await used).call(method, argument);
    } catch (error) {
      if (!hasDied(error) || this.closing) throw error;
      if (this.current === used) this.current = this.begin();
      return (await this.current).call(method, argument);
    }
  }

  /** `listener` is told each time the worker died and was started anew. */
  onRestart(listener: (reason: string) => void): void {
    this.restartListeners.push(listener);
  }

  /** What the worker tells unasked, also after it was started anew. Answers what ends the listening. */
  onNotice(listener: (name: string, payload: unknown) => void): () => void {
    this.noticeListeners.add(listener);
    return () => this.noticeListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closing = true;
    const client = await this.current.catch(() => null);
    await client?.close();
  }

  private begin(): Promise<WorkerClient<M>> {
    const started = this.start();
    started.then(
      async (client) => {
        client.onNotice((name, payload) => {
          for (const listener of this.noticeListeners) listener(name, payload);
        });
        await client.whenEnded();
        if (this.closing) return;
        // Started at once, not at the next call: the store holds a lock that says the program lives.
        if (this.current === started) this.current = this.begin();
        const reason = `${client.name} ended unexpectedly and was started again.`;
        for (const listener of this.restartListeners) listener(reason);
      },
      () => {
        this.failed = started;
      },
    );
    return started;
  }
}

/** Crashed, killed or silent. One that was killed for lack of memory would be killed again. */
function hasDied(error: unknown): boolean {
  return error instanceof UserError && ['worker_crashed', 'worker_killed', 'timed_out'].includes(error.code);
}
