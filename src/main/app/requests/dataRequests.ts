/** Choosing and inspecting scan data; what was inspected may then be looked at in the viewer. */
import { dialog } from 'electron';
import type { RequestTable } from '../../ipc/dispatch';
import type { RequestContext } from './requestContext';

export function dataRequests({
  window,
  program,
  sessions,
  volumes,
  send,
}: RequestContext): Pick<RequestTable, 'data.openDialog' | 'data.openFolderDialog' | 'data.inspect' | 'data.check'> {
  return {
    'data.openDialog': async () => {
      const { filePaths } = await dialog.showOpenDialog(window, {
        title: 'Open data',
        properties: ['openFile'],
        filters: [
          { name: 'Scan data', extensions: ['pt', 'pth', 'h5', 'hdf5', 'nxs', 'tif', 'tiff', 'mhd', 'mha', 'xtekct'] },
          { name: 'All files', extensions: ['*'] },
        ],
      });
      return filePaths[0] === undefined ? null : { path: filePaths[0] };
    },
    'data.openFolderDialog': async () => {
      const { filePaths } = await dialog.showOpenDialog(window, { title: 'Open a folder of scan data', properties: ['openDirectory'] });
      return filePaths[0] === undefined ? null : { path: filePaths[0] };
    },
    'data.inspect': async ({ path }) => {
      program.dataCheck.stop();
      const summary = await program.data.call('inspect', { path, voxelSizeMm: null });
      volumes.allowData(summary.id, path);
      await sessions.remember('recentData', path);
      return summary;
    },
    'data.check': ({ path }) => program.dataCheck.run(path, (fraction) => send('data.checking', { path, fraction })),
  };
}
