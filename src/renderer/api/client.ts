/** The window's one door to the program: typed requests and events of window.tomobench, with failures as UserError. */
import type { EventName, EventPayload, RequestAnswer, RequestArguments, RequestName, TomobenchApi } from '../../shared/contract';
import { fromErrorMessage, UserError } from '../../shared/errors';

declare global {
  interface Window {
    readonly tomobench?: TomobenchApi;
  }
}

function api(): TomobenchApi {
  if (window.tomobench === undefined) {
    throw new UserError('This page works only inside TomoBench. Start the program with "npm start".', 'unsupported');
  }
  return window.tomobench;
}

/** Sends one request. Rejects with the UserError the program answers with. */
export async function request<N extends RequestName>(name: N, argument: RequestArguments<N>): Promise<RequestAnswer<N>> {
  const outcome = await api().request(name, argument);
  if (!outcome.ok) throw fromErrorMessage(outcome);
  return outcome.value;
}

export function listen<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
  return api().on(name, listener);
}

export function pathOfFile(file: File): string {
  return api().pathOfFile(file);
}
