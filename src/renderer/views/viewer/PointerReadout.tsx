/** Position and value of the voxel under the pointer, else of the crosshair. */
import { Fragment } from 'react';
import { type Axis, cachedSlice } from '../../api/volumes';
import { sideNames, useViewer } from '../../state/viewerStore';
import { planeAxes, positionMm, sameIndex, type Voxel, type VoxelGrid } from '../../viewer/paneGeometry';
import type { VolumeFacts } from '../../viewer/useVolume';
import { valueText } from '../parts/text';
import type { ComparedVolume } from './useOthers';

interface Props {
  readonly left: VolumeFacts | null;
  readonly others: readonly ComparedVolume[];
}

export function PointerReadout({ left, others }: Props): React.JSX.Element | null {
  const mark = useViewer((state) => state.mark);
  useViewer((state) => state.arrivals);
  const slices = useViewer((state) => state.slices);
  const current = useViewer((state) => state.axis);
  if (left === null) return null;
  const { shape, voxelSizeMm, unit } = left.info;
  const axis = mark?.axis ?? current;
  const voxel: Voxel = mark?.voxel ?? slices;
  const first = valueAt(left, axis, voxel, left.info);
  const beside = others.flatMap(({ side, facts }) => (facts === null ? [] : [{ side, value: valueAt(facts, axis, voxel, left.info) }]));
  const text = (value: number | null): string => (value === null ? '-' : `${valueText(value)} ${unit}`);
  const position = ([2, 1, 0] as const).map((one) => positionMm(voxel[one], shape[one], voxelSizeMm).toFixed(2));
  return (
    <section className="readout" aria-label="Voxel">
      <h3>{mark === null ? 'At the crosshair' : 'Under the pointer'}</h3>
      <dl className="facts">
        <dt>{beside.length === 0 ? 'Value' : sideNames.left}</dt>
        <dd>{text(first)}</dd>
        {beside.map(({ side, value }) => (
          <Fragment key={side}>
            <dt>{sideNames[side]}</dt>
            <dd>
              {text(value)}
              {first !== null && value !== null && (
                <span className="muted" title={`${sideNames.left} minus ${sideNames[side].toLowerCase()}`}>
                  {` (${signed(first - value)})`}
                </span>
              )}
            </dd>
          </Fragment>
        ))}
        <dt>Voxel</dt>
        <dd>
          x {voxel[2] + 1}, y {voxel[1] + 1}, z {voxel[0] + 1}
        </dd>
        <dt>Position</dt>
        <dd>{position.join(', ')} mm</dd>
        <dt>Size</dt>
        <dd>
          {shape[2]} x {shape[1]} x {shape[0]}, {valueText(voxelSizeMm)} mm
        </dd>
      </dl>
    </section>
  );
}

function signed(difference: number): string {
  return difference < 0 ? `\u2212${valueText(-difference)}` : `+${valueText(difference)}`;
}

/** The value in the place of a voxel of the grid `lead`; null where the volume does not reach there, or the slice has not been read. */
function valueAt({ reference, info }: VolumeFacts, axis: Axis, voxel: Voxel, lead: VoxelGrid): number | null {
  const own = (along: Axis): number => sameIndex(along, voxel[along], lead, info);
  const plane = planeAxes(axis);
  const [row, column] = [own(plane.rows), own(plane.columns)];
  if (row < 0 || row >= info.shape[plane.rows] || column < 0 || column >= info.shape[plane.columns]) return null;
  return cachedSlice(reference, axis, own(axis))?.[row * info.shape[plane.columns] + column] ?? null;
}
