/** Axial, coronal, sagittal and 3D of one volume; any of them can fill the area. */
import { useViewer } from '../../state/viewerStore';
import type { VolumeFacts } from '../../viewer/useVolume';
import { VolumePane } from '../../viewer/VolumePane';
import { type Source, titleOf } from './sources';
import type { Windows } from './useWindows';
import { VolumeSlice } from './VolumeSlice';

interface Props {
  readonly facts: VolumeFacts;
  readonly windows: Windows;
  readonly sources: readonly Source[];
}

export function FourPanes({ facts, windows, sources }: Props): React.JSX.Element {
  const maximised = useViewer((state) => state.maximised);
  const title = titleOf(facts.reference, sources);
  const slices = ([0, 1, 2] as const).filter((axis) => maximised === null || maximised === axis);
  return (
    <div className={maximised === null ? 'panes four' : 'panes one'}>
      {slices.map((axis) => (
        <VolumeSlice key={axis} facts={facts} lead={facts.info} axis={axis} title={title} side="left" windows={windows} />
      ))}
      {(maximised === null || maximised === 3) && (
        <VolumePane reference={facts.reference} title={title} voxelSizeMm={facts.info.voxelSizeMm} window={windows.left} />
      )}
    </div>
  );
}
