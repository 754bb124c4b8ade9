/** Sections in the same place: one wiped over the other by a handle, or all in turn. Drawing them is left to the panes given. */
import { useEffect, useRef, useState } from 'react';
import { useViewer } from '../../state/viewerStore';

interface Props {
  readonly left: React.JSX.Element;
  readonly right: React.JSX.Element;
}

const keyStep = 0.02;

function setSwipe(part: number): void {
  useViewer.setState({ swipe: Math.max(0, Math.min(1, part)) });
}

/** The left volume left of the handle, the right volume right of it. A clipped layer takes no pointer events outside its part. */
export function SwipePanes({ left, right }: Props): React.JSX.Element {
  const area = useRef<HTMLDivElement>(null);
  const swipe = useViewer((state) => state.swipe);
  const percent = `${(swipe * 100).toFixed(2)}%`;
  return (
    <div className="panes swipe" ref={area}>
      <div className="overlaid-layer">{right}</div>
      <div className="overlaid-layer" style={{ clipPath: `inset(0 calc(100% - ${percent}) 0 0)` }}>
        {left}
      </div>
      <button
        type="button"
        className="swipe-handle"
        style={{ left: percent }}
        role="slider"
        aria-label="Part of the view that shows the left volume"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(swipe * 100)}
        title="Drag to wipe between the two volumes"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          const box = area.current?.getBoundingClientRect();
          if (box !== undefined && event.currentTarget.hasPointerCapture(event.pointerId)) setSwipe((event.clientX - box.left) / box.width);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
          event.preventDefault();
          event.stopPropagation();
          setSwipe(swipe + (event.key === 'ArrowLeft' ? -keyStep : keyStep));
        }}
      />
    </div>
  );
}

/** Slow enough for the eye to keep both, and far from what harms people with photosensitivity (three flashes a second). */
const flickerMs = 700;

/** One after the other; the pane's corner names the one on screen. */
export function FlickerPanes({ layers }: { readonly layers: readonly React.JSX.Element[] }): React.JSX.Element {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((shown) => shown + 1), flickerMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="panes flicker">
      {layers.map((layer, index) => (
        <div key={layer.key} className="overlaid-layer" style={{ visibility: turn % layers.length === index ? 'visible' : 'hidden' }}>
          {layer}
        </div>
      ))}
    </div>
  );
}
