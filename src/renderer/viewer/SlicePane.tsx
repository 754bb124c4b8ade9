/** One slice of a volume with its name and marks: ties the pane's mouse to the crosshair, the slices and the measurement all panes share. */
import type { Axis } from '../api/volumes';
import { type GreyWindow, moveSlice, setMark, setPaneView, useViewer } from '../state/viewerStore';
import type { ColourTable } from './colourMaps';
import { PaneCanvas, type VoxelPlace } from './PaneCanvas';
import { axisNames, planeAxes, planeNames, type Shape, sliceGrid, toVoxel } from './paneGeometry';

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
  readonly window: GreyWindow;
  readonly colours: ColourTable;
  readonly onWindow: (window: GreyWindow) => void;
  readonly children?: React.ReactNode;
}

export function SlicePane(props: Props): React.JSX.Element {
  const { axis, shape, index } = props;
  const view = useViewer((state) => state.views[axis]);
  const slices = useViewer((state) => state.slices);
  const crosshair = useViewer((state) => state.crosshair);
  const smooth = useViewer((state) => state.smooth);
  const active = useViewer((state) => state.axis === axis);
  const tool = useViewer((state) => state.tool);
  const measure = useViewer((state) => (state.measure?.axis === axis ? state.measure : null));
  const plane = planeAxes(axis);

  const moveCross = ({ row, column }: VoxelPlace): void => {
    moveSlice(plane.rows, row, shape[plane.rows]);
    moveSlice(plane.columns, column, shape[plane.columns]);
  };
  return (
    <div className={`pane${active ? ' active' : ''}`}>
      <PaneCanvas
        name={String(axis)}
        label={`${planeNames[axis]}, ${props.title}, slice ${index + 1} of ${shape[axis]}`}
        drawn={props.drawn}
        values={props.values}
        grid={sliceGrid(axis, shape)}
        view={view}
        window={props.window}
        colours={props.colours}
        smooth={smooth}
        cross={crosshair ? { row: slices[plane.rows], column: slices[plane.columns] } : null}
        measure={measure}
        voxelSizeMm={props.voxelSizeMm}
        primary={tool === 'window' ? 'window' : 'draw'}
        onView={(next) => setPaneView(axis, next)}
        onWindow={props.onWindow}
        onStep={(step) => moveSlice(axis, index + step, shape[axis])}
        onHover={(place) => setMark(place === null ? null : { axis, voxel: toVoxel(axis, index, place.row, place.column) })}
        onPick={moveCross}
        onDraw={(from, to) => tool !== 'window' && useViewer.setState({ measure: { kind: tool, axis, from, to } })}
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
