/** One slice of a volume with its name and marks: ties the pane's mouse to the crosshair, the slices and the measurement all panes share. */
import type { SlicePoint } from '../../engine/measure/lineProfile';
import type { Axis } from '../api/volumes';
import { type GreyWindow, type Measure, moveSlice, setMark, setPaneView, useViewer } from '../state/viewerStore';
import type { ColourTable } from './colourMaps';
import { PaneCanvas, type VoxelPlace } from './PaneCanvas';
import {
  axisNames,
  planeAxes,
  planeNames,
  type Shape,
  sameIndex,
  samePoint,
  sameView,
  sliceGrid,
  toVoxel,
  type VoxelGrid,
} from './paneGeometry';

interface Props {
  readonly axis: Axis;
  /** What the pane shows, for its corner: "Reference", "Iterate 4". */
  readonly title: string;
  /** A short title, whose second line would only hide the picture. */
  readonly oneLine?: boolean;
  readonly values: Float32Array | null;
  /** Which slice `values` is: reference, axis and index. */
  readonly drawn: string;
  readonly failure: string | null;
  readonly shape: Shape;
  readonly index: number;
  readonly voxelSizeMm: number;
  /** The grid whose voxels crosshair, slices and marks of all panes are counted in. */
  readonly lead: VoxelGrid;
  readonly window: GreyWindow;
  readonly colours: ColourTable;
  readonly onWindow: (window: GreyWindow) => void;
  readonly children?: React.ReactNode;
}

export function SlicePane(props: Props): React.JSX.Element {
  const { axis, shape, index, lead } = props;
  const view = useViewer((state) => state.views[axis]);
  const slices = useViewer((state) => state.slices);
  const crosshair = useViewer((state) => state.crosshair);
  const smooth = useViewer((state) => state.smooth);
  const active = useViewer((state) => state.axis === axis);
  const tool = useViewer((state) => state.tool);
  const measure = useViewer((state) => (state.measure?.axis === axis ? state.measure : null));
  const plane = planeAxes(axis);

  const grid: VoxelGrid = { shape, voxelSizeMm: props.voxelSizeMm };
  const own = (along: Axis): number => sameIndex(along, slices[along], lead, grid);
  const inLead = (along: Axis, place: number): number => sameIndex(along, place, grid, lead);
  const moveCross = ({ row, column }: VoxelPlace): void => {
    moveSlice(plane.rows, inLead(plane.rows, row), lead.shape[plane.rows]);
    moveSlice(plane.columns, inLead(plane.columns, column), lead.shape[plane.columns]);
  };
  const draw = (kind: Measure['kind'], from: SlicePoint, to: SlicePoint): void =>
    useViewer.setState({ measure: { kind, axis, from: samePoint(axis, from, grid, lead), to: samePoint(axis, to, grid, lead) } });
  const point = ({ row, column }: VoxelPlace): void => {
    const place = { row: inLead(plane.rows, row), column: inLead(plane.columns, column) };
    setMark({ axis, voxel: toVoxel(axis, slices[axis], place.row, place.column) });
  };
  return (
    <div className={`pane${active ? ' active' : ''}`}>
      <PaneCanvas
        name={String(axis)}
        label={`${planeNames[axis]}, ${props.title}, slice ${index + 1} of ${shape[axis]}`}
        drawn={props.drawn}
        values={props.values}
        grid={sliceGrid(axis, shape)}
        view={sameView(view, lead, grid)}
        window={props.window}
        colours={props.colours}
        smooth={smooth}
        cross={crosshair ? { row: own(plane.rows), column: own(plane.columns) } : null}
        measure={
          measure === null
            ? null
            : { ...measure, from: samePoint(axis, measure.from, lead, grid), to: samePoint(axis, measure.to, lead, grid) }
        }
        voxelSizeMm={props.voxelSizeMm}
        primary={tool === 'window' ? 'window' : 'draw'}
        onView={(next) => setPaneView(axis, sameView(next, grid, lead))}
        onWindow={props.onWindow}
        onStep={(step) => moveSlice(axis, slices[axis] + step, lead.shape[axis])}
        onHover={(place) => (place === null ? setMark(null) : point(place))}
        onPick={moveCross}
        onDraw={(from, to) => tool !== 'window' && draw(tool, from, to)}
        onPress={() => useViewer.setState({ axis })}
        onDoubleClick={() => useViewer.setState(({ maximised }) => ({ maximised: maximised === axis ? null : axis }))}
      />
      <div className="pane-top">
        <div className="pane-corner top left">
          <b>{planeNames[axis]}</b>
          <span className={props.oneLine ? 'pane-title ellipsis' : 'pane-title two-lines'} title={props.title}>
            {props.title}
          </span>
        </div>
        <div className="pane-corner top right">
          {axisNames[axis]} {index + 1} / {shape[axis]}
        </div>
      </div>
      <div className="pane-corner bottom left marks" aria-hidden="true">
        {plane.upward ? `${axisNames[plane.rows]} \u2191` : `${axisNames[plane.rows]} \u2193`} {axisNames[plane.columns]} {'\u2192'}
      </div>
      {props.children}
      {props.failure !== null && <p className="pane-failure">{props.failure}</p>}
    </div>
  );
}
