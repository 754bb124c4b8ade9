/** One plotly chart on the page: redrawn at most a few times a second while numbers arrive, resized with its box, cleaned up when it goes. */
import plotly, { type PlotlyElement } from 'plotly.js/dist/plotly-cartesian.min';
import { useEffect, useRef } from 'react';
import type { PlottedFigure } from '../../engine/figures/figure';
import { figureSpec, type PointTarget, screenLook } from '../figures/spec';

interface Props {
  readonly figure: PlottedFigure;
  readonly theme: 'light' | 'dark';
  readonly legend: boolean;
  /** `shift`: the key was held. */
  readonly onPoint?: (runId: string, iteration: number | null, shift: boolean) => void;
  /** Told after each drawing. */
  readonly onAxis?: (axis: VerticalAxis) => void;
}

/** Where the vertical axis lies in the drawing, px from its top left corner, and the values at its ends. */
export interface VerticalAxis {
  readonly left: number;
  readonly top: number;
  readonly height: number;
  readonly low: number;
  readonly high: number;
}

/** Numbers arrive faster than drawings are worth; a slow drawing is made more seldom still, so that it takes a small part of the time. */
const redrawMs = 250;
const restPerDrawing = 6;

function isPointTarget(value: unknown): value is PointTarget {
  return Array.isArray(value) && typeof value[0] === 'string';
}

export function Plot({ figure, theme, legend, onPoint, onAxis }: Props): React.JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const drawn = useRef({ at: 0, costMs: 0, listening: false });
  const point = useRef(onPoint);
  point.current = onPoint;
  const axis = useRef(onAxis);
  axis.current = onAxis;

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const draw = async (): Promise<void> => {
      drawn.current.at = performance.now();
      const { data, layout } = figureSpec(figure, screenLook(theme, legend));
      const plot = await plotly.react(target, {
        data,
        layout: { ...layout, autosize: true },
        config: { displayModeBar: false, responsive: false },
      });
      drawn.current.costMs = performance.now() - drawn.current.at;
      if (drawn.current.listening) return;
      drawn.current.listening = true;
      listenForClicks(plot, (id, iteration, shift) => point.current?.(id, iteration, shift));
      const tellAxis = (): void => {
        const found = verticalAxis(plot);
        if (found !== null) axis.current?.(found);
      };
      plot.on('plotly_afterplot', tellAxis);
      tellAxis();
    };
    const wait = Math.max(0, Math.max(redrawMs, restPerDrawing * drawn.current.costMs) - (performance.now() - drawn.current.at));
    const timer = setTimeout(() => void draw(), drawn.current.at === 0 ? 0 : wait);
    return () => clearTimeout(timer);
  }, [figure, theme, legend]);

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const resized = new ResizeObserver(() => {
      if (drawn.current.listening && target.clientWidth > 0) void plotly.Plots.resize(target);
    });
    resized.observe(target);
    return () => {
      resized.disconnect();
      plotly.purge(target);
      drawn.current = { at: 0, costMs: 0, listening: false };
    };
  }, []);

  const summary = `${figure.title}: ${figure.series.length} series, ${figure.series.reduce((sum, { points }) => sum + points.length, 0)} points`;
  return <div ref={element} className="plot" role="img" aria-label={summary} data-figure={figure.name} />;
}

function listenForClicks(plot: PlotlyElement, onPoint: NonNullable<Props['onPoint']>): void {
  plot.on('plotly_click', ({ points, event }) => {
    const target = points[0]?.customdata;
    if (isPointTarget(target)) onPoint(target[0], target[1], event?.shiftKey === true);
  });
}

function verticalAxis({ _fullLayout: layout }: PlotlyElement): VerticalAxis | null {
  const axis = layout?.yaxis;
  return axis === undefined
    ? null
    : { left: layout?._size?.l ?? 0, top: axis._offset, height: axis._length, low: axis.range[0], high: axis.range[1] };
}
