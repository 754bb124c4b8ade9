/** Saves what is on screen under a name the user gives; progress and Cancel are the tray's. */
import { formatCorrections } from '../../shared/corrections';
import { request } from '../api/client';
import { useDataCheck } from './dataCheckStore';
import { useExperiment } from './experimentStore';
import { useViewer } from './viewerStore';
import { showNote } from './windowStore';

/** The viewer's (left) volume. */
export async function saveVolume(folder: boolean): Promise<void> {
  const { left } = useViewer.getState();
  if (left === null) {
    showNote('Choose a volume in the viewer, then save it.');
    return;
  }
  const written = await request('volume.save', { ref: left, folder });
  if (written !== null) showNote(`Wrote ${written.file}.`);
}

/** The open data's, with the corrections that are applied to it. */
export async function saveGeometry(): Promise<void> {
  const { dataPath, data } = useExperiment.getState();
  if (dataPath === null || data === null) {
    showNote('Open data first, then save its geometry.');
    return;
  }
  const corrections = formatCorrections(useDataCheck.getState().corrections);
  const written = await request('geometry.save', { path: dataPath, corrections });
  if (written !== null) showNote([`Wrote ${written.file} (${written.views} views).`, ...written.notes].join(' '));
}
