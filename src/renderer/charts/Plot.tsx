/** One figure on the page, whose points can be clicked. */
import type { PlotlyElement } from 'plotly.js/dist/plotly-cartesian.min';
import { useCallback, useRef } from 'react';
import type { PlottedFigure } from '../../engine/figures/figure';
import { figureSpec, type PointTarget, screenLook } from '../figures/spec';
import { usePlot } from './usePlot';

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

function isPointTarget(value: unknown): value is PointTarget {
  return Array.isArray(value) && typeof value[0] === 'string';
}

export function Plot({ figure, theme, legend, onPoint, onAxis }: Props): React.JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const point = useRef(onPoint);
  point.current = onPoint;
  const axis = useRef(onAxis);
  axis.current = onAxis;
  const draw = useCallback(() => figureSpec(figure, screenLook(theme, legend)), [figure, theme, legend]);
  usePlot(element, draw, (plot) => {
    listenForClicks(plot, (id, iteration, shift) => point.current?.(id, iteration, shift));
    const tellAxis = (): void => {
      const found = verticalAxis(plot);
      if (found !== null) axis.current?.(found);
    };
    plot.on('plotly_afterplot', tellAxis);
    tellAxis();
  });

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
