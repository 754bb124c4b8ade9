/** How a worker process is started: utility process in the app, child process on the command line. The queue and the coordinator know only this. */
import type { WorkerReply, WorkerRequest } from '../../shared/workerMessages';

export type WorkerEntry = 'deviceMain' | 'storeMain' | 'dataMain';

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running worker process; messages are structured-cloned. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  post(message: WorkerRequest): void;
  onMessage(listener: (message: WorkerReply) => void): void;
  onExit(listener: (exit: WorkerExit) => void): void;
  /** The last lines it wrote to stderr, noise filtered. */
  stderrTail(): string;
  kill(): void;
}

export type Launcher = (entry: WorkerEntry, name: string) => WorkerProcess;
