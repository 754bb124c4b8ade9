/** Starts workers as Electron utility processes, for the app; only after the app is ready. */
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { app, type Details, utilityProcess } from 'electron';
import type { WorkerReply } from '../../shared/workerMessages';
import type { Launcher, WorkerExit } from './launcher';
import { collectStderr } from './stderrTail';
import { workerEnvironment } from './workerEnvironment';

/** Time for the system's word on how a process ended. */
const REAPING_MS = 500;

/** `outDir` holds deviceMain.js, storeMain.js and dataMain.js. `name` is what the system's process list shows. */
export function createUtilityLauncher(outDir: string): Launcher {
  return (entry, name) => {
    const child = utilityProcess.fork(join(outDir, `${entry}.js`), [], {
      serviceName: name,
      env: workerEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (entry === 'deviceMain') child.on('spawn', () => giveWay(child.pid));
    const stderrTail = collectStderr(child.stderr as Readable | null);
    let ended: WorkerExit | null = null;
    const listeners: ((exit: WorkerExit) => void)[] = [];
    let saidGoodbye = false;
    child.on('message', (message: WorkerReply) => {
      saidGoodbye ||= message.kind === 'goodbye';
    });
    let gone: Details | null = null;
    const onGone = (_event: unknown, details: Details): void => {
      if (details.type === 'Utility' && details.name === name) gone = details;
    };
    app.on('child-process-gone', onGone);
    child.on('exit', (code) => {
      const end = (): void => {
        app.off('child-process-gone', onGone);
        const exitCode = gone?.exitCode || code;
        ended = { code: exitCode, signal: gone?.reason === 'killed' ? 'SIGKILL' : signalOf(exitCode) };
        for (const listener of listeners) listener(ended);
      };
      // Where the channel breaks before the process is reaped, Electron says 0; how it ended follows.
      if (code === 0 && !saidGoodbye && gone === null) setTimeout(end, REAPING_MS);
      else end();
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

/**
 * A reconstruction takes every core, and the window must still answer at once: what computes stands behind what somebody waits for. Where nothing else
 * wants the cores this costs nothing. Threads take the priority of the one that starts them, so those that compute, which start later, have it too.
 */
function giveWay(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system does not let this program: then the window is slower, no more.
  }
}

/** The last three end a process that can go no further, one that runs out of memory among them. */
const signalsTold = ['SIGKILL', 'SIGTERM', 'SIGABRT', 'SIGTRAP', 'SIGILL'] as const;

/** Electron answers the system's own number for a process that a signal ended; one that leaves by itself has 0 or 1. */
function signalOf(code: number): string | null {
  if (process.platform === 'win32') return null;
  return signalsTold.find((name) => constants.signals[name] === code) ?? null;
}
