/** What processes and GPUs use right now, from the system and the GPUs' driver; the rates of it are the asker's. */
import { cpus } from 'node:os';
import { loadNative } from '../../native/binding';
import type { DataMethods } from '../../shared/workerMessages';

export function readUsage({ pids, gpus }: DataMethods['readUsage'][0]): DataMethods['readUsage'][1] {
  const native = loadNative();
  return {
    processes: pids.map((pid) => (pid === null ? null : native.processUsage(pid))),
    gpus: gpus ? native.readGpus().devices : [],
    machineCpuSeconds: cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000,
  };
}
