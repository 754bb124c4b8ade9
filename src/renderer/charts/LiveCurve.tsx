/** One curve that grows while a run goes on, drawn on a canvas with uPlot: plotly would stop the page for longer at each point. */
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { FigurePoint, PlottedFigure } from '../../engine/figures/figure';
import { seriesStyle } from '../../engine/figures/style';
import { inks } from '../figures/spec';

interface Props {
  /** Its first series is drawn; x are iterations. */
  readonly figure: PlottedFigure;
  readonly theme: 'light' | 'dark';
  readonly onPoint: (point: FigurePoint) => void;
}

const font = '12px "Inter Variable", sans-serif';
/** Points are marked one by one as long as they do not touch. */
const markedAtMost = 120;

export function LiveCurve({ figure, theme, onPoint }: Props): React.JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const plot = useRef<uPlot | null>(null);
  const points = figure.series[0]?.points ?? noPoints;
  const current = useRef({ points, onPoint });
  current.current = { points, onPoint };
  const { xTitle, yTitle } = figure;

  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const size = (): { width: number; height: number } => ({ width: target.clientWidth, height: target.clientHeight });
    const pointed = (): FigurePoint | undefined => current.current.points[drawn.cursor.idx ?? -1];
    const options = look(theme, xTitle, yTitle, () => {
      const point = pointed();
      if (readout.current !== null) readout.current.textContent = point === undefined ? '' : `${xTitle} ${point.x}: ${point.y.toFixed(2)}`;
    });
    const drawn = new uPlot({ ...size(), ...options }, dataOf(current.current.points), target);
    plot.current = drawn;
    const click = (): void => {
      const point = pointed();
      if (point !== undefined) current.current.onPoint(point);
    };
    drawn.over.addEventListener('click', click);
    const resized = new ResizeObserver(() => drawn.setSize(size()));
    resized.observe(target);
    return () => {
      resized.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [theme, xTitle, yTitle]);

  useEffect(() => plot.current?.setData(dataOf(points)), [points]);

  const summary = `${figure.title}: ${points.length} points`;
  return (
    <div className="live-curve" data-figure={figure.name} data-points={points.length}>
      <div ref={element} className="live-curve-canvas" role="img" aria-label={summary} title="Click a point to see its iterate" />
      <p ref={readout} className="live-curve-readout muted small" aria-hidden="true" />
    </div>
  );
}

const noPoints: readonly FigurePoint[] = [];

function dataOf(points: readonly FigurePoint[]): uPlot.AlignedData {
  return [points.map(({ x }) => Number(x)), points.map(({ y }) => y)];
}

function margin(low: number, high: number): number {
  return low === high ? 1 : 0.08 * (high - low);
}

function look(theme: 'light' | 'dark', xTitle: string, yTitle: string, onCursor: () => void): Omit<uPlot.Options, 'width' | 'height'> {
  const ink = inks[theme];
  const { colour } = seriesStyle(0, theme);
  const axis: uPlot.Axis = {
    stroke: ink.muted,
    font,
    labelFont: font,
    grid: { stroke: ink.line, width: 1 },
    ticks: { stroke: ink.axis, width: 1, size: 4 },
  };
  return {
    legend: { show: false },
    padding: [10, 12, 0, 0],
    scales: {
      // With the start alone there is room for what comes.
      x: { time: false, range: (_plot, low, high) => (low === high ? [low - 0.5, low + 4.5] : [low, high]) },
      y: { range: (_plot, low, high) => [low - margin(low, high), high + margin(low, high)] },
    },
    axes: [
      // Whole numbers only: there is no iteration between two.
      { ...axis, label: xTitle, labelSize: 20, size: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, label: yTitle, labelSize: 20, size: 44 },
    ],
    series: [
      {},
      {
        stroke: colour,
        width: 2,
        points: { show: (_plot, _series, from, to) => to - from < markedAtMost, size: 7, fill: colour, stroke: colour },
      },
    ],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 10 } },
    hooks: { setCursor: [onCursor] },
  };
}
