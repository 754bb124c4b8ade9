/** Exposes the typed contract to the page as window.tomobench, and nothing else; checking requests is the program's side's job. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { EventName, Outcome, RequestAnswer, RequestName, TomobenchApi } from '../shared/contract';

/** A record rather than a list, so that the compiler finds a missing name. The contract's schemas themselves would quadruple what every page loads. */
const eventNames: Readonly<Record<EventName, true>> = {
  'runs.changed': true,
  'run.iteration': true,
  'run.progress': true,
  'run.log': true,
  'data.checking': true,
  'runs.removed': true,
  'queue.changed': true,
  'jobs.changed': true,
  'menu.command': true,
  'app.notice': true,
  'app.recent': true,
  'app.openFile': true,
};

/** All listeners share one subscription: the page has more of them than an emitter expects. */
const listeners = new Map<string, Set<{ readonly deliver: (payload: unknown) => void }>>();
ipcRenderer.on('tomobench:event', (_event, name: string, payload: unknown) => {
  for (const { deliver } of listeners.get(name) ?? []) deliver(payload);
});

/** Electron before version 32 has no webUtils, but a path on the file itself. */
function pathOf(file: File): string {
  return webUtils ? webUtils.getPathForFile(file) : ((file as File & { path?: string }).path ?? '');
}

const api: TomobenchApi = {
  request: async <N extends RequestName>(name: N, argument: unknown): Promise<Outcome<RequestAnswer<N>>> =>
    (await ipcRenderer.invoke('tomobench:request', name, argument)) as Outcome<RequestAnswer<N>>,
  on: (name, listener) => {
    if (!Object.hasOwn(eventNames, name)) throw new Error(`There is no event ${String(name)}.`);
    // Wrapped, so that a function given twice is called twice and each registration ends by itself.
    const registered = { deliver: listener as (payload: unknown) => void };
    const listening = listeners.get(name) ?? new Set();
    listeners.set(name, listening.add(registered));
    return () => {
      listening.delete(registered);
    };
  },
  pathOfFile: (file) => pathOf(file as File),
};

contextBridge.exposeInMainWorld('tomobench', api);
