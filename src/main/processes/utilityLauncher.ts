/** Starts workers as Electron utility processes, for the app; only after the app is ready. */
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { utilityProcess } from 'electron';
import type { WorkerReply } from '../../shared/workerMessages';
import type { Launcher, WorkerExit } from './launcher';
import { collectStderr } from './stderrTail';
import { workerEnvironment } from './workerEnvironment';

/** `outDir` holds deviceMain.js, storeMain.js and dataMain.js. `name` is what the system's process list shows. */
export function createUtilityLauncher(outDir: string): Launcher {
  return (entry, name) => {
    const child = utilityProcess.fork(join(outDir, `${entry}.js`), [], {
      serviceName: name,
      env: workerEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stderrTail = collectStderr(child.stderr as Readable | null);
    let ended: WorkerExit | null = null;
    const listeners: ((exit: WorkerExit) => void)[] = [];
    child.on('exit', (code) => {
      ended = { code, signal: signalOf(code) };
      for (const listener of listeners) listener(ended);
    });
    return {
      get pid() {
        return child.pid;
      },
      post: (message) => {
        if (!ended) child.postMessage(message);
      },
      onMessage: (listener) => child.on('message', (message) => listener(message as WorkerReply)),
      onExit: (listener) => {
        if (ended) listener(ended);
        else listeners.push(listener);
      },
      stderrTail,
      // A worker inside native code never reads a polite signal.
      kill: () => {
        if (ended) return;
        if (child.pid === undefined) child.kill();
        else process.kill(child.pid, 'SIGKILL');
      },
    };
  };
}

/** Electron answers the system's own number for a process that a signal ended; one that leaves by itself has 0 or 1. */
function signalOf(code: number): string | null {
  if (process.platform === 'win32') return null;
  return code === constants.signals.SIGKILL ? 'SIGKILL' : code === constants.signals.SIGTERM ? 'SIGTERM' : null;
}
