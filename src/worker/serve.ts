/** The worker's side of the messages: answers requests one after another from a table of methods. Knows nothing of what they do. */
import { toErrorMessage } from '../shared/errors';
import type { MethodMap, WorkerReply, WorkerRequest } from '../shared/workerMessages';

type Handlers<M extends MethodMap<M>> = { [N in keyof M & string]: (argument: M[N][0]) => Promise<M[N][1]> | M[N][1] };

interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

export interface WorkerServer {
  notice(name: string, payload: unknown): void;
}

/**
 * Serves `handlers` over Electron's parent port or Node's child-process channel, whichever this process has.
 * Requests named in `immediate` are carried out on arrival; the others wait for their turn.
 * `leave` runs `close`, says goodbye and ends the process; so does the loss of the parent.
 */
export function serve<M extends MethodMap<M>>(
  handlers: Handlers<M>,
  close: () => Promise<void> | void,
  immediate: readonly (keyof M & string)[] = [],
): WorkerServer {
  const parentPort = (process as NodeJS.Process & { parentPort?: UtilityPort }).parentPort;
  const post = (message: WorkerReply): void => {
    if (parentPort) parentPort.postMessage(message);
    // Once the program is gone nobody listens, and sending would be an error.
    else if (process.connected) process.send?.(message);
  };

  const table = handlers as Record<string, (argument: unknown) => unknown>;
  const answer = async (request: Extract<WorkerRequest, { kind: 'request' }>): Promise<void> => {
    try {
      const handler = Object.hasOwn(handlers, request.method) ? table[request.method] : undefined;
      if (!handler) throw new Error(`This worker has no method ${request.method}.`);
      post({ kind: 'result', id: request.id, value: await handler(request.argument) });
    } catch (error) {
      post({ kind: 'failure', id: request.id, error: toErrorMessage(error) });
    }
  };

  let leaving = false;
  const leave = async (): Promise<void> => {
    if (leaving) return;
    leaving = true;
    try {
      await close();
    } finally {
      post({ kind: 'goodbye' });
      // The goodbye must be flushed before the process ends.
      setTimeout(() => process.exit(0), 20);
    }
  };

  let queue: Promise<void> = Promise.resolve();
  const receive = (data: unknown): void => {
    const message = data as WorkerRequest;
    if (message.kind === 'ping') {
      post({ kind: 'pong' });
    } else if (message.kind === 'leave') {
      queue = queue.then(leave);
    } else if ((immediate as readonly string[]).includes(message.method)) {
      void answer(message);
    } else {
      queue = queue.then(() => answer(message));
    }
  };

  if (parentPort) {
    parentPort.on('message', (event) => receive(event.data));
  } else {
    process.on('message', receive);
    process.on('disconnect', () => void leave());
    // Ctrl+C in a terminal reaches the whole process group; the program decides when its workers leave.
    process.on('SIGINT', () => {});
  }
  post({ kind: 'ready' });
  return { notice: (name, payload) => post({ kind: 'notice', name, payload }) };
}
