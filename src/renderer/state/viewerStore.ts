/** What the viewer shows: one volume or up to four compared ones, the crosshair's voxel, window and level, and how slices are drawn. */
import { create } from 'zustand';
import type { SlicePoint } from '../../engine/measure/lineProfile';
import type { Camera } from '../../shared/contract';
import { formatVolumeRef, parseVolumeRef } from '../../shared/volumes';
import type { Axis } from '../api/volumes';
import { type PaneView, sameIndex, type Voxel, type VoxelGrid, wholeSlice } from '../viewer/paneGeometry';

export interface GreyWindow {
  readonly low: number;
  readonly high: number;
}

/** The places of compared volumes, in order. */
export const sides = ['left', 'right', 'third', 'fourth'] as const;
export type Side = (typeof sides)[number];
export const sideNames: Readonly<Record<Side, string>> = { left: 'Left', right: 'Right', third: 'Third', fourth: 'Fourth' };
/** Those that are compared with the left one; the right one has a place even while nothing is chosen for it. */
export const otherSides = ['right', 'third', 'fourth'] as const;
export type Layout = 'four' | 'compare' | 'scan';
export type ColourMap = 'grey' | 'inverted' | 'viridis';
/** What dragging with the left button does. */
export type Tool = 'window' | 'profile' | 'region';
/** How compared volumes are laid over or beside each other. */
export type CompareMode = 'side' | 'swipe' | 'flicker';

/** A line or a rectangle on the slices of one axis; it stays where it is while slices pass. */
export interface Measure {
  readonly kind: 'profile' | 'region';
  readonly axis: Axis;
  readonly from: SlicePoint;
  readonly to: SlicePoint;
}

/** Milliseconds an iterate stays on screen at the usual speed of playing. */
export const usualStepMs = 450;

interface ViewerState {
  /** tomo:// references (formatVolumeRef); null: nothing. */
  left: string | null;
  right: string | null;
  third: string | null;
  fourth: string | null;
  layout: Layout;
  /** The axis of the side-by-side layout, and of the pane the keyboard acts on. */
  axis: Axis;
  /** Voxel under the crosshair, (z,y,x); -1: the middle, once the volume's size is known. */
  slices: readonly [number, number, number];
  /** Of the 3D view; null: as it first looks. */
  camera: Camera | null;
  /** Pan and zoom by axis. */
  views: Readonly<Record<Axis, PaneView>>;
  /** The voxel under the pointer and the axis of its pane. */
  mark: { readonly axis: Axis; readonly voxel: Voxel } | null;
  /** null: chosen from the volume's percentiles when it is first shown. */
  window: GreyWindow | null;
  /** The right volume's own window; null: both share one. */
  rightWindow: GreyWindow | null;
  crosshair: boolean;
  smooth: boolean;
  difference: boolean;
  /** The difference is drawn from minus to plus this; null: a quarter of the window. */
  differenceRange: number | null;
  colourMap: ColourMap;
  tool: Tool;
  measure: Measure | null;
  compareMode: CompareMode;
  /** Part of the pane's width that shows the left volume while swiping, 0 to 1. */
  swipe: number;
  /** Counts slices that arrived, so that what reads the cache looks again. */
  arrivals: number;
  /** The side whose iterates are being played. */
  playing: Side | null;
  /** Milliseconds an iterate stays while playing. */
  playStepMs: number;
  /** Pane enlarged to the whole area: an axis, or 3 for the 3D view. */
  maximised: Axis | 3 | null;
}

export const useViewer = create<ViewerState>(() => ({
  left: null,
  right: null,
  third: null,
  fourth: null,
  layout: 'four',
  axis: 0,
  slices: [-1, -1, -1],
  camera: null,
  views: { 0: wholeSlice, 1: wholeSlice, 2: wholeSlice },
  mark: null,
  window: null,
  rightWindow: null,
  crosshair: true,
  smooth: true,
  difference: false,
  differenceRange: null,
  colourMap: 'grey',
  tool: 'window',
  measure: null,
  compareMode: 'side',
  swipe: 0.5,
  arrivals: 0,
  playing: null,
  playStepMs: usualStepMs,
  maximised: null,
}));

/** Opens an iterate of a run, beside the reference where the data has one. */
export function openIterate(runId: string, iteration: number, beside: string | null): void {
  const left = formatVolumeRef({ kind: 'iterate', runId, iteration });
  useViewer.setState(({ right }) => ({ left, right: beside ?? right }));
}

/** The volumes beside each other, two to four. */
export function compareVolumes([left, right, third, fourth]: readonly (string | undefined)[]): void {
  useViewer.setState({
    left: left ?? null,
    right: right ?? null,
    third: third ?? null,
    fourth: fourth ?? null,
    layout: 'compare',
    playing: null,
  });
}

/** Takes the third or the fourth volume away; what stands behind it moves up. */
export function dropVolume(side: 'third' | 'fourth'): void {
  useViewer.setState(({ fourth }) => ({ ...(side === 'third' && { third: fourth }), fourth: null, playing: null }));
}

export function moveSlice(axis: Axis, index: number, size: number): void {
  const clamped = Math.max(0, Math.min(size - 1, Math.round(index)));
  useViewer.setState(({ slices }) => {
    const next: [number, number, number] = [slices[0], slices[1], slices[2]];
    next[axis] = clamped;
    return { slices: next };
  });
}

export function setWindow(window: GreyWindow | null, side: Side = 'left'): void {
  useViewer.setState(({ rightWindow }) =>
    side === 'right' && rightWindow !== null && window !== null ? { rightWindow: window } : { window },
  );
}

export function setMark(mark: ViewerState['mark']): void {
  useViewer.setState({ mark });
}

export function setPaneView(axis: Axis, view: PaneView): void {
  useViewer.setState(({ views }) => ({ views: { ...views, [axis]: view } }));
}

export function resetPaneViews(): void {
  useViewer.setState({ views: { 0: wholeSlice, 1: wholeSlice, 2: wholeSlice } });
}

/** The slice that is shown of `size`: the middle one where the crosshair lies outside. */
export function insideOrMiddle(wanted: number, size: number): number {
  return wanted >= 0 && wanted < size ? wanted : Math.floor(size / 2);
}

/** The slice of `grid` in the place of the slice `wanted` of `lead`; the middle one where either lies outside. */
export function shownIndex(axis: Axis, wanted: number, lead: VoxelGrid, grid: VoxelGrid): number {
  return insideOrMiddle(sameIndex(axis, insideOrMiddle(wanted, lead.shape[axis]), lead, grid), grid.shape[axis]);
}

/** Puts the crosshair into the middle of a volume (D,H,W) where it lies outside. */
export function fitSlices(shape: readonly [number, number, number]): void {
  const { slices } = useViewer.getState();
  const inside = (axis: Axis): number => insideOrMiddle(slices[axis], shape[axis]);
  const next: [number, number, number] = [inside(0), inside(1), inside(2)];
  if (next.some((index, axis) => index !== slices[axis])) useViewer.setState({ slices: next });
}

/** Takes the tool up, or puts it down when it is in hand. What was measured before goes. */
export function toggleTool(tool: Exclude<Tool, 'window'>): void {
  useViewer.setState((state) => ({ tool: state.tool === tool ? 'window' : tool, measure: null }));
}

export function clearMeasure(): void {
  useViewer.setState({ tool: 'window', measure: null });
}

export function noteArrival(): void {
  useViewer.setState(({ arrivals }) => ({ arrivals: arrivals + 1 }));
}

/** Where no slice comes, because all are in the cache or none can be read. */
const longestWaitMs = 600;

/** Resolves when the next slice arrives, or after a moment: what would make slices wait begins then. */
export function nextArrival(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const before = useViewer.getState().arrivals;
    const timer = setTimeout(end, longestWaitMs);
    const unsubscribe = useViewer.subscribe(({ arrivals }) => {
      if (arrivals !== before) end();
    });
  });
}

/** Plays the iterates of the first side that shows one, or stops. */
export function togglePlaying(): void {
  useViewer.setState((state) => {
    if (state.playing !== null) return { playing: null };
    const side = sides.find((one) => parseVolumeRef(state[one] ?? '')?.kind === 'iterate');
    return { playing: side ?? null };
  });
}

/** Between the measured data and the volumes. */
export function toggleScan(): void {
  useViewer.setState(({ layout }) => ({ layout: layout === 'scan' ? 'four' : 'scan', playing: null }));
}
