/** The slices on screen as a figure for paper: the three planes of one volume, or one plane of compared volumes with their differences. */

import type { PanelsFigure, SlicePanel } from '../../../engine/figures/slicePanels';
import { regionStatistics } from '../../../engine/measure/regionStatistics';
import { type Axis, readSlice } from '../../api/volumes';
import { type GreyWindow, type Side, shownIndex, useViewer } from '../../state/viewerStore';
import { type ColourTable, colourTables, paintWindow } from '../../viewer/colourMaps';
import { axisNames, planeNames, sliceGrid } from '../../viewer/paneGeometry';
import type { VolumeFacts } from '../../viewer/useVolume';
import { differenceHalf, differenceOf, sameShape } from './difference';
import { type Source, titleOf } from './sources';
import type { Windows } from './useWindows';

/** Pixels of a panel's image at least, where voxels are shown as they are. */
const leastPixels = 800;

interface Shown {
  readonly side: Side;
  readonly facts: VolumeFacts;
}

/** A volume of a comparison, how it is drawn and what it is called. */
export interface Compared {
  readonly facts: VolumeFacts;
  readonly window: GreyWindow;
  readonly title: string;
}

/** Whole slices through the crosshair, through the windows in use. Rejects where a slice cannot be read. */
export async function panelsFigure(
  left: VolumeFacts,
  others: readonly Shown[],
  windows: Windows,
  sources: readonly Source[],
): Promise<PanelsFigure> {
  const { layout, axis, difference } = useViewer.getState();
  const volumes = [{ side: 'left' as const, facts: left }, ...others].map(
    ({ facts, side }): Compared => ({
      facts,
      window: side === 'left' ? windows.left : windows.right,
      title: titleOf(facts.reference, sources),
    }),
  );
  if (layout === 'compare') return comparisonFigure(volumes, axis, difference);
  const axes: readonly Axis[] = [0, 1, 2];
  const planes = axes.map((plane) => slicePanel({ facts: left, window: windows.left, title: planeNames[plane] }, plane, left));
  return { kind: 'panels', name: 'slices', title: `Slices of ${titleOf(left.reference, sources)}`, rows: [await Promise.all(planes)] };
}

/** One plane of each volume in the same place, and where asked for what each differs from the first by. Rejects where a slice cannot be read. */
export async function comparisonFigure(volumes: readonly Compared[], axis: Axis, difference: boolean): Promise<PanelsFigure> {
  const [first, ...others] = volumes;
  const title = `${planeNames[axis]} slices`;
  if (first === undefined) return { kind: 'panels', name: 'slices', title, rows: [] };
  const row = await Promise.all(volumes.map((one) => slicePanel(one, axis, first.facts)));
  const compared = difference ? others.filter(({ facts }) => sameShape(facts.info.shape, first.facts.info.shape)) : [];
  if (compared.length === 0) return { kind: 'panels', name: 'slices', title, rows: [row] };
  const differences = await Promise.all(compared.map((one) => differencePanel(first, one, axis, letterOf(volumes, one))));
  // The difference of two stands beside them; of more, each stands below its volume.
  const rows = volumes.length === 2 ? [[...row, ...differences]] : [row, volumes.map((one) => differences[compared.indexOf(one)] ?? null)];
  return { kind: 'panels', name: 'slices', title, rows };
}

async function slicePanel({ facts, window, title }: Compared, plane: Axis, lead: VolumeFacts): Promise<SlicePanel> {
  const { colourMap } = useViewer.getState();
  const index = indexIn(facts, plane, lead);
  const values = await readSlice(facts.reference, plane, index);
  return panel({ facts, plane, index, label: title, values, colours: colourTables[colourMap], window, valueTitle: valueTitle(facts) });
}

function letterOf(volumes: readonly Compared[], one: Compared): string {
  return String.fromCharCode(97 + volumes.indexOf(one));
}

async function differencePanel(first: Compared, second: Compared, axis: Axis, letter: string): Promise<SlicePanel> {
  const { facts } = first;
  const index = indexIn(facts, axis, facts);
  const [one, other] = await Promise.all([readSlice(facts.reference, axis, index), readSlice(second.facts.reference, axis, index)]);
  const values = differenceOf(one, other);
  if (values === null) throw new Error('The compared volumes have different sizes, so there is no difference to draw.');
  const half = differenceHalf(useViewer.getState().differenceRange, first.window);
  return panel({
    facts,
    plane: axis,
    index,
    label: `(a) \u2212 (${letter})`,
    values,
    colours: colourTables.difference,
    window: { low: -half, high: half },
    valueTitle: `Difference${facts.info.unit === '' ? '' : ` (${facts.info.unit})`}`,
  });
}

/** The slice through the crosshair, which is counted in voxels of `lead`. */
function indexIn({ info }: VolumeFacts, axis: Axis, lead: VolumeFacts): number {
  return shownIndex(axis, useViewer.getState().slices[axis], lead.info, info);
}

function valueTitle({ info }: VolumeFacts): string {
  return info.unit === '1/mm' ? 'Attenuation (1/mm)' : info.unit === '' ? 'Value' : `Value (${info.unit})`;
}

interface Drawn {
  readonly facts: VolumeFacts;
  readonly plane: Axis;
  readonly index: number;
  readonly label: string;
  readonly values: Float32Array;
  readonly colours: ColourTable;
  readonly window: GreyWindow;
  readonly valueTitle: string;
}

function panel({ facts, plane, index, label, values, colours, window, valueTitle: title }: Drawn): SlicePanel {
  const { rows, columns, upward } = sliceGrid(plane, facts.info.shape);
  const whole = regionStatistics(values, [rows, columns], { row: 0, column: 0 }, { row: rows - 1, column: columns - 1 });
  return {
    label,
    slice: `${planeNames[plane]}, ${axisNames[plane]} ${index + 1} of ${facts.info.shape[plane]}`,
    image: imageOf(values, rows, columns, upward, colours, window),
    rows,
    columns,
    voxelSizeMm: facts.info.voxelSizeMm,
    ...window,
    valueTitle: title,
    colours: stopsOf(colours),
    statistics: whole ?? { mean: Number.NaN, standardDeviation: Number.NaN, minimum: Number.NaN, maximum: Number.NaN },
  };
}

/** A PNG as a data URI: smooth as on screen, or each voxel a square of pixels. */
function imageOf(
  values: Float32Array,
  rows: number,
  columns: number,
  upward: boolean,
  colours: ColourTable,
  { low, high }: GreyWindow,
): string {
  const pixels = new ImageData(columns, rows);
  paintWindow(values, low, high, colours, new Uint32Array(pixels.data.buffer));
  const slice = new OffscreenCanvas(columns, rows);
  slice.getContext('2d')?.putImageData(pixels, 0, 0);
  const scale = Math.max(1, Math.ceil(leastPixels / Math.max(rows, columns)));
  const canvas = document.createElement('canvas');
  canvas.width = columns * scale;
  canvas.height = rows * scale;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This page cannot draw the slices.');
  context.imageSmoothingEnabled = useViewer.getState().smooth;
  context.imageSmoothingQuality = 'high';
  if (upward) context.setTransform(1, 0, 0, -1, 0, canvas.height);
  context.drawImage(slice, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}

/** Nine colours from one end of a table to the other: between them a gradient differs from the table by less than the eye sees. */
function stopsOf(colours: ColourTable): string[] {
  return Array.from({ length: 9 }, (_, stop) => {
    const packed = colours[Math.round((stop / 8) * 255)] ?? 0;
    const byte = (shift: number): string => ((packed >> shift) & 255).toString(16).padStart(2, '0');
    return `#${byte(0)}${byte(8)}${byte(16)}`;
  });
}
