/** The same section of two to four volumes, linked: side by side with their differences where wanted, or one over the other. */
import { useMemo } from 'react';
import { insideOrMiddle, type Side, sideNames, useViewer } from '../../state/viewerStore';
import { colourTables } from '../../viewer/colourMaps';
import { SlicePane } from '../../viewer/SlicePane';
import { useSlice } from '../../viewer/useSlice';
import type { VolumeFacts } from '../../viewer/useVolume';
import { differenceHalf, differenceOf, sameShape } from './difference';
import { FlickerPanes, SwipePanes } from './OverlaidPanes';
import { type Source, titleOf } from './sources';
import type { ComparedVolume } from './useOthers';
import type { Windows } from './useWindows';
import { VolumeSlice } from './VolumeSlice';

interface Props {
  readonly left: VolumeFacts;
  readonly others: readonly ComparedVolume[];
  readonly windows: Windows;
  readonly sources: readonly Source[];
}

export function ComparePanes({ left, others, windows, sources }: Props): React.JSX.Element {
  const axis = useViewer((state) => state.axis);
  const difference = useViewer((state) => state.difference);
  const mode = useViewer((state) => state.compareMode);
  const slice = (facts: VolumeFacts, side: Side): React.JSX.Element => (
    <VolumeSlice
      key={side}
      facts={facts}
      lead={left.info}
      axis={axis}
      title={titleOf(facts.reference, sources)}
      side={side}
      windows={windows}
    />
  );
  const read = others.flatMap(({ side, facts }) => (facts === null ? [] : [{ side, facts }]));
  const [right] = read;
  if (mode === 'swipe' && right?.side === 'right') return <SwipePanes left={slice(left, 'left')} right={slice(right.facts, 'right')} />;
  if (mode === 'flicker' && read.length > 0)
    return <FlickerPanes layers={[slice(left, 'left'), ...read.map(({ side, facts }) => slice(facts, side))]} />;
  return (
    <div className={`panes ${arrangement(1 + others.length, difference && read.length > 0)}`}>
      {slice(left, 'left')}
      {others.map(({ side, facts, failure }) =>
        facts === null ? (
          <p key={side} className="pane-failure quiet">
            {failure ?? (side === 'right' ? 'Choose what to show on the right.' : 'Reading the volume...')}
          </p>
        ) : (
          slice(facts, side)
        ),
      )}
      {difference && others.length > 1 && <p className="pane-failure quiet">Below the others: left minus each of them.</p>}
      {difference && read.map(({ side, facts }) => <DifferencePane key={side} left={left} right={facts} side={side} windows={windows} />)}
    </div>
  );
}

/** Two stand side by side with the difference as the third; differences of more stand below them. */
function arrangement(volumes: number, difference: boolean): string {
  if (volumes === 2) return difference ? 'three' : 'two';
  if (volumes === 3) return difference ? 'three over-three' : 'three';
  return difference ? 'over-four' : 'four';
}

function DifferencePane({
  left,
  right,
  side,
  windows,
}: {
  readonly left: VolumeFacts;
  readonly right: VolumeFacts;
  readonly side: Side;
  readonly windows: Windows;
}): React.JSX.Element {
  const axis = useViewer((state) => state.axis);
  const range = useViewer((state) => state.differenceRange);
  const size = left.info.shape[axis];
  const index = useViewer((state) => insideOrMiddle(state.slices[axis], size));
  const first = useSlice(left.reference, axis, index, size).slice;
  const second = useSlice(right.reference, axis, index, size).slice;
  const comparable = sameShape(left.info.shape, right.info.shape);
  const values = useMemo(
    () => (comparable && first !== null && second !== null ? differenceOf(first.values, second.values) : null),
    [comparable, first, second],
  );
  const half = differenceHalf(range, windows.left);
  return (
    <SlicePane
      axis={axis}
      title={`Left \u2212 ${sideNames[side].toLowerCase()}, \u00b1${half.toPrecision(2)}`}
      oneLine
      values={values}
      drawn={`difference ${right.reference} ${axis} ${index}`}
      failure={comparable ? null : 'The two volumes have different sizes, so there is no difference to show.'}
      shape={left.info.shape}
      index={index}
      voxelSizeMm={left.info.voxelSizeMm}
      lead={left.info}
      window={{ low: -half, high: half }}
      colours={colourTables.difference}
      onWindow={({ low, high }) => useViewer.setState({ differenceRange: (high - low) / 2 })}
    />
  );
}
