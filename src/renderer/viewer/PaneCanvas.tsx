/** A slice on a canvas with the mouse habits of VolView: wheel steps, left drag window and level, middle pans, right zooms, Ctrl+click picks. What the slice is of, and what follows from a step or a pick, is the owner's. */
import { useEffect, useRef, useState } from 'react';
import type { SlicePoint } from '../../engine/measure/lineProfile';
import type { GreyWindow } from '../state/viewerStore';
import type { ColourTable } from './colourMaps';
import { drawSlice, type MeasureDrawing, type Overlay, type SliceBuffer } from './drawSlice';
import { type Grid, type PaneView, placeGrid, slicePointAt, voxelAt } from './paneGeometry';

export interface VoxelPlace {
  readonly row: number;
  readonly column: number;
}

export interface PaneCanvasProps {
  readonly name: string;
  readonly label: string;
  /** Says what `values` is of, so that tests and benchmarks see when it is on screen. */
  readonly drawn: string;
  readonly values: Float32Array | null;
  readonly grid: Grid;
  readonly view: PaneView;
  readonly window: GreyWindow;
  readonly colours: ColourTable;
  readonly smooth: boolean;
  readonly cross: VoxelPlace | null;
  readonly measure: MeasureDrawing | null;
  /** Drawn over the slice; the owner keeps it the same object while it shows the same. */
  readonly overlay?: Overlay;
  /** null: no scale bar. */
  readonly voxelSizeMm: number | null;
  /** What dragging with the left button does. */
  readonly primary: 'window' | 'draw';
  readonly onView: (view: PaneView) => void;
  readonly onWindow: (window: GreyWindow) => void;
  /** Slices to go on by: -1, 1 or, with Shift, -10, 10. */
  readonly onStep: (step: number) => void;
  readonly onHover: (place: VoxelPlace | null) => void;
  readonly onPick: (place: VoxelPlace) => void;
  readonly onDraw?: (from: SlicePoint, to: SlicePoint) => void;
  readonly onPress?: () => void;
  readonly onDoubleClick?: () => void;
}

interface Drag {
  readonly kind: 'window' | 'pan' | 'zoom' | 'pick' | 'draw';
  readonly x: number;
  readonly y: number;
  readonly view: PaneView;
  readonly window: GreyWindow;
  readonly from: SlicePoint;
}

export function PaneCanvas(props: PaneCanvasProps): React.JSX.Element {
  const { values, grid, view, window: grey, colours, smooth, cross, measure, overlay, voxelSizeMm, onView, drawn } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const buffer = useRef<SliceBuffer | null>(null);
  const drag = useRef<Drag | null>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const ratio = window.devicePixelRatio;
  const placement = placeGrid(grid, size.width * ratio, size.height * ratio, view, 6 * ratio);

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
    buffer.current = drawSlice(
      element,
      { values, placement, low: grey.low, high: grey.high, colours, smooth, cross, measure, overlay, voxelSizeMm, pixelRatio: ratio },
      buffer.current,
    );
    element.dataset.drawn = drawn;
  });

  const at = (event: React.MouseEvent): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  };
  const pick = (event: React.MouseEvent): void => {
    const place = voxelAt(placement, ...at(event));
    if (place !== null) props.onPick(place);
  };

  const moved = (event: React.PointerEvent): void => {
    props.onHover(voxelAt(placement, ...at(event)));
    const start = drag.current;
    if (start === null) return;
    const dx = event.clientX - start.x;
    const dy = event.clientY - start.y;
    if (start.kind === 'pick') pick(event);
    else if (start.kind === 'draw') props.onDraw?.(start.from, slicePointAt(placement, ...at(event)));
    else if (start.kind === 'pan') {
      onView({
        ...start.view,
        panColumns: start.view.panColumns + (dx * ratio) / placement.scale,
        panRows: start.view.panRows + (dy * ratio) / placement.rowScale,
      });
    } else if (start.kind === 'zoom') onView({ ...start.view, zoom: limitZoom(start.view.zoom * 2 ** (-dy / 120)) });
    else props.onWindow(draggedWindow(start.window, dx, dy));
  };

  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={props.label}
      data-pane={props.name}
      onContextMenu={(event) => event.preventDefault()}
      onPointerDown={(event) => {
        const kind = kindOf(event, props.primary);
        const from = slicePointAt(placement, ...at(event));
        drag.current = { kind, x: event.clientX, y: event.clientY, view, window: grey, from };
        event.currentTarget.setPointerCapture(event.pointerId);
        props.onPress?.();
        if (kind === 'pick') pick(event);
        if (kind === 'draw') props.onDraw?.(from, from);
        if (event.button === 1) event.preventDefault();
      }}
      onPointerMove={moved}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerLeave={() => props.onHover(null)}
      onDoubleClick={props.onDoubleClick}
      onWheel={(event) => {
        const step = Math.sign(event.deltaY === 0 ? event.deltaX : event.deltaY);
        if (event.ctrlKey) onView({ ...view, zoom: limitZoom(view.zoom * 1.15 ** -step) });
        else props.onStep(step * (event.shiftKey ? 10 : 1));
      }}
    />
  );
}

function kindOf(event: React.PointerEvent, primary: 'window' | 'draw'): Drag['kind'] {
  if (event.button === 1 || (event.button === 0 && event.shiftKey)) return 'pan';
  if (event.button === 2) return 'zoom';
  return event.ctrlKey ? 'pick' : primary;
}

function limitZoom(zoom: number): number {
  return Math.max(0.2, Math.min(60, zoom));
}

/** Right widens, down raises the level, as in VolView; 400 px are one window width. */
function draggedWindow({ low, high }: GreyWindow, dx: number, dy: number): GreyWindow {
  const width = Math.max(1e-12, high - low);
  const level = (low + high) / 2 + (dy / 400) * width;
  const next = width * 2 ** (dx / 200);
  return { low: level - next / 2, high: level + next / 2 };
}
