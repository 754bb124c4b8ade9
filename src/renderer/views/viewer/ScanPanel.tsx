/** What of the scan is shown and through which window, and what its geometry says in numbers. */
import type { DataSummary } from '../../../shared/contract';
import { cachedSlice } from '../../api/volumes';
import { resetScanPanes, showScanRow, showScanView, useScan } from '../../state/scanStore';
import { useViewer } from '../../state/viewerStore';
import type { VolumeFacts } from '../../viewer/useVolume';
import { NumberField } from '../parts/NumberField';
import { valueText } from '../parts/text';
import { ColourChoice } from './ColourChoice';
import { LayoutChoice } from './LayoutChoice';
import type { Windows } from './useWindows';
import { WindowControls } from './WindowControls';

interface Props {
  readonly data: DataSummary;
  readonly facts: VolumeFacts;
  readonly windows: Windows;
  readonly view: number;
  readonly row: number;
}

export function ScanPanel({ data, facts, windows, view, row }: Props): React.JSX.Element {
  const outline = useScan((state) => state.outline);
  const smooth = useViewer((state) => state.smooth);
  const [views, rows] = facts.info.shape;
  return (
    <aside className="side-panel" aria-label="View settings">
      <section>
        <LayoutChoice />
      </section>
      <WindowControls left={facts} right={null} windows={windows} />
      <section>
        <h3>Shown</h3>
        <Place name="View" value={view} size={views} onShow={(place) => showScanView(place, views)} />
        <Place name="Row" value={row} size={rows} onShow={(place) => showScanRow(place, rows)} />
        <label className="check">
          <input type="checkbox" checked={outline} onChange={() => useScan.setState({ outline: !outline })} />
          Shadow of the volume and its axis (c)
        </label>
        <label className="check">
          <input type="checkbox" checked={smooth} onChange={() => useViewer.setState({ smooth: !smooth })} />
          Smooth pixels (i)
        </label>
        <ColourChoice />
        <button type="button" className="button small" onClick={resetScanPanes}>
          Reset pan and zoom (r)
        </button>
      </section>
      <GeometryFacts data={data} />
      <PixelReadout facts={facts} view={view} row={row} />
    </aside>
  );
}

function Place(props: {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly onShow: (place: number) => void;
}): React.JSX.Element {
  const { name, value, size, onShow } = props;
  return (
    <div className="labelled">
      <span className="side-name">{name}</span>
      <input
        type="range"
        className="grow"
        min={0}
        max={size - 1}
        value={value}
        aria-label={`${name} shown`}
        onChange={(event) => onShow(Number(event.target.value))}
      />
      <NumberField label={`${name} number`} value={value + 1} onAccept={(place) => onShow(place - 1)} />
    </div>
  );
}

function GeometryFacts({ data }: { readonly data: DataSummary }): React.JSX.Element {
  const { type, views, detectorRows, detectorColumns, pixelSizeMm, sourceToAxisMm, sourceToDetectorMm, arcDegrees } = data.geometry;
  const mm = (value: number): string => `${valueText(value)} mm`;
  return (
    <section>
      <h3>Geometry</h3>
      <dl className="facts">
        <dt>Beam</dt>
        <dd>{type === 'conebeam' ? 'cone' : 'parallel'}</dd>
        <dt>Views</dt>
        <dd>
          {views} over {arcDegrees.toFixed(1)}&deg;
        </dd>
        <dt>Detector</dt>
        <dd>
          {detectorColumns} x {detectorRows}, {valueText(pixelSizeMm[1])} x {valueText(pixelSizeMm[0])} mm
        </dd>
        {sourceToAxisMm !== null && (
          <>
            <dt>Source to axis</dt>
            <dd>{mm(sourceToAxisMm)}</dd>
          </>
        )}
        {sourceToDetectorMm !== null && (
          <>
            <dt>To detector</dt>
            <dd>{mm(sourceToDetectorMm)}</dd>
          </>
        )}
        {sourceToAxisMm !== null && sourceToDetectorMm !== null && (
          <>
            <dt>Magnification</dt>
            <dd>{(sourceToDetectorMm / sourceToAxisMm).toFixed(2)}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** The value under the pointer, in either pane. */
function PixelReadout({
  facts,
  view,
  row,
}: {
  readonly facts: VolumeFacts;
  readonly view: number;
  readonly row: number;
}): React.JSX.Element {
  const mark = useScan((state) => state.mark);
  const columns = facts.info.shape[2];
  const [axis, index] = mark?.pane === 'sinogram' ? ([1, row] as const) : ([0, view] as const);
  const value = mark === null ? undefined : cachedSlice(facts.reference, axis, index)?.[mark.row * columns + mark.column];
  const [ofView, ofRow] = mark?.pane === 'sinogram' ? [mark.row, row] : [view, mark?.row ?? 0];
  return (
    <section className="readout" aria-label="Pixel">
      <h3>Under the pointer</h3>
      <dl className="facts">
        <dt>Value</dt>
        <dd>{value === undefined ? '-' : `${valueText(value)} (line integral)`}</dd>
        <dt>Pixel</dt>
        <dd>{mark === null ? '-' : `view ${ofView + 1}, row ${ofRow + 1}, column ${mark.column + 1}`}</dd>
      </dl>
    </section>
  );
}
