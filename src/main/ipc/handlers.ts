/** The program's end of the two channels to the window; with the preload script the only user of Electron's IPC. */
import { type BrowserWindow, ipcMain } from 'electron';
import { type EventName, type EventPayload, events, type Outcome } from '../../shared/contract';
import { dispatch, type RequestTable } from './dispatch';

const REQUEST_CHANNEL = 'tomobench:request';
const EVENT_CHANNEL = 'tomobench:event';

/** Answers requests of `window`'s main frame while it shows a page of `pageOrigin`; anybody else is refused. */
export function answerRequests(window: BrowserWindow, pageOrigin: string, table: RequestTable): void {
  ipcMain.handle(REQUEST_CHANNEL, async (event, name: unknown, argument: unknown): Promise<Outcome<unknown>> => {
    const frame = event.senderFrame;
    const isOurs = event.sender === window.webContents && frame === window.webContents.mainFrame && frame.url.startsWith(`${pageOrigin}/`);
    if (!isOurs) return { ok: false, message: 'Requests from this page are not answered.', code: 'internal' };
    return dispatch(table, name, argument);
  });
}

/** Tells the window of an event; silently nothing once it is gone. */
export function sendEvent<N extends EventName>(window: BrowserWindow, name: N, payload: EventPayload<N>): void {
  if (window.isDestroyed()) return;
  window.webContents.send(EVENT_CHANNEL, name, events[name].parse(payload));
}
