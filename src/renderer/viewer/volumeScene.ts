/** The 3D picture of a volume with vtk.js: a scalar volume, opacity and grey from the window, a trackball camera. Owns everything native to it. */
import '@kitware/vtk.js/Rendering/Profiles/Volume';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkImageData from '@kitware/vtk.js/Common/DataModel/ImageData';
import vtkPiecewiseFunction from '@kitware/vtk.js/Common/DataModel/PiecewiseFunction';
import vtkColorTransferFunction from '@kitware/vtk.js/Rendering/Core/ColorTransferFunction';
import vtkVolume from '@kitware/vtk.js/Rendering/Core/Volume';
import vtkVolumeMapper from '@kitware/vtk.js/Rendering/Core/VolumeMapper';
import vtkGenericRenderWindow from '@kitware/vtk.js/Rendering/Misc/GenericRenderWindow';
import type { Brick } from '../api/volumes';
import type { GreyWindow } from '../state/viewerStore';
import { Scope } from './scope';

export interface VolumeScene {
  show(brick: Brick, voxelSizeMm: number): void;
  setWindow(window: GreyWindow): void;
  resetCamera(): void;
  resize(): void;
  dispose(): void;
}

/** Throws where the page cannot draw in 3D (no WebGL 2). */
export function createVolumeScene(container: HTMLElement): VolumeScene {
  const scope = new Scope();
  const generic = scope.own(vtkGenericRenderWindow.newInstance({ background: [0, 0, 0], listenWindowResize: false }));
  generic.setContainer(container);
  const canvas = container.querySelector('canvas');
  // The browser keeps a context until it is collected; giving it back at once keeps a long session within the browser's limit.
  scope.onDispose(() => canvas?.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext());
  const mapper = scope.own(vtkVolumeMapper.newInstance());
  const actor = scope.own(vtkVolume.newInstance());
  const colour = scope.own(vtkColorTransferFunction.newInstance());
  const opacity = scope.own(vtkPiecewiseFunction.newInstance());
  actor.setMapper(mapper);
  const property = actor.getProperty();
  property.setRGBTransferFunction(0, colour);
  property.setScalarOpacity(0, opacity);
  property.setInterpolationTypeToLinear();
  property.setShade(true);
  property.setAmbient(0.35);
  property.setDiffuse(0.75);
  property.setSpecular(0.15);
  const renderer = generic.getRenderer();
  const renderWindow = generic.getRenderWindow();
  let image: ReturnType<typeof vtkImageData.newInstance> | null = null;
  scope.onDispose(() => image?.delete());
  let aimed = false;

  const aim = (): void => {
    const camera = renderer.getActiveCamera();
    camera.setPosition(1.2, -2.2, 1.0);
    camera.setFocalPoint(0, 0, 0);
    camera.setViewUp(0, 0, 1);
    renderer.resetCamera();
    camera.dolly(1.35);
    renderer.resetCameraClippingRange();
  };

  return {
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
      if (!aimed) aim();
      aimed = true;
      renderWindow.render();
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
      if (image !== null) renderWindow.render();
    },
    resetCamera() {
      aim();
      renderWindow.render();
    },
    resize() {
      generic.resize();
    },
    dispose() {
      scope.dispose();
    },
  };
}
