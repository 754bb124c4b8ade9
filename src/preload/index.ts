/** Exposes the typed contract to the page as window.tomobench, and nothing else; checking requests is the program's side's job. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { EventName, Outcome, RequestAnswer, RequestName, TomobenchApi } from '../shared/contract';

/** A record rather than a list, so that the compiler finds a missing name. The contract's schemas themselves would quadruple what every page loads. */
const eventNames: Readonly<Record<EventName, true>> = {
  'run.changed': true,
  'run.iteration': true,
  'run.progress': true,
  'run.log': true,
  'runs.removed': true,
  'queue.changed': true,
  'menu.command': true,
  'app.notice': true,
  'app.openFile': true,
};

/** Electron before version 32 has no webUtils, but a path on the file itself. */
function pathOf(file: File): string {
  return webUtils ? webUtils.getPathForFile(file) : ((file as File & { path?: string }).path ?? '');
}

const api: TomobenchApi = {
  request: async <N extends RequestName>(name: N, argument: unknown): Promise<Outcome<RequestAnswer<N>>> =>
    (await ipcRenderer.invoke('tomobench:request', name, argument)) as Outcome<RequestAnswer<N>>,
  on: (name, listener) => {
    if (!Object.hasOwn(eventNames, name)) throw new Error(`There is no event ${String(name)}.`);
    const deliver = (_event: unknown, sent: unknown, payload: unknown): void => {
      if (sent === name) listener(payload as Parameters<typeof listener>[0]);
    };
    ipcRenderer.on('tomobench:event', deliver);
    return () => ipcRenderer.removeListener('tomobench:event', deliver);
  },
  pathOfFile: (file) => pathOf(file as File),
};

contextBridge.exposeInMainWorld('tomobench', api);
