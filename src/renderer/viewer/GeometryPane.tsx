/** The pane with the scan in 3D. Which view is shown, and its values, are the owner's. */
import { useEffect, useRef, useState } from 'react';
import type { ScanGeometry } from '../../shared/geometry';
import type { GreyWindow } from '../state/viewerStore';
import { createGeometryScene, type GeometryScene, sceneColours } from './geometryScene';

interface Props {
  readonly geometry: ScanGeometry;
  readonly view: number;
  /** The measured view, null while it is read. */
  readonly values: Float32Array | null;
  readonly window: GreyWindow;
}

export function GeometryPane({ geometry, view, values, window: grey }: Props): React.JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const scene = useRef<GeometryScene | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const { low, high } = grey;
  const cone = geometry.type === 'conebeam';

  useEffect(() => {
    const container = box.current;
    if (container === null) return;
    try {
      scene.current = createGeometryScene(container, geometry);
      setFailure(null);
    } catch (error) {
      setFailure(`No 3D view on this machine: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const resized = new ResizeObserver(() => scene.current?.resize());
    resized.observe(container);
    return () => {
      resized.disconnect();
      scene.current?.dispose();
      scene.current = null;
    };
  }, [geometry]);

  // Also after a new scene: the geometry is one of its causes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => scene.current?.showView(view), [view, geometry]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (values !== null) scene.current?.showProjection(values, { low, high });
  }, [values, low, high, geometry]);

  return (
    <div className="pane geometry">
      <div
        ref={box}
        className="pane-3d"
        role="img"
        aria-label={`The scan in 3D: view ${view + 1}, ${cone ? 'source' : 'rays'}, detector and volume`}
        data-pane="geometry"
      />
      <div className="pane-corner top left">
        <b>Geometry</b>
        {cone ? 'cone beam' : 'parallel beam'}
      </div>
      <div className="pane-corner top right">
        <button type="button" className="pane-button" onClick={() => scene.current?.resetCamera()}>
          Reset
        </button>
      </div>
      <ul className="pane-corner bottom right scene-legend">
        <Entry colour={sceneColours.source} name={cone ? 'source, its path, rays' : 'rays'} />
        <Entry colour={sceneColours.detector} name="detector, its path" />
        <Entry colour={sceneColours.volume} name="volume" />
        <Entry colour={sceneColours.axis} name="rotation axis" />
      </ul>
      {failure !== null && <p className="pane-failure">{failure}</p>}
    </div>
  );
}

function Entry({ colour, name }: { readonly colour: string; readonly name: string }): React.JSX.Element {
  return (
    <li>
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        <circle cx="5" cy="5" r="4" fill={colour} />
      </svg>
      {name}
    </li>
  );
}
