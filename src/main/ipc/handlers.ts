/** The program's end of the two channels to the window; with the preload script the only user of Electron's IPC. */
import { type BrowserWindow, ipcMain } from 'electron';
import { type EventName, type EventPayload, events, type Outcome } from '../../shared/contract';
import { dispatch, type RequestTable } from './dispatch';

const REQUEST_CHANNEL = 'tomobench:request';
const EVENT_CHANNEL = 'tomobench:event';

/**
 * Answers requests of `window`'s main frame while it shows a page of `pageOrigin`, as soon as there is a table of requests; anybody else is refused.
 * `answered` resolves when no request is under way.
 */
export function answerRequests(
  window: BrowserWindow,
  pageOrigin: string,
  table: () => Promise<RequestTable>,
): { readonly answered: () => Promise<void> } {
  const underWay = new Set<Promise<unknown>>();
  const contents = window.webContents;
  ipcMain.handle(REQUEST_CHANNEL, (event, name: unknown, argument: unknown): Promise<Outcome<unknown>> => {
    const frame = event.senderFrame;
    const isOurs = event.sender === contents && frame !== null && frame === contents.mainFrame && frame.url.startsWith(`${pageOrigin}/`);
    if (!isOurs) return Promise.resolve({ ok: false, message: 'Requests from this page are not answered.', code: 'internal' });
    const answer = table().then((ready) => dispatch(ready, name, argument));
    underWay.add(answer);
    void answer.finally(() => underWay.delete(answer));
    return answer;
  });
  return {
    answered: async () => {
      await Promise.allSettled(underWay);
    },
  };
}

/** Tells the window of an event; silently nothing once it is gone. */
export function sendEvent<N extends EventName>(window: BrowserWindow, name: N, payload: EventPayload<N>): void {
  if (window.isDestroyed()) return;
  window.webContents.send(EVENT_CHANNEL, name, events[name].parse(payload));
}
