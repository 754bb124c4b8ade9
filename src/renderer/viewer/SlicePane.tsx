/** One slice on screen with the mouse habits of VolView: wheel slices, left drag window and level, middle pans, right zooms, Ctrl+click moves the crosshair. */
import { useEffect, useRef, useState } from 'react';
import type { SlicePoint } from '../../engine/measure/lineProfile';
import type { Axis } from '../api/volumes';
import { type GreyWindow, moveSlice, setMark, setPaneView, useViewer } from '../state/viewerStore';
import type { ColourTable } from './colourMaps';
import { drawSlice, type SliceBuffer } from './drawSlice';
import { axisNames, type PaneView, placeSlice, planeAxes, planeNames, type Shape, slicePointAt, toVoxel, voxelAt } from './paneGeometry';

interface Props {
  readonly axis: Axis;
  /** What the pane shows, for its corner: "Reference", "Iterate 4". */
  readonly title: string;
  readonly values: Float32Array | null;
  readonly failure: string | null;
  readonly shape: Shape;
  readonly index: number;
  readonly voxelSizeMm: number;
  readonly window: GreyWindow;
  readonly colours: ColourTable;
  readonly onWindow: (window: GreyWindow) => void;
}

interface Drag {
  readonly kind: 'window' | 'pan' | 'zoom' | 'cross' | 'measure';
  readonly x: number;
  readonly y: number;
  readonly view: PaneView;
  readonly window: GreyWindow;
}

export function SlicePane(props: Props): React.JSX.Element {
  const { axis, values, shape, index, window: grey, colours, voxelSizeMm, onWindow } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const buffer = useRef<SliceBuffer | null>(null);
  const drag = useRef<Drag | null>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const view = useViewer((state) => state.views[axis]);
  const slices = useViewer((state) => state.slices);
  const crosshair = useViewer((state) => state.crosshair);
  const smooth = useViewer((state) => state.smooth);
  const active = useViewer((state) => state.axis === axis);
  const tool = useViewer((state) => state.tool);
  const measure = useViewer((state) => (state.measure?.axis === axis ? state.measure : null));
  const ratio = window.devicePixelRatio;
  const plane = planeAxes(axis);
  const placement = placeSlice(axis, shape, size.width * ratio, size.height * ratio, view, 6 * ratio);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const resized = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    resized.observe(element);
    return () => resized.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    if (element === null || size.width === 0) return;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    if (values === null) return;
    const cross = crosshair ? { row: slices[plane.rows], column: slices[plane.columns] } : null;
    buffer.current = drawSlice(
      element,
      { values, placement, low: grey.low, high: grey.high, colours, smooth, cross, measure, voxelSizeMm, pixelRatio: ratio },
      buffer.current,
    );
  });

  const voxelUnder = (event: React.MouseEvent): { row: number; column: number } | null => {
    const box = event.currentTarget.getBoundingClientRect();
    return voxelAt(placement, (event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio);
  };

  const pointUnder = (event: React.MouseEvent): SlicePoint => {
    const box = event.currentTarget.getBoundingClientRect();
    return slicePointAt(placement, (event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio);
  };

  const moveCross = (event: React.MouseEvent): void => {
    const place = voxelUnder(event);
    if (place === null) return;
    moveSlice(plane.rows, place.row, shape[plane.rows]);
    moveSlice(plane.columns, place.column, shape[plane.columns]);
  };

  const moved = (event: React.PointerEvent): void => {
    const place = voxelUnder(event);
    setMark(place === null ? null : { axis, voxel: toVoxel(axis, index, place.row, place.column) });
    const start = drag.current;
    if (start === null) return;
    const dx = event.clientX - start.x;
    const dy = event.clientY - start.y;
    if (start.kind === 'cross') moveCross(event);
    else if (start.kind === 'measure') {
      const to = pointUnder(event);
      useViewer.setState((state) => (state.measure === null ? {} : { measure: { ...state.measure, to } }));
    } else if (start.kind === 'pan') {
      const perVoxel = placement.scale / ratio;
      setPaneView(axis, { ...start.view, panColumns: start.view.panColumns + dx / perVoxel, panRows: start.view.panRows + dy / perVoxel });
    } else if (start.kind === 'zoom') setPaneView(axis, { ...start.view, zoom: limitZoom(start.view.zoom * 2 ** (-dy / 120)) });
    else onWindow(draggedWindow(start.window, dx, dy));
  };

  return (
    <div className={`pane${active ? ' active' : ''}`}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${planeNames[axis]}, ${props.title}, slice ${index + 1} of ${shape[axis]}`}
        data-pane={axis}
        onContextMenu={(event) => event.preventDefault()}
        onPointerDown={(event) => {
          const kind =
            event.button === 1 || (event.button === 0 && event.shiftKey)
              ? 'pan'
              : event.button === 2
                ? 'zoom'
                : event.ctrlKey
                  ? 'cross'
                  : tool === 'window'
                    ? 'window'
                    : 'measure';
          drag.current = { kind, x: event.clientX, y: event.clientY, view, window: grey };
          event.currentTarget.setPointerCapture(event.pointerId);
          useViewer.setState({ axis });
          if (kind === 'cross') moveCross(event);
          if (kind === 'measure' && tool !== 'window') {
            const from = pointUnder(event);
            useViewer.setState({ measure: { kind: tool, axis, from, to: from } });
          }
          if (event.button === 1) event.preventDefault();
        }}
        onPointerMove={moved}
        onPointerUp={() => {
          drag.current = null;
        }}
        onPointerLeave={() => setMark(null)}
        onDoubleClick={() => useViewer.setState(({ maximised }) => ({ maximised: maximised === axis ? null : axis }))}
        onWheel={(event) => {
          const step = Math.sign(event.deltaY === 0 ? event.deltaX : event.deltaY);
          if (event.ctrlKey) setPaneView(axis, { ...view, zoom: limitZoom(view.zoom * 1.15 ** -step) });
          else moveSlice(axis, index + step * (event.shiftKey ? 10 : 1), shape[axis]);
        }}
      />
      <div className="pane-corner top left">
        <b>{planeNames[axis]}</b>
        {props.title}
      </div>
      <div className="pane-corner top right">
        {axisNames[axis]} {index + 1} / {shape[axis]}
      </div>
      <div className="pane-corner bottom left marks" aria-hidden="true">
        {plane.upward ? `${axisNames[plane.rows]} \u2191` : `${axisNames[plane.rows]} \u2193`} {axisNames[plane.columns]} {'\u2192'}
      </div>
      {props.failure !== null && <p className="pane-failure">{props.failure}</p>}
    </div>
  );
}

function limitZoom(zoom: number): number {
  return Math.max(0.2, Math.min(60, zoom));
}

/** Right widens, down raises the level, as in VolView; 400 px are one window width. */
export function draggedWindow({ low, high }: GreyWindow, dx: number, dy: number): GreyWindow {
  const width = Math.max(1e-12, high - low);
  const level = (low + high) / 2 + (dy / 400) * width;
  const next = width * 2 ** (dx / 200);
  return { low: level - next / 2, high: level + next / 2 };
}
