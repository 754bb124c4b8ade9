/** The line profile or the region statistics of what is measured, of every volume on screen and of the reference. */
import { Download, X } from 'lucide-react';
import { useMemo } from 'react';
import { lineProfileFigure } from '../../../engine/figures/lineProfileFigure';
import { lineLength, lineProfile, type SlicePoint } from '../../../engine/measure/lineProfile';
import { regionStatistics } from '../../../engine/measure/regionStatistics';
import type { Axis } from '../../api/volumes';
import { Plot } from '../../charts/Plot';
import { setExporting } from '../../state/chartsStore';
import { clearMeasure, insideOrMiddle, type Measure, useViewer } from '../../state/viewerStore';
import { planeAxes, sameIndex, samePoint, type VoxelGrid } from '../../viewer/paneGeometry';
import type { LoadedSlice } from '../../viewer/useSlice';
import { useSlice } from '../../viewer/useSlice';
import type { VolumeFacts } from '../../viewer/useVolume';
import { valueText } from '../parts/text';
import { useThemeInUse } from '../parts/useThemeInUse';
import { type Source, titleOf } from './sources';

interface Props {
  readonly left: VolumeFacts;
  /** Compared with it; null while they are read. */
  readonly others: readonly (VolumeFacts | null)[];
  /** The reference volume of the open data; drawn too. */
  readonly anchor: VolumeFacts | null;
  readonly sources: readonly Source[];
}

interface Measured {
  readonly label: string;
  readonly facts: VolumeFacts;
  readonly slice: LoadedSlice | null;
  /** The measurement's ends in the volume's own voxels. */
  readonly from: SlicePoint;
  readonly to: SlicePoint;
}

export function MeasurePanel(props: Props): React.JSX.Element | null {
  const tool = useViewer((state) => state.tool);
  const measure = useViewer((state) => state.measure);
  if (tool === 'window' && measure === null) return null;
  const kind = measure?.kind ?? tool;
  return (
    <section className={`measure-panel ${kind}`} aria-label={kind === 'region' ? 'Region statistics' : 'Line profile'}>
      {measure === null ? <Hint kind={kind} /> : <Result {...props} measure={measure} />}
    </section>
  );
}

function Header({ title, children }: { readonly title: string; readonly children?: React.ReactNode }): React.JSX.Element {
  return (
    <div className="measure-header">
      <h3 className="grow">{title}</h3>
      {children}
      <button type="button" className="button quiet small" aria-label="Close" title="Close (Escape)" onClick={clearMeasure}>
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  );
}

function Hint({ kind }: { readonly kind: string }): React.JSX.Element {
  return (
    <Header title={kind === 'region' ? 'Region statistics' : 'Line profile'}>
      <span className="muted small">{kind === 'region' ? 'Drag a rectangle on a slice.' : 'Drag a line on a slice.'}</span>
    </Header>
  );
}

function Result({ left, others, anchor, sources, measure }: Props & { readonly measure: Measure }): React.JSX.Element {
  const { axis } = measure;
  const { shape } = left.info;
  const index = useViewer((state) => insideOrMiddle(state.slices[axis], shape[axis]));
  const volumes = useMemo(() => distinct([left, ...others, anchor]), [left, others, anchor]);
  const place = [axis, index, left.info] as const;
  const slices = [
    useSliceOf(volumes[0], ...place),
    useSliceOf(volumes[1], ...place),
    useSliceOf(volumes[2], ...place),
    useSliceOf(volumes[3], ...place),
    useSliceOf(volumes[4], ...place),
  ];
  const measured = volumes.map((facts, position) => ({
    label: titleOf(facts.reference, sources),
    facts,
    slice: slices[position] ?? null,
    from: samePoint(axis, measure.from, left.info, facts.info),
    to: samePoint(axis, measure.to, left.info, facts.info),
  }));
  return measure.kind === 'profile' ? (
    <Profile measured={measured} measure={measure} index={index} />
  ) : (
    <Region measured={measured} measure={measure} index={index} />
  );
}

/** The slice in the place of slice `index` of the grid `lead`; null also where the volume does not reach there. */
function useSliceOf(facts: VolumeFacts | undefined, axis: Axis, index: number, lead: VoxelGrid): LoadedSlice | null {
  const size = facts?.info.shape[axis] ?? 1;
  const own = facts === undefined ? 0 : sameIndex(axis, index, lead, facts.info);
  return useSlice(own >= 0 && own < size ? (facts?.reference ?? null) : null, axis, own, size).slice;
}

/** Each volume once, where its values have the unit of the first: volumes of other voxel sizes lie in the same space. */
function distinct(volumes: readonly (VolumeFacts | null)[]): VolumeFacts[] {
  const kept = new Map<string, VolumeFacts>();
  const unit = volumes[0]?.info.unit;
  for (const facts of volumes) {
    if (facts !== null && facts.info.unit === unit && !kept.has(facts.reference)) kept.set(facts.reference, facts);
  }
  return [...kept.values()];
}

interface ResultProps {
  readonly measured: readonly Measured[];
  readonly measure: Measure;
  readonly index: number;
}

/** The slice's values and size, once the slice that is shown has come. */
function sliceOf({ facts, slice }: Measured, measure: Measure): { values: Float32Array; shape: readonly [number, number] } | null {
  const plane = planeAxes(measure.axis);
  const shape = [facts.info.shape[plane.rows], facts.info.shape[plane.columns]] as const;
  if (slice === null || slice.axis !== measure.axis || slice.values.length !== shape[0] * shape[1]) return null;
  return { values: slice.values, shape };
}

function Profile({ measured, measure, index }: ResultProps): React.JSX.Element {
  const theme = useThemeInUse();
  const figure = useMemo(() => {
    const curves = measured.flatMap((one) => {
      const slice = sliceOf(one, measure);
      if (slice === null) return [];
      const samples = lineProfile(slice.values, slice.shape, one.from, one.to, one.facts.info.voxelSizeMm);
      return [{ label: one.label, reference: one.facts.reference, samples }];
    });
    return lineProfileFigure(curves, measured[0]?.facts.info.unit ?? '');
  }, [measured, measure]);
  const lengthMm = lineLength(measure.from, measure.to) * (measured[0]?.facts.info.voxelSizeMm ?? 1);
  return (
    <>
      <Header title="Line profile">
        <span className="muted small">
          {lengthMm.toFixed(2)} mm, slice {index + 1}
        </span>
        <button
          type="button"
          className="button small"
          title="For print, with the numbers beside it as CSV"
          onClick={() => setExporting([figure])}
        >
          <Download size={14} aria-hidden="true" /> Export...
        </button>
      </Header>
      <Plot figure={figure} theme={theme} legend />
    </>
  );
}

function Region({ measured, measure, index }: ResultProps): React.JSX.Element {
  const unit = measured[0]?.facts.info.unit ?? '';
  return (
    <>
      <Header title="Region statistics">
        <span className="muted small">
          Slice {index + 1}
          {unit !== '' && `, values in ${unit}`}
        </span>
      </Header>
      <table>
        <thead>
          <tr>
            <th scope="col">Volume</th>
            <th scope="col">Mean</th>
            <th scope="col">Standard deviation</th>
            <th scope="col" title="Mean divided by standard deviation">
              SNR
            </th>
            <th scope="col">Smallest</th>
            <th scope="col">Largest</th>
            <th scope="col">Voxels</th>
          </tr>
        </thead>
        <tbody>
          {measured.map((one) => {
            const slice = sliceOf(one, measure);
            const region = slice === null ? null : regionStatistics(slice.values, slice.shape, one.from, one.to);
            const cells =
              region === null
                ? ['-', '-', '-', '-', '-', '-']
                : [
                    valueText(region.mean),
                    valueText(region.standardDeviation),
                    region.signalToNoise === null ? 'no spread' : region.signalToNoise.toPrecision(3),
                    valueText(region.minimum),
                    valueText(region.maximum),
                    String(region.count),
                  ];
            return (
              <tr key={one.facts.reference}>
                <th scope="row">{one.label}</th>
                {cells.map((text, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the columns are fixed
                  <td key={column}>{text}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
