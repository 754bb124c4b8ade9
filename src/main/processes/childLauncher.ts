/** Starts workers as child processes of Node, for the command line and tests; the app uses utility processes instead. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { WorkerReply } from '../../shared/workerMessages';
import type { Launcher, WorkerExit } from './launcher';
import { collectStderr } from './stderrTail';
import { workerEnvironment } from './workerEnvironment';

/** `outDir` holds deviceMain.js, storeMain.js and dataMain.js. */
export function createChildLauncher(outDir: string): Launcher {
  return (entry, _name) => {
    const child = fork(join(outDir, `${entry}.js`), [], {
      serialization: 'advanced',
      env: workerEnvironment(),
      execArgv: [],
      // A worker's stdout would mix with the results the command line prints.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const stderrTail = collectStderr(child.stderr);
    let ended: WorkerExit | null = null;
    let startError = '';
    const listeners: ((exit: WorkerExit) => void)[] = [];
    const end = (exit: WorkerExit): void => {
      if (ended) return;
      ended = exit;
      for (const listener of listeners) listener(exit);
    };
    // 'close' comes after stderr and the last messages have been read, 'exit' may come before.
    child.on('close', (code, signal) => end({ code, signal }));
    child.on('error', (error) => {
      startError = String(error);
      // Without a process number it never started, and no 'close' follows.
      if (child.pid === undefined) end({ code: null, signal: null });
    });
    return {
      pid: child.pid,
      // A closed channel means that the process is ending; its 'close' tells the caller.
      post: (message) => {
        if (child.connected) child.send(message, () => {});
      },
      onMessage: (listener) => child.on('message', (message) => listener(message as unknown as WorkerReply)),
      onExit: (listener) => {
        if (ended) listener(ended);
        else listeners.push(listener);
      },
      stderrTail: () => [stderrTail(), startError].filter((text) => text !== '').join('\n'),
      kill: () => child.kill('SIGKILL'),
    };
  };
}
