/** Asks a short-lived device worker what this machine offers, because only workers load the native code. */
import type { DeviceMethods, MachineInfo } from '../../shared/workerMessages';
import type { Launcher } from './launcher';
import { WorkerClient } from './workerClient';

/** Rejects with UserError when the native code is missing or broken. */
export async function probeMachine(launcher: Launcher): Promise<MachineInfo> {
  const client = new WorkerClient<DeviceMethods>(launcher('deviceMain', 'TomoBench devices'), 'The device check');
  try {
    return await client.call('describe', null);
  } finally {
    await client.close();
  }
}
