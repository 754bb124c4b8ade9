/** A plotly drawing in an element: redrawn at most a few times a second while numbers arrive, resized with its box, cleaned up when it goes. */
import plotly, { type PlotlyElement } from 'plotly.js/dist/plotly-cartesian.min';
import { type RefObject, useEffect, useRef } from 'react';
import type { PlotSpec } from '../figures/spec';

/** Numbers arrive faster than drawings are worth; a slow drawing is made more seldom still, so that it takes a small part of the time. */
const redrawMs = 250;
const restPerDrawing = 6;

/** `draw` makes the drawing anew whenever it is another function; `onFirst` is told once there is one. */
export function usePlot(element: RefObject<HTMLDivElement | null>, draw: () => PlotSpec, onFirst?: (plot: PlotlyElement) => void): void {
  const drawn = useRef({ at: 0, costMs: 0, exists: false });
  const first = useRef(onFirst);
  first.current = onFirst;

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const redraw = async (): Promise<void> => {
      drawn.current.at = performance.now();
      const { data, layout } = draw();
      const plot = await plotly.react(target, {
        data,
        layout: { ...layout, autosize: true },
        config: { displayModeBar: false, responsive: false },
      });
      drawn.current.costMs = performance.now() - drawn.current.at;
      if (drawn.current.exists) return;
      drawn.current.exists = true;
      first.current?.(plot);
    };
    const wait = Math.max(0, Math.max(redrawMs, restPerDrawing * drawn.current.costMs) - (performance.now() - drawn.current.at));
    const timer = setTimeout(() => void redraw(), drawn.current.at === 0 ? 0 : wait);
    return () => clearTimeout(timer);
  }, [draw, element]);

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const resized = new ResizeObserver(() => {
      if (drawn.current.exists && target.clientWidth > 0) void plotly.Plots.resize(target);
    });
    resized.observe(target);
    return () => {
      resized.disconnect();
      plotly.purge(target);
      drawn.current = { at: 0, costMs: 0, exists: false };
    };
  }, [element]);
}
