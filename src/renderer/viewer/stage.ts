/** A 3D view's render window with a cube that names the axes; what stands on it is the scene's. Gives everything back with its scope. */
import vtkOrientationMarkerWidget, {
  type vtkOrientationMarkerWidget as MarkerWidget,
} from '@kitware/vtk.js/Interaction/Widgets/OrientationMarkerWidget';
import { Corners } from '@kitware/vtk.js/Interaction/Widgets/OrientationMarkerWidget/Constants';
import vtkAnnotatedCubeActor from '@kitware/vtk.js/Rendering/Core/AnnotatedCubeActor';
import vtkGenericRenderWindow from '@kitware/vtk.js/Rendering/Misc/GenericRenderWindow';
import type { Camera } from '../../shared/contract';
import type { Vector3 } from '../../shared/vectors';
import { Scope } from './scope';

export interface Stage {
  readonly scope: Scope;
  readonly renderer: ReturnType<ReturnType<typeof vtkGenericRenderWindow.newInstance>['getRenderer']>;
  /** Longest edge of a 3D texture the graphics take, voxels. */
  readonly textureLimit: number;
  /** True where a processor draws in place of a graphics card. */
  readonly software: boolean;
  render(): void;
  resize(): void;
  /** Looks at the middle of everything from the direction `from`, with z upwards. */
  aim(from: Vector3, closeness: number): void;
  /** Where it looks from; `length` in mm is what the camera's numbers are in. */
  camera(length: number): Camera;
  look(camera: Camera, length: number): void;
  /** Called after the camera has come to rest where somebody moved it. */
  onMoved(listener: () => void): void;
}

/** Time without movement after which the camera is at rest. */
const restMs = 200;

/** Throws where the page cannot draw in 3D (no WebGL 2). */
export function createStage(container: HTMLElement): Stage {
  const scope = new Scope();
  const generic = scope.own(vtkGenericRenderWindow.newInstance({ background: [0, 0, 0], listenWindowResize: false }));
  generic.setContainer(container);
  const canvas = container.querySelector('canvas');
  const context = canvas?.getContext('webgl2') ?? null;
  // The browser keeps a context until it is collected; giving it back at once keeps a long session within the browser's limit.
  scope.onDispose(() => context?.getExtension('WEBGL_lose_context')?.loseContext());
  const renderer = generic.getRenderer();
  const renderWindow = generic.getRenderWindow();
  const cube = addAxesCube(scope, generic);
  return {
    scope,
    renderer,
    ...abilities(context),
    render: () => renderWindow.render(),
    resize: () => {
      generic.resize();
      cube.updateViewport();
      renderWindow.render();
    },
    aim: (from, closeness) => {
      const camera = renderer.getActiveCamera();
      camera.setPosition(...from);
      camera.setFocalPoint(0, 0, 0);
      camera.setViewUp(0, 0, 1);
      renderer.resetCamera();
      // The camera's angle is that of the height; what is wide must fit a narrow pane too.
      camera.dolly(closeness * Math.min(1, container.clientWidth / Math.max(1, container.clientHeight)));
      renderer.resetCameraClippingRange();
    },
    camera: (length) => {
      const camera = renderer.getActiveCamera();
      const scaled = ([x = 0, y = 0, z = 0]: readonly number[]): Camera['position'] => [x / length, y / length, z / length];
      const [x = 0, y = 0, z = 1] = camera.getViewUp();
      return { position: scaled(camera.getPosition()), focalPoint: scaled(camera.getFocalPoint()), viewUp: [x, y, z] };
    },
    look: ({ position, focalPoint, viewUp }, length) => {
      const camera = renderer.getActiveCamera();
      camera.setPosition(position[0] * length, position[1] * length, position[2] * length);
      camera.setFocalPoint(focalPoint[0] * length, focalPoint[1] * length, focalPoint[2] * length);
      camera.setViewUp(...viewUp);
      renderer.resetCameraClippingRange();
    },
    onMoved: (listener) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const moved = renderer.getActiveCamera().onModified(() => {
        clearTimeout(timer);
        timer = setTimeout(listener, restMs);
      });
      scope.onDispose(() => {
        clearTimeout(timer);
        moved.unsubscribe();
      });
    },
  };
}

function abilities(context: WebGL2RenderingContext | null): { textureLimit: number; software: boolean } {
  if (context === null) return { textureLimit: 0, software: true };
  const limit: unknown = context.getParameter(context.MAX_3D_TEXTURE_SIZE);
  const details = context.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = details === null ? '' : context.getParameter(details.UNMASKED_RENDERER_WEBGL);
  return { textureLimit: Number(limit), software: /swiftshader|llvmpipe|software|basic render/i.test(String(name)) };
}

function addAxesCube(scope: Scope, generic: ReturnType<typeof vtkGenericRenderWindow.newInstance>): MarkerWidget {
  const cube = scope.own(vtkAnnotatedCubeActor.newInstance());
  cube.setDefaultStyle({
    fontStyle: 'bold',
    fontFamily: 'Inter Variable',
    fontColor: '#ffffff',
    edgeThickness: 0.06,
    resolution: 128,
  });
  cube.setXPlusFaceProperty({ text: '+x', faceColor: '#7a3b2e', faceRotation: 90 });
  cube.setXMinusFaceProperty({ text: '\u2212x', faceColor: '#5a4540', faceRotation: -90 });
  cube.setYPlusFaceProperty({ text: '+y', faceColor: '#2d6a4f', faceRotation: 180 });
  cube.setYMinusFaceProperty({ text: '\u2212y', faceColor: '#41554b' });
  cube.setZPlusFaceProperty({ text: '+z', faceColor: '#2b5a8c' });
  cube.setZMinusFaceProperty({ text: '\u2212z', faceColor: '#3f4d5c', faceRotation: 180 });
  const widget = scope.own(vtkOrientationMarkerWidget.newInstance({ actor: cube, interactor: generic.getInteractor() }));
  widget.setEnabled(true);
  widget.setViewportCorner(Corners.BOTTOM_LEFT);
  widget.setViewportSize(0.13);
  widget.setMinPixelSize(48);
  widget.setMaxPixelSize(120);
  scope.onDispose(() => widget.setEnabled(false));
  return widget;
}
