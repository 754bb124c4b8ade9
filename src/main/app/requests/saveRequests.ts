/** Saving a volume or a scan's geometry under a name the user gives; writing is the data worker's, progress and Cancel the tray's. */
import { basename } from 'node:path';
import { dialog } from 'electron';
import { UserError } from '../../../shared/errors';
import { volumeFormats } from '../../../shared/volumeFormats';
import { parseVolumeRef } from '../../../shared/volumes';
import type { RequestTable } from '../../ipc/dispatch';
import { dataTask } from '../../queue/dataTask';
import type { RequestContext } from './requestContext';

const geometryFilters = [
  { name: 'RTK geometry', extensions: ['xml'] },
  { name: 'Vectors as text', extensions: ['txt'] },
  { name: 'Vectors as NumPy array', extensions: ['npy'] },
];

export function saveRequests({ window, program, volumes, jobs }: RequestContext): Pick<RequestTable, 'volume.save' | 'geometry.save'> {
  const { data } = program;
  return {
    'volume.save': async ({ ref: text, folder }) => {
      const ref = parseVolumeRef(text);
      if (ref === null) throw new UserError('This volume is not known. Choose it again.', 'not_found');
      const source = await volumes.resolve(ref);
      const out = folder ? await chooseFolder(window) : await chooseFile(window);
      if (out === null) return null;
      const { bytes } = await jobs.run(`Saving ${basename(out)}`, (handle) =>
        dataTask(data, handle, (task) => data.call('saveVolume', { source, out, task })),
      );
      return { file: out, bytes };
    },
    'geometry.save': async ({ path, corrections }) => {
      const { filePath } = await dialog.showSaveDialog(window, {
        title: 'Save geometry',
        defaultPath: 'geometry.xml',
        filters: geometryFilters,
      });
      if (!filePath) return null;
      const { views, notes } = await data.call('saveGeometry', { path, voxelSizeMm: null, corrections, out: filePath });
      return { file: filePath, views, notes: [...notes] };
    },
  };
}

async function chooseFile(window: RequestContext['window']): Promise<string | null> {
  const { filePath } = await dialog.showSaveDialog(window, {
    title: 'Save volume',
    defaultPath: 'volume.tif',
    filters: volumeFormats.flatMap(({ label, endings }) =>
      endings.length === 0 ? [] : [{ name: label, extensions: endings.map((ending) => ending.slice(1)) }],
    ),
  });
  return filePath || null;
}

/** A folder of TIFF slices is asked for by a path that ends in a slash (volumeFormatOf). */
async function chooseFolder(window: RequestContext['window']): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Folder for the TIFF slices',
    buttonLabel: 'Write here',
    properties: ['openDirectory', 'createDirectory'],
  });
  return filePaths[0] === undefined ? null : `${filePaths[0]}/`;
}
