/** One section of one volume: reads the slice and hands it to the pane. */
import type { Axis } from '../../api/volumes';
import { type Side, shownIndex, useViewer } from '../../state/viewerStore';
import { colourTables } from '../../viewer/colourMaps';
import type { VoxelGrid } from '../../viewer/paneGeometry';
import { SlicePane } from '../../viewer/SlicePane';
import { useSlice } from '../../viewer/useSlice';
import type { VolumeFacts } from '../../viewer/useVolume';
import type { Windows } from './useWindows';

interface Props {
  readonly facts: VolumeFacts;
  /** The grid that slices are counted in. */
  readonly lead: VoxelGrid;
  readonly axis: Axis;
  readonly title: string;
  readonly side: Side;
  readonly windows: Windows;
}

export function VolumeSlice({ facts, lead, axis, title, side, windows }: Props): React.JSX.Element {
  const { info, reference } = facts;
  const wanted = useViewer((state) => state.slices[axis]);
  const colourMap = useViewer((state) => state.colourMap);
  // As the crosshair will be once it is put into the volume: reading another slice first would make this one wait.
  const index = shownIndex(axis, wanted, lead, info);
  const { slice, failure } = useSlice(reference, axis, index, info.shape[axis]);
  const fits = slice !== null && slice.axis === axis;
  return (
    <SlicePane
      axis={axis}
      title={title}
      values={fits ? slice.values : null}
      drawn={fits ? `${slice.reference} ${slice.axis} ${slice.index}` : ''}
      failure={failure}
      shape={info.shape}
      index={index}
      voxelSizeMm={info.voxelSizeMm}
      lead={lead}
      window={side === 'left' ? windows.left : windows.right}
      colours={colourTables[colourMap]}
      onWindow={(window) => windows.set(side, window)}
    />
  );
}
