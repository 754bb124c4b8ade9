/** Asks before the window closes over runs that are under way or waiting; what is chosen is carried out here, the end itself is the window's. */
import { app, type BrowserWindow, dialog } from 'electron';
import type { RunQueue } from '../queue/queueTypes';

const STAY = 'Keep Running';
const FINISH = 'Finish This Iteration and Quit';
const CANCEL = 'Cancel the Run and Quit';
const CANCEL_WAITING = 'Cancel the Waiting Runs and Quit';

/** `queue` answers null before runs can be taken. `tell` shows a sentence in the window. A signal that ends the program is not answered with a question. */
export function askBeforeQuit(window: BrowserWindow, queue: () => RunQueue | null, tell: (message: string) => void): void {
  let settled = false;
  let asking = false;
  /** The program ends with the iteration under way; "Keep Running" takes it back. */
  let finishing = false;
  const quit = (): void => {
    settled = true;
    app.quit();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);

  const ask = async (runs: RunQueue): Promise<void> => {
    const { runningRunId: running, queued } = runs.state();
    const buttons = running === null ? [STAY, CANCEL_WAITING] : [STAY, FINISH, CANCEL];
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      title: 'TomoBench',
      ...question(running !== null, queued),
      buttons,
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    const chosen = buttons[response];
    if (chosen === CANCEL || chosen === CANCEL_WAITING) quit();
    const begun = finishing;
    finishing = chosen === FINISH;
    if (finishing && !begun) void finish(runs);
  };

  /** No other run begins in the meantime. */
  const finish = async (runs: RunQueue): Promise<void> => {
    const { runningRunId: running, paused } = runs.state();
    runs.setPaused(true);
    if (running !== null) runs.finishNow(running);
    tell('TomoBench closes when this iteration is done.');
    await runs.idle();
    if (finishing) quit();
    else runs.setPaused(paused);
  };

  window.on('close', (event) => {
    const runs = queue();
    if (settled || runs === null) return;
    const { runningRunId, queued } = runs.state();
    if (runningRunId === null && queued === 0) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    void ask(runs).finally(() => {
      asking = false;
    });
  });
}

function question(running: boolean, queued: number): { message: string; detail: string } {
  const waiting = queued === 1 ? '1 run is waiting' : `${queued} runs are waiting`;
  return {
    message: running ? (queued === 0 ? 'A run is under way.' : `A run is under way and ${waiting}.`) : `${waiting}.`,
    detail:
      'What was computed stays in the workspace. After the next start, Retry on the page of a run that did not reach its end continues it.',
  };
}
