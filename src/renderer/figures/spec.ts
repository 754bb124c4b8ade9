/** Turns a figure's numbers into a plotly drawing, for the screen in either theme or for paper. */
import type { PlottedFigure } from '../../engine/figures/series';
import { seriesStyle } from '../../engine/figures/style';

export interface FigureLook {
  readonly theme: 'light' | 'dark';
  readonly fontFamily: string;
  /** px at 96 dpi. */
  readonly fontSize: number;
  readonly lineWidth: number;
  readonly markerSize: number;
  /** Small charts in an overview have no room for a legend of their own. */
  readonly legend: boolean;
  readonly title: boolean;
}

export interface PlotSpec {
  readonly data: object[];
  readonly layout: object;
}

export const screenLook = (theme: 'light' | 'dark', legend: boolean): FigureLook => ({
  theme,
  fontFamily: 'Inter Variable, sans-serif',
  fontSize: 12,
  lineWidth: 2,
  markerSize: 6,
  legend,
  title: false,
});

/** What a click on a point tells: the run and the iterate. */
export type PointTarget = readonly [runId: string, iteration: number | null];

const inks = {
  light: { text: '#171c26', muted: '#545e70', line: '#dde1e8', axis: '#868fa0', ground: 'rgba(0,0,0,0)', tip: '#ffffff' },
  dark: { text: '#e6eaf1', muted: '#9ba6b6', line: '#272e39', axis: '#6d7889', ground: 'rgba(0,0,0,0)', tip: '#1d222b' },
};

const fewPoints = 60;

export function figureSpec(figure: PlottedFigure, look: FigureLook): PlotSpec {
  const ink = inks[look.theme];
  const axis = {
    color: ink.muted,
    gridcolor: ink.line,
    linecolor: ink.axis,
    zeroline: false,
    showline: true,
    ticks: 'outside',
    ticklen: 4,
    tickcolor: ink.axis,
    tickfont: { color: ink.muted },
    automargin: true,
  };
  const title = (text: string): object => ({ text, standoff: 10, font: { color: ink.text, size: look.fontSize } });
  const bars = figure.kind === 'bars';
  return {
    data: figure.kind === 'bars' ? barTraces(figure, look) : lineTraces(figure, look),
    layout: {
      font: { family: look.fontFamily, size: look.fontSize, color: ink.text },
      paper_bgcolor: ink.ground,
      plot_bgcolor: ink.ground,
      margin: { l: 12, r: 14, t: look.title ? 34 : 12, b: 8 },
      ...(look.title ? { title: { text: figure.title, font: { size: look.fontSize + 2 }, x: 0.02, xanchor: 'left' } } : {}),
      xaxis: {
        ...axis,
        showgrid: !bars,
        title: title(bars ? sharedParameter(figure).trim() : figure.xTitle),
        ...(figure.name === 'psnr-iteration' || figure.name === 'ssim-iteration' ? wholeNumberTicks(figure) : {}),
        ...(bars ? { ...barTicks(figure) } : {}),
        ...(figure.kind === 'points' ? { tickvals: [...new Set(figure.series.flatMap(({ points }) => points.map(({ x }) => x)))] } : {}),
      },
      yaxis: { ...axis, title: title(figure.yTitle), ...(bars || figure.kind === 'points' ? { rangemode: 'tozero' } : {}) },
      barmode: 'stack',
      bargap: 0.45,
      showlegend: look.legend && (figure.series.length > 1 || bars),
      legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { color: ink.text }, itemwidth: 40, traceorder: 'normal' },
      hovermode: 'closest',
      hoverlabel: { bgcolor: ink.tip, bordercolor: ink.axis, font: { color: ink.text, family: look.fontFamily, size: 12 } },
      dragmode: 'zoom',
      // Zoom and hidden series stay while numbers arrive; another figure starts afresh.
      uirevision: figure.name,
    },
  };
}

/** Plotly divides a short axis into halves, which iterations do not have. */
function wholeNumberTicks(figure: PlottedFigure): object {
  const last = Math.max(0, ...figure.series.flatMap(({ points }) => points.map(({ x }) => Number(x))));
  return { tickformat: 'd', ...(last <= 12 ? { dtick: 1 } : {}), ...(last === 0 ? { range: [-0.5, 4.5] } : {}) };
}

function lineTraces(figure: PlottedFigure, look: FigureLook): object[] {
  return figure.series.map(({ label, points }, index) => {
    const style = seriesStyle(index, look.theme);
    return {
      type: 'scatter',
      mode: points.length > fewPoints ? 'lines' : 'lines+markers',
      name: label,
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      customdata: points.map(({ runId, iteration }): PointTarget => [runId, iteration]),
      line: {
        color: style.colour,
        width: look.lineWidth,
        dash: style.dash.length === 0 ? 'solid' : style.dash.map((length) => `${length}px`).join(','),
      },
      marker: { color: style.colour, symbol: style.marker, size: look.markerSize },
      hovertemplate: `%{y:.4~g} at %{x:.4~g}<extra>${plainLabel(label)}</extra>`,
    };
  });
}

/** "max_batch_size " where that one parameter tells all bars apart, else nothing: its name is then said once, below the axis. */
function sharedParameter(figure: PlottedFigure): string {
  const names = figure.series[0]?.points.map(({ x }) => /^(\S+ )\S+$/.exec(String(x))?.[1] ?? '') ?? [];
  const first = names[0] ?? '';
  return names.every((name) => name === first) ? first : '';
}

function barTicks(figure: PlottedFigure): object {
  const labels = figure.series[0]?.points.map(({ x }) => String(x)) ?? [];
  const shared = sharedParameter(figure).length;
  return { type: 'category', tickangle: 'auto', tickvals: labels, ticktext: labels.map((label) => plainLabel(label.slice(shared))) };
}

const hatches = ['', '/', '.'];

function barTraces(figure: PlottedFigure, look: FigureLook): object[] {
  const ink = inks[look.theme];
  return figure.series.map(({ label, points }, index) => ({
    type: 'bar',
    name: label,
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    customdata: points.map(({ runId, iteration }): PointTarget => [runId, iteration]),
    marker: {
      color: seriesStyle(index, look.theme).colour,
      line: { color: ink.axis, width: 0.5 },
      pattern: {
        shape: hatches[index] ?? '',
        fgcolor: look.theme === 'light' ? '#ffffff' : '#161a21',
        fillmode: 'overlay',
        fgopacity: 0.75,
        size: 6,
        solidity: 0.25,
      },
    },
    hovertemplate: `%{y:.4~g} s<extra>${plainLabel(label)}</extra>`,
  }));
}

/** Plotly reads a little HTML in texts and % in templates; labels come from files, so both are written as plain text. */
function plainLabel(label: string): string {
  return label.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('%', '&#37;');
}
