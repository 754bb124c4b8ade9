/** The measured data: the scan in 3D, one view, and the sinogram of one detector row, linked. A wrong axis shows as a shadow that does not fit. */
import { useMemo } from 'react';
import type { DataSummary } from '../../../shared/contract';
import type { ScanGeometry } from '../../../shared/geometry';
import { formatVolumeRef } from '../../../shared/volumes';
import { resetScanPanes, setScanPane, showScanRow, showScanView, useScan } from '../../state/scanStore';
import { type GreyWindow, toggleScan, useViewer } from '../../state/viewerStore';
import { colourTables } from '../../viewer/colourMaps';
import { GeometryPane } from '../../viewer/GeometryPane';
import { PaneCanvas } from '../../viewer/PaneCanvas';
import { useScanGeometry } from '../../viewer/useScanGeometry';
import { useSlice } from '../../viewer/useSlice';
import { useVolume, type VolumeFacts } from '../../viewer/useVolume';
import { PlayBar } from './PlayBar';
import { ScanPanel } from './ScanPanel';
import { projectionOverlay, sinogramOverlay, withGuide } from './scanOutline';
import { useKeys } from './useKeys';
import { automaticWindow, type Windows } from './useWindows';
import { ViewerFrame } from './ViewerFrame';

export function ScanView({ data }: { readonly data: DataSummary }): React.JSX.Element {
  const reference = formatVolumeRef({ kind: 'data', dataId: data.id, array: 'sinogram' });
  const { geometry, failure } = useScanGeometry(reference, data);
  const { facts, failure: unreadable } = useVolume(reference);
  const problem = failure ?? unreadable;
  if (geometry !== null && facts !== null) return <Scan data={data} geometry={geometry} facts={facts} />;
  return (
    <div className="viewer-main">
      <div className="viewer-panes">
        <p className={`pane-failure${problem === null ? ' quiet' : ''}`}>{problem ?? 'Reading the scan...'}</p>
      </div>
    </div>
  );
}

interface ScanProps {
  readonly data: DataSummary;
  readonly geometry: ScanGeometry;
  /** Of the projections, (views, rows, columns). */
  readonly facts: VolumeFacts;
}

function Scan({ data, geometry, facts }: ScanProps): React.JSX.Element {
  const [views, rows, columns] = facts.info.shape;
  const view = useScan((state) => Math.min(views - 1, state.view));
  const row = useScan((state) => (state.row < 0 || state.row >= rows ? Math.floor(rows / 2) : state.row));
  const playing = useScan((state) => state.playing);
  const outline = useScan((state) => state.outline);
  const panes = useScan((state) => state.panes);
  const stepMs = useViewer((state) => state.playStepMs);
  const smooth = useViewer((state) => state.smooth);
  const colourMap = useViewer((state) => state.colourMap);
  const windows = useScanWindow(facts);
  const projection = useSlice(facts.reference, 0, view, views);
  const sinogram = useSlice(facts.reference, 1, row, rows);
  const shadow = useMemo(() => projectionOverlay(geometry, view), [geometry, view]);
  const trace = useMemo(() => sinogramOverlay(geometry, row), [geometry, row]);
  const onView = useMemo(() => withGuide(outline ? shadow : null, row, columns), [outline, shadow, row, columns]);
  const onSinogram = useMemo(() => withGuide(outline ? trace : null, view, columns), [outline, trace, view, columns]);
  const [rowStepMm, columnStepMm] = data.geometry.pixelSizeMm;
  useScanKeys(view, views, row, rows, windows.automatic);

  const measured = projection.slice?.axis === 0 && projection.slice.reference === facts.reference ? projection.slice : null;
  const strip = sinogram.slice?.axis === 1 && sinogram.slice.reference === facts.reference ? sinogram.slice : null;
  const shared = {
    window: windows.left,
    colours: colourTables[colourMap],
    smooth,
    measure: null,
    primary: 'window' as const,
    onWindow: (next: GreyWindow) => windows.set('left', next),
  };
  return (
    <ViewerFrame side={<ScanPanel data={data} facts={facts} windows={windows} view={view} row={row} />}>
      <div className="viewer-panes panes scan">
        <GeometryPane geometry={geometry} view={view} values={measured?.values ?? null} window={windows.left} />
        <div className="pane">
          <PaneCanvas
            {...shared}
            name="projection"
            label={`Measured view ${view + 1} of ${views}, with the shadow the geometry predicts for the volume`}
            drawn={measured === null ? '' : `view ${measured.index}`}
            values={measured?.values ?? null}
            grid={{ rows, columns, upward: false, aspect: rowStepMm / columnStepMm }}
            view={panes.projection}
            cross={null}
            overlay={onView}
            voxelSizeMm={columnStepMm}
            onView={(next) => setScanPane('projection', next)}
            onStep={(step) => showScanView(view + step, views)}
            onHover={(place) => useScan.setState({ mark: place === null ? null : { pane: 'projection', ...place } })}
            onPick={(place) => showScanRow(place.row, rows)}
          />
          <div className="pane-corner top left">
            <b>View</b>
            {outline ? 'with the shadow of the volume' : ''}
          </div>
          <div className="pane-corner top right">
            {view + 1} / {views}
          </div>
          {projection.failure !== null && <p className="pane-failure">{projection.failure}</p>}
        </div>
        <div className="pane">
          <PaneCanvas
            {...shared}
            name="sinogram"
            label={`Sinogram of detector row ${row + 1} of ${rows}: one line for each view`}
            drawn={strip === null ? '' : `row ${strip.index}`}
            values={strip?.values ?? null}
            grid={{ rows: views, columns, upward: false, aspect: 'fill' }}
            view={panes.sinogram}
            cross={null}
            overlay={onSinogram}
            voxelSizeMm={null}
            onView={(next) => setScanPane('sinogram', next)}
            onStep={(step) => showScanRow(row + step, rows)}
            onHover={(place) => useScan.setState({ mark: place === null ? null : { pane: 'sinogram', ...place } })}
            onPick={(place) => showScanView(place.row, views)}
          />
          <div className="pane-corner top left">
            <b>Sinogram</b>
            {'views \u2193 columns \u2192'}
          </div>
          <div className="pane-corner top right">
            row {row + 1} / {rows}
          </div>
          {sinogram.failure !== null && <p className="pane-failure">{sinogram.failure}</p>}
        </div>
      </div>
      <PlayBar
        name={null}
        what="view"
        suffix=""
        position={view}
        count={views}
        valueText={`view ${view + 1}`}
        playing={playing}
        stepMs={stepMs}
        onShow={(place) => showScanView(place, views)}
        onPlay={(play) => useScan.setState({ playing: play })}
        onStepMs={(playStepMs) => useViewer.setState({ playStepMs })}
      >
        {`View ${view + 1} of ${views}`}
      </PlayBar>
    </ViewerFrame>
  );
}

function useScanWindow(facts: VolumeFacts): Windows {
  const chosen = useScan((state) => state.window);
  return useMemo(() => {
    const shown = chosen ?? automaticWindow(facts);
    return {
      left: shown,
      right: shown,
      automatic: () => useScan.setState({ window: null }),
      set: (_side, window) => useScan.setState({ window }),
    };
  }, [chosen, facts]);
}

function useScanKeys(view: number, views: number, row: number, rows: number, automatic: () => void): void {
  const actions = useMemo(
    () => ({
      a: automatic,
      c: () => useScan.setState(({ outline }) => ({ outline: !outline })),
      i: () => useViewer.setState(({ smooth }) => ({ smooth: !smooth })),
      r: resetScanPanes,
      g: toggleScan,
      ArrowLeft: () => showScanView(view - 1, views),
      ArrowRight: () => showScanView(view + 1, views),
      ArrowUp: () => showScanRow(row - 1, rows),
      ArrowDown: () => showScanRow(row + 1, rows),
      PageUp: () => showScanRow(row - 10, rows),
      PageDown: () => showScanRow(row + 10, rows),
      ' ': () => useScan.setState(({ playing }) => ({ playing: !playing })),
    }),
    [view, views, row, rows, automatic],
  );
  useKeys(actions);
}
