/** The same section of two volumes, linked: side by side with their difference where wanted, or one over the other. */
import { useMemo } from 'react';
import { type Side, useViewer } from '../../state/viewerStore';
import { colourTables } from '../../viewer/colourMaps';
import { SlicePane } from '../../viewer/SlicePane';
import { useSlice } from '../../viewer/useSlice';
import type { VolumeFacts } from '../../viewer/useVolume';
import { differenceOf, sameShape } from './difference';
import { FlickerPanes, SwipePanes } from './OverlaidPanes';
import { type Source, titleOf } from './sources';
import type { Windows } from './useWindows';
import { VolumeSlice } from './VolumeSlice';

interface Props {
  readonly left: VolumeFacts;
  readonly right: VolumeFacts | null;
  readonly rightFailure: string | null;
  readonly windows: Windows;
  readonly sources: readonly Source[];
}

export function ComparePanes({ left, right, rightFailure, windows, sources }: Props): React.JSX.Element {
  const axis = useViewer((state) => state.axis);
  const difference = useViewer((state) => state.difference);
  const mode = useViewer((state) => state.compareMode);
  if (mode !== 'side' && right !== null) {
    const slice = (facts: VolumeFacts, side: Side): React.JSX.Element => (
      <VolumeSlice facts={facts} axis={axis} title={titleOf(facts.reference, sources)} side={side} windows={windows} />
    );
    const layers = { left: slice(left, 'left'), right: slice(right, 'right') };
    return mode === 'swipe' ? <SwipePanes {...layers} /> : <FlickerPanes {...layers} />;
  }
  return (
    <div className={`panes ${difference ? 'three' : 'two'}`}>
      <VolumeSlice facts={left} axis={axis} title={titleOf(left.reference, sources)} side="left" windows={windows} />
      {right === null ? (
        <p className="pane-failure quiet">{rightFailure ?? 'Choose what to show on the right.'}</p>
      ) : (
        <VolumeSlice facts={right} axis={axis} title={titleOf(right.reference, sources)} side="right" windows={windows} />
      )}
      {difference && right !== null && <DifferencePane left={left} right={right} windows={windows} />}
    </div>
  );
}

function DifferencePane({
  left,
  right,
  windows,
}: {
  readonly left: VolumeFacts;
  readonly right: VolumeFacts;
  readonly windows: Windows;
}): React.JSX.Element {
  const axis = useViewer((state) => state.axis);
  const range = useViewer((state) => state.differenceRange);
  const size = left.info.shape[axis];
  const index = useViewer((state) => Math.max(0, Math.min(size - 1, state.slices[axis])));
  const first = useSlice(left.reference, axis, index, size).slice;
  const second = useSlice(right.reference, axis, index, size).slice;
  const comparable = sameShape(left.info.shape, right.info.shape);
  const values = useMemo(
    () => (comparable && first !== null && second !== null ? differenceOf(first.values, second.values) : null),
    [comparable, first, second],
  );
  const half = range ?? (windows.left.high - windows.left.low) / 4;
  return (
    <SlicePane
      axis={axis}
      title={`Left minus right, \u00b1${half.toPrecision(2)}`}
      values={values}
      drawn={`difference ${axis} ${index}`}
      failure={comparable ? null : 'The two volumes have different sizes, so there is no difference to show.'}
      shape={left.info.shape}
      index={index}
      voxelSizeMm={left.info.voxelSizeMm}
      window={{ low: -half, high: half }}
      colours={colourTables.difference}
      onWindow={({ low, high }) => useViewer.setState({ differenceRange: (high - low) / 2 })}
    />
  );
}
