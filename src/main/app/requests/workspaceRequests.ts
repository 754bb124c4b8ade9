/** Working in another workspace, or in the example results. */
import { dialog } from 'electron';
import type { RequestTable } from '../../ipc/dispatch';
import type { RequestContext } from './requestContext';

type WorkspaceRequest = 'workspace.openDialog' | 'workspace.open' | 'workspace.openExample';

export function workspaceRequests({ window, workspaces }: RequestContext): Pick<RequestTable, WorkspaceRequest> {
  return {
    'workspace.openDialog': async () => {
      const { filePaths } = await dialog.showOpenDialog(window, {
        title: 'Open workspace',
        buttonLabel: 'Open',
        properties: ['openDirectory', 'createDirectory'],
      });
      return filePaths[0] === undefined ? null : { path: filePaths[0] };
    },
    'workspace.open': async ({ path }) => {
      await workspaces.change(path);
      return null;
    },
    'workspace.openExample': async () => {
      await workspaces.openExample();
      return null;
    },
  };
}
