/** The 3D pane: reads a brick of the volume and shows it. Slices are always full data; this one says when it is coarser. */
import { useEffect, useRef, useState } from 'react';
import { readBrick } from '../api/volumes';
import { type GreyWindow, nextArrival, useViewer } from '../state/viewerStore';
import { createVolumeScene, type VolumeScene } from './volumeScene';

interface Props {
  readonly reference: string;
  readonly title: string;
  readonly voxelSizeMm: number;
  readonly window: GreyWindow;
}

/** Scrubbing through iterates would otherwise read a brick for each. */
const settleMs = 140;

function openScene(container: HTMLElement): VolumeScene {
  try {
    const { camera } = useViewer.getState();
    return createVolumeScene(container, camera, (moved) => useViewer.setState({ camera: moved }));
  } catch (error) {
    throw new Error(`No 3D view on this machine: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function VolumePane({ reference, title, voxelSizeMm, window: grey }: Props): React.JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const scene = useRef<VolumeScene | null>(null);
  const [factor, setFactor] = useState(1);
  const [failure, setFailure] = useState<string | null>(null);
  const { low, high } = grey;

  useEffect(() => {
    const resized = new ResizeObserver(() => scene.current?.resize());
    if (box.current !== null) resized.observe(box.current);
    return () => {
      resized.disconnect();
      scene.current?.dispose();
      scene.current = null;
    };
  }, []);

  // Setting up 3D graphics stops the page for a moment, so slices come first.
  const [mayDraw, setMayDraw] = useState(false);
  useEffect(() => {
    void nextArrival().then(() => setMayDraw(true));
  }, []);

  const greyNow = useRef({ low, high });
  useEffect(() => {
    greyNow.current = { low, high };
    scene.current?.setWindow(greyNow.current);
  }, [low, high]);

  useEffect(() => {
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const container = box.current;
        if (container === null) return;
        if (scene.current === null) {
          scene.current = openScene(container);
          scene.current.setWindow(greyNow.current);
        }
        const brick = await readBrick(reference, scene.current.longestAxis, stop.signal);
        if (stop.signal.aborted) return;
        scene.current?.show(brick, voxelSizeMm);
        setFactor(brick.factor);
        setFailure(null);
      } catch (error) {
        if (!stop.signal.aborted) setFailure(error instanceof Error ? error.message : String(error));
      }
    };
    const timer = mayDraw ? setTimeout(() => void load(), settleMs) : undefined;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [reference, voxelSizeMm, mayDraw]);

  return (
    <div className="pane">
      <div ref={box} className="pane-3d" role="img" aria-label={`3D view, ${title}`} data-pane="3" />
      <div className="pane-corner top left">
        <b>3D</b>
        {title}
      </div>
      <div className="pane-corner top right">
        {factor > 1 && <span title="Slices always show the full data">{factor} x coarser</span>}
        <button type="button" className="pane-button" onClick={() => scene.current?.resetCamera()}>
          Reset
        </button>
        <button
          type="button"
          className="pane-button"
          onClick={() => useViewer.setState(({ maximised }) => ({ maximised: maximised === 3 ? null : 3 }))}
        >
          Enlarge
        </button>
      </div>
      {failure !== null && <p className="pane-failure">{failure}</p>}
    </div>
  );
}
