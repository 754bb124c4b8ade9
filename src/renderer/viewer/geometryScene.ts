/** A scan in 3D with vtk.js, in mm: the path of the source, detector with its measured view, rays to its corners, volume and rotation axis. Owns everything native to it. */
import '@kitware/vtk.js/Rendering/Profiles/Geometry';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkImageData from '@kitware/vtk.js/Common/DataModel/ImageData';
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData';
import vtkTubeFilter from '@kitware/vtk.js/Filters/General/TubeFilter';
import vtkPlaneSource from '@kitware/vtk.js/Filters/Sources/PlaneSource';
import vtkSphereSource from '@kitware/vtk.js/Filters/Sources/SphereSource';
import vtkActor from '@kitware/vtk.js/Rendering/Core/Actor';
import vtkMapper from '@kitware/vtk.js/Rendering/Core/Mapper';
import vtkTexture, { type vtkTexture as TextureType } from '@kitware/vtk.js/Rendering/Core/Texture';
import { detectorCorners, volumeEdges } from '../../engine/measure/detectorPoint';
import { type ScanGeometry, viewCount } from '../../shared/geometry';
import { along, type Vector3, viewVectors } from '../../shared/vectors';
import type { GreyWindow } from '../state/viewerStore';
import { colourTables, paintWindow } from './colourMaps';
import { createStage, type Stage } from './stage';

/** Anything of vtk.js that holds memory. */
interface Deletable {
  delete(): void;
}

export interface GeometryScene {
  /** The detector, rays and source of one view. */
  showView(view: number): void;
  /** The measured view (rows, columns) on the detector. */
  showProjection(values: Float32Array, window: GreyWindow): void;
  resetCamera(): void;
  resize(): void;
  dispose(): void;
}

/** Also named in the pane's legend. */
export const sceneColours = { source: '#ffd166', rays: '#ffd166', detector: '#7ec4ff', volume: '#8fd694', axis: '#f19ac2' } as const;

type Path = readonly Vector3[];

/** Throws where the page cannot draw in 3D (no WebGL 2). */
export function createGeometryScene(container: HTMLElement, geometry: ScanGeometry): GeometryScene {
  const stage = createStage(container);
  const { scope, renderer } = stage;
  const sources = sourcePath(geometry);
  const size = Math.max(...sources.map((place) => Math.hypot(...place)));
  const thickness = size / 150;

  const edges = volumeEdges(geometry);
  const height = geometry.volumeShape[0] * geometry.voxelSizeMm[0];
  const centre = geometry.volumeCentreMm;
  const axis: Path = [along(centre, [0, 0, 1], -height), along(centre, [0, 0, 1], height)];
  addTubes(stage, edges, thickness * 0.7, sceneColours.volume);
  addTubes(stage, [axis], thickness * 0.5, sceneColours.axis);
  addTubes(stage, [sources], thickness * 0.55, sceneColours.source);
  const path = Array.from({ length: viewCount(geometry) }, (_, view) => viewVectors(geometry.vectors, view)[1]);
  addTubes(stage, [path], thickness * 0.35, sceneColours.detector);
  const rays = addTubes(stage, [], thickness * 0.3, sceneColours.rays);
  const frame = addTubes(stage, [], thickness * 0.7, sceneColours.detector);

  const ball = scope.own(vtkSphereSource.newInstance({ radius: thickness * 3, thetaResolution: 24, phiResolution: 24 }));
  const source = addActor(stage, ball.getOutputPort(), sceneColours.source);
  const plane = scope.own(vtkPlaneSource.newInstance({ xResolution: 1, yResolution: 1 }));
  const screen = addActor(stage, plane.getOutputPort(), '#ffffff');
  // The package's types forget that a texture is an object of vtk like all others.
  const texture = scope.own(vtkTexture.newInstance() as TextureType & Deletable);
  texture.setInterpolate(true);
  texture.setEdgeClamp(true);
  screen.getProperty().setLighting(false);
  screen.setVisibility(false);
  let image: ReturnType<typeof vtkImageData.newInstance> | null = null;
  scope.onDispose(() => image?.delete());
  const aim = (): void => stage.aim([1.1, -1.5, 1.0], 1.45);

  const showView = (view: number): void => {
    const corners = detectorCorners(geometry, view);
    const from = sources[view] ?? [0, 0, 0];
    const [direction] = viewVectors(geometry.vectors, view);
    const reach = 2 * size;
    const startOf = (corner: Vector3): Vector3 =>
      geometry.type === 'conebeam' ? from : along(corner, direction, -reach / Math.hypot(...direction));
    rays.set(corners.map((corner) => [startOf(corner), corner]));
    frame.set([[...corners, corners[0]]]);
    source.setPosition(from[0], from[1], from[2]);
    plane.setOrigin(...corners[0]);
    plane.setPoint1(...corners[1]);
    plane.setPoint2(...corners[3]);
  };
  showView(0);
  aim();
  return {
    showView(view) {
      showView(view);
      renderer.resetCameraClippingRange();
      stage.render();
    },
    showProjection(values, { low, high }) {
      const { detectorRows: rows, detectorColumns: columns } = geometry;
      if (values.length !== rows * columns) return;
      const pixels = new Uint32Array(values.length);
      paintWindow(values, low, high, colourTables.grey, pixels);
      const next = vtkImageData.newInstance();
      next.setDimensions([columns, rows, 1]);
      next
        .getPointData()
        .setScalars(vtkDataArray.newInstance({ name: 'view', numberOfComponents: 4, values: new Uint8Array(pixels.buffer) }));
      texture.setInputData(next);
      if (image === null) {
        screen.addTexture(texture);
        screen.setVisibility(true);
      }
      image?.delete();
      image = next;
      stage.render();
    },
    resetCamera() {
      aim();
      stage.render();
    },
    resize: stage.resize,
    dispose: () => scope.dispose(),
  };
}

/** Where the rays of every view come from: the source, or, of parallel rays, a point as far away as the detector is. */
function sourcePath(geometry: ScanGeometry): Path {
  return Array.from({ length: viewCount(geometry) }, (_, view) => {
    const [source, detector] = viewVectors(geometry.vectors, view);
    if (geometry.type === 'conebeam') return source;
    const far = 2 * Math.max(Math.hypot(...detector), geometry.volumeShape[2] * geometry.voxelSizeMm[2]);
    return along(detector, source, -far / Math.hypot(...source));
  });
}

function addActor(
  { scope, renderer }: Stage,
  port: ReturnType<ReturnType<typeof vtkPlaneSource.newInstance>['getOutputPort']>,
  colour: string,
): ReturnType<typeof vtkActor.newInstance> {
  const mapper = scope.own(vtkMapper.newInstance());
  const actor = scope.own(vtkActor.newInstance());
  mapper.setInputConnection(port);
  actor.setMapper(mapper);
  const part = (from: number): number => Number.parseInt(colour.slice(from, from + 2), 16) / 255;
  actor.getProperty().setColor(part(1), part(3), part(5));
  actor.getProperty().setAmbient(0.45);
  actor.getProperty().setDiffuse(0.6);
  renderer.addActor(actor);
  return actor;
}

/** Lines with a thickness in mm: those of WebGL are one pixel wide, which is lost on a large screen. */
function addTubes(stage: Stage, paths: readonly Path[], radius: number, colour: string): { set(paths: readonly Path[]): void } {
  const { scope } = stage;
  const lines = scope.own(vtkPolyData.newInstance());
  const tubes = scope.own(vtkTubeFilter.newInstance({ radius, numberOfSides: 8, capping: true }));
  const set = (next: readonly Path[]): void => {
    lines.getPoints().setData(Float32Array.from(next.flat(2)), 3);
    const cells: number[] = [];
    let point = 0;
    for (const path of next) {
      cells.push(path.length, ...path.map(() => point++));
    }
    lines.getLines().setData(Uint32Array.from(cells));
    lines.modified();
  };
  set(paths);
  tubes.setInputData(lines);
  addActor(stage, tubes.getOutputPort(), colour);
  return { set };
}
