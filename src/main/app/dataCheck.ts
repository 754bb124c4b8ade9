/** Has the data of one scan looked through by a worker of its own, so that nothing else waits; a new check ends the one before. */
import { UserError } from '../../shared/errors';
import type { QualityReport } from '../../shared/quality';
import type { DeviceMethods, DeviceNotices } from '../../shared/workerMessages';
import type { Launcher } from '../processes/launcher';
import { WorkerClient } from '../processes/workerClient';

export class DataCheck {
  private current: WorkerClient<DeviceMethods> | null = null;

  constructor(private readonly launcher: Launcher) {}

  /** Rejects with code 'cancelled' when another check or stop() came in between. */
  async run(dataPath: string, onProgress: (fraction: number) => void): Promise<QualityReport> {
    this.stop();
    const client = new WorkerClient<DeviceMethods>(this.launcher('deviceMain', 'TomoBench data check'), 'The data check');
    this.current = client;
    client.onNotice((name, payload) => {
      if (name === 'progress') onProgress((payload as DeviceNotices['progress']).fraction);
    });
    try {
      // One thread: runs and the window go first.
      return await client.call('checkScan', { dataPath, voxelSizeMm: null, corrections: null, threads: 1 });
    } catch (error) {
      if (this.current !== client) throw new UserError('The check of the data was stopped.', 'cancelled');
      throw error;
    } finally {
      if (this.current === client) {
        this.current = null;
        void client.close();
      }
    }
  }

  stop(): void {
    const client = this.current;
    this.current = null;
    void client?.kill();
  }
}
