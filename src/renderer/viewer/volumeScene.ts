/** The 3D picture of a volume with vtk.js: a scalar volume, opacity and grey from the window, a trackball camera. Owns everything native to it. */
import '@kitware/vtk.js/Rendering/Profiles/Volume';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkImageData from '@kitware/vtk.js/Common/DataModel/ImageData';
import vtkPiecewiseFunction from '@kitware/vtk.js/Common/DataModel/PiecewiseFunction';
import vtkColorTransferFunction from '@kitware/vtk.js/Rendering/Core/ColorTransferFunction';
import vtkVolume from '@kitware/vtk.js/Rendering/Core/Volume';
import vtkVolumeMapper from '@kitware/vtk.js/Rendering/Core/VolumeMapper';
import type { Camera } from '../../shared/contract';
import type { Brick } from '../api/volumes';
import type { GreyWindow } from '../state/viewerStore';
import { createStage } from './stage';

export interface VolumeScene {
  /** Voxels along the longest axis that this machine can draw at a useful rate. */
  readonly longestAxis: number;
  show(brick: Brick, voxelSizeMm: number): void;
  setWindow(window: GreyWindow): void;
  resetCamera(): void;
  resize(): void;
  dispose(): void;
}

/** A processor draws a few frames a second of this; a graphics card keeps up with 512^3 and holds it in half a GiB. */
const softwareAxis = 128;
const hardwareAxis = 512;

/** Begins with `camera`, null: as a volume first looks; `onCamera` is told where it was moved to. Throws where the page cannot draw in 3D (no WebGL 2). */
export function createVolumeScene(container: HTMLElement, camera: Camera | null, onCamera: (camera: Camera) => void): VolumeScene {
  const stage = createStage(container);
  const { scope, renderer } = stage;
  const mapper = scope.own(vtkVolumeMapper.newInstance());
  const actor = scope.own(vtkVolume.newInstance());
  const colour = scope.own(vtkColorTransferFunction.newInstance());
  const opacity = scope.own(vtkPiecewiseFunction.newInstance());
  actor.setMapper(mapper);
  const property = actor.getProperty();
  property.setRGBTransferFunction(0, colour);
  property.setScalarOpacity(0, opacity);
  property.setInterpolationTypeToLinear();
  // A processor would compute the light of every sample for half of the time.
  property.setShade(!stage.software);
  property.setAmbient(0.35);
  property.setDiffuse(0.75);
  property.setSpecular(0.15);
  let image: ReturnType<typeof vtkImageData.newInstance> | null = null;
  scope.onDispose(() => image?.delete());
  let aimed = false;
  /** Of the longest edge, mm. */
  let length = 1;
  stage.onMoved(() => {
    if (aimed) onCamera(stage.camera(length));
  });

  const aim = (): void => stage.aim([1.2, -2.2, 1.0], 1.35);

  return {
    longestAxis: stage.software ? Math.min(softwareAxis, stage.textureLimit) : Math.min(hardwareAxis, stage.textureLimit),
    show({ values, shape, factor }, voxelSizeMm) {
      const [depth, height, width] = shape;
      const spacing = voxelSizeMm * factor;
      const next = vtkImageData.newInstance();
      next.setDimensions([width, height, depth]);
      next.setSpacing([spacing, spacing, spacing]);
      next.setOrigin([(-(width - 1) / 2) * spacing, (-(height - 1) / 2) * spacing, (-(depth - 1) / 2) * spacing]);
      next.getPointData().setScalars(vtkDataArray.newInstance({ name: 'values', numberOfComponents: 1, values }));
      mapper.setInputData(next);
      mapper.setSampleDistance(spacing * 0.9);
      property.setScalarOpacityUnitDistance(0, spacing * 2.5);
      if (image === null) renderer.addVolume(actor);
      image?.delete();
      image = next;
      length = spacing * Math.max(depth, height, width);
      if (!aimed && camera === null) aim();
      else if (!aimed && camera !== null) stage.look(camera, length);
      aimed = true;
      stage.render();
    },
    setWindow({ low, high }) {
      const width = Math.max(1e-12, high - low);
      colour.removeAllPoints();
      colour.addRGBPoint(low, 0.05, 0.05, 0.06);
      colour.addRGBPoint(low + 0.45 * width, 0.55, 0.42, 0.3);
      colour.addRGBPoint(high, 1, 0.96, 0.88);
      opacity.removeAllPoints();
      opacity.addPoint(low, 0);
      opacity.addPoint(low + 0.25 * width, 0);
      opacity.addPoint(low + 0.6 * width, 0.25);
      opacity.addPoint(high, 0.85);
      if (image !== null) stage.render();
    },
    resetCamera() {
      aim();
      stage.render();
    },
    resize() {
      stage.resize();
    },
    dispose() {
      scope.dispose();
    },
  };
}
