/** Calls to a worker that may die, or may have to wait for a file: it is started anew, and the calls it left unanswered are sent again. For workers whose methods may be repeated. */
import { UserError } from '../../shared/errors';
import type { MethodMap } from '../../shared/workerMessages';
import type { WorkerCalls, WorkerClient } from './workerClient';

const WAIT_MS = 200;
/** A lock for a moment is nobody's concern. */
const UNTOLD_ATTEMPTS = 10;

export class RestartingClient<M extends MethodMap<M>> implements WorkerCalls<M> {
  private current: Promise<WorkerClient<M>>;
  /** The last start that did not succeed. */
  private failed: Promise<WorkerClient<M>> | null = null;
  private closing = false;
  /** It was told that calls wait for what another program uses. */
  private saysItWaits = false;
  private readonly troubleListeners: ((reason: string) => void)[] = [];
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

  /**
   * A worker that dies during the call is started anew and asked again, once. What another program uses is waited for as long as it takes:
   * nothing that was computed is lost to a lock.
   */
  async call<N extends keyof M & string>(method: N, argument: M[N][0]): Promise<M[N][1]> {
    for (let attempts = 1; ; attempts++) {
      try {
        const answer = await this.callOnce(method, argument);
        if (attempts > 1) this.saysItWaits = false;
        return answer;
      } catch (error) {
        if (!(error instanceof UserError) || error.code !== 'in_use' || this.closing) throw error;
        if (attempts > UNTOLD_ATTEMPTS && !this.saysItWaits) {
          this.saysItWaits = true;
          this.tell(`${error.message} Until then TomoBench waits.`);
        }
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
      }
    }
  }

  private async callOnce<N extends keyof M & string>(method: N, argument: M[N][0]): Promise<M[N][1]> {
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

  /** `listener` is told, in a sentence, each time the worker died and was started anew, and when calls begin to wait for another program. */
  onTrouble(listener: (sentence: string) => void): void {
    this.troubleListeners.push(listener);
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

  private tell(sentence: string): void {
    for (const listener of this.troubleListeners) listener(sentence);
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
        this.tell(`${client.name} ended unexpectedly and was started again.`);
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
