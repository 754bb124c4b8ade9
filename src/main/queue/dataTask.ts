/** A long request to the data process, with its progress passed on and its end asked for where the caller gives up; what it does is the process's. */
import { randomUUID } from 'node:crypto';
import type { DataMethods, DataNotices } from '../../shared/workerMessages';
import type { Progress } from '../coordinator/prober';
import type { WorkerCalls } from '../processes/workerClient';

export interface DataCalls extends WorkerCalls<DataMethods> {
  /** Answers what ends the listening. */
  onNotice(listener: (name: string, payload: unknown) => void): () => void;
}

/** `request` sends the request under the task it is given. Rejects with code "cancelled" once the signal was aborted. */
export async function dataTask<T>(data: DataCalls, { signal, report }: Progress, request: (task: string) => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const task = randomUUID();
  const stopListening = data.onNotice((name, payload) => {
    const notice = payload as DataNotices['task'];
    if (name === 'task' && notice.task === task) report?.(notice.fraction);
  });
  // Where the process is gone, the request itself says so.
  const cancel = (): void => void data.call('cancelTask', { task }).catch(() => {});
  signal?.addEventListener('abort', cancel);
  try {
    return await request(task);
  } finally {
    stopListening();
    signal?.removeEventListener('abort', cancel);
  }
}
