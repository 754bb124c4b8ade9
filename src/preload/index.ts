/** Exposes the typed contract to the page as window.tomobench, and nothing else. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import {
  type EventName,
  events,
  type Outcome,
  type RequestAnswer,
  type RequestName,
  requests,
  type TomobenchApi,
} from '../shared/contract';

function isEventName(name: string): name is EventName {
  return Object.hasOwn(events, name);
}

function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(requests, name);
}

/** Electron before version 32 has no webUtils, but a path on the file itself. */
function pathOf(file: File): string {
  return webUtils ? webUtils.getPathForFile(file) : ((file as File & { path?: string }).path ?? '');
}

const api: TomobenchApi = {
  request: async <N extends RequestName>(name: N, argument: unknown): Promise<Outcome<RequestAnswer<N>>> => {
    if (!isRequestName(name)) throw new Error(`There is no request ${String(name)}.`);
    return (await ipcRenderer.invoke('tomobench:request', name, argument)) as Outcome<RequestAnswer<N>>;
  },
  on: (name, listener) => {
    if (!isEventName(name)) throw new Error(`There is no event ${String(name)}.`);
    const deliver = (_event: unknown, sent: unknown, payload: unknown): void => {
      if (sent === name) listener(payload as Parameters<typeof listener>[0]);
    };
    ipcRenderer.on('tomobench:event', deliver);
    return () => ipcRenderer.removeListener('tomobench:event', deliver);
  },
  pathOfFile: (file) => pathOf(file as File),
};

contextBridge.exposeInMainWorld('tomobench', api);
