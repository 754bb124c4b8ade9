/** Carries the program's events into the stores; bursts are gathered so that a thousand runs cost a few renders a second. */
import { listen } from '../api/client';
import { runCommand } from './commands';
import { noteCheckProgress } from './dataCheckStore';
import { openConfig, openData } from './experimentStore';
import { useJobs } from './jobsStore';
import { applyRunEvents, type RunEvents, useRuns } from './runsStore';
import { attempt, showNote, showView, useWindow } from './windowStore';

const gatherMs = 100;
/** What comes after a pause is shown at once, and what comes together with it. */
const togetherMs = 10;

function noEvents(): RunEvents {
  return { changed: new Map(), iterations: [], progress: new Map(), log: [], removed: [] };
}

/** Listens until the returned function is called. */
export function startEvents(): () => void {
  let gathered = noEvents();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastFlush = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    timer = undefined;
    const events = gathered;
    gathered = noEvents();
    applyRunEvents(events);
    lastFlush = performance.now();
  };
  const later = (): void => {
    timer ??= setTimeout(flush, Math.max(togetherMs, lastFlush + gatherMs - performance.now()));
  };
  const stops = [
    listen('runs.changed', (runs) => {
      for (const run of runs) gathered.changed.set(run.id, run);
      later();
    }),
    listen('run.iteration', (payload) => {
      gathered.iterations.push(payload);
      later();
    }),
    listen('run.progress', ({ runId, ...progress }) => {
      gathered.progress.set(runId, progress);
      later();
    }),
    listen('run.log', (payload) => {
      gathered.log.push(payload);
      later();
    }),
    listen('runs.removed', ({ ids }) => {
      gathered.removed.push(...ids);
      later();
    }),
    listen('queue.changed', (queue) => useRuns.setState({ queue })),
    listen('jobs.changed', (jobs) => useJobs.setState({ jobs })),
    listen('data.checking', noteCheckProgress),
    listen('menu.command', ({ command }) => void attempt(() => runCommand(command))),
    listen('app.recent', (recent) =>
      useWindow.setState(({ application }) => (application === null ? {} : { application: { ...application, ...recent } })),
    ),
    listen('app.notice', ({ message }) => showNote(message)),
    listen('app.openFile', ({ path, kind }) => {
      showView('experiment');
      void attempt(() => (kind === 'data' ? openData(path) : openConfig(path)));
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
