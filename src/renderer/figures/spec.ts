/** Turns a figure's numbers into a plotly drawing, for the screen in either theme or for paper. */
import { shadePart } from '../../engine/figures/drawCurves';
import { beginsAtZero, type FigurePoint, hasWholeNumbers, type Interval, isWithin, type PlottedFigure } from '../../engine/figures/figure';
import { barLabels } from '../../engine/figures/legend';
import { seriesLook, seriesStyle, shades } from '../../engine/figures/style';

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

/** Colours of axes and texts in each theme. */
export const inks = {
  light: { text: '#171c26', muted: '#545e70', line: '#dde1e8', axis: '#868fa0', ground: 'rgba(0,0,0,0)', tip: '#ffffff' },
  dark: { text: '#e6eaf1', muted: '#9ba6b6', line: '#272e39', axis: '#6d7889', ground: 'rgba(0,0,0,0)', tip: '#1d222b' },
};

const fewPoints = 60;

export function axisLook(theme: 'light' | 'dark'): object {
  const ink = inks[theme];
  return {
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
}

export function figureSpec(figure: PlottedFigure, look: FigureLook): PlotSpec {
  const ink = inks[look.theme];
  const axis = axisLook(look.theme);
  const title = (text: string): object => ({ text, standoff: 10, font: { color: ink.text, size: look.fontSize } });
  const bars = figure.kind === 'bars' ? barTicks(figure) : null;
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
        showgrid: bars === null,
        title: title(bars?.title ?? figure.xTitle),
        ...(figure.kind === 'lines' && hasWholeNumbers(figure.name) ? wholeNumberTicks(figure) : {}),
        ...bars?.ticks,
        ...(figure.name === 'memory-time' ? { rangemode: 'tozero' } : {}),
        ...(figure.kind === 'points' && hasWholeNumbers(figure.name)
          ? { tickvals: [...new Set(figure.series.flatMap(({ points }) => points.map(({ x }) => x)))] }
          : {}),
      },
      yaxis: { ...axis, title: title(figure.yTitle), ...(beginsAtZero(figure) ? { rangemode: 'tozero' } : {}) },
      barmode: 'stack',
      bargap: 0.45,
      showlegend: look.legend && figure.series.length > 1,
      legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { color: ink.text }, itemwidth: 40, traceorder: 'normal' },
      ...shadeAxis(figure),
      ...limitShape(figure, look),
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
  const ink = inks[look.theme];
  return figure.series.flatMap((one, index): object[] => {
    const { label, points, joined = true, role, inLegend = true } = one;
    const style = seriesLook(one, index, look.theme);
    const shaded = points.some(({ shade }) => shade !== undefined);
    const markers = style.hasMarkers && (points.length <= fewPoints || !joined);
    const mode = [joined && !(shaded && points.length === 1) ? 'lines' : '', markers ? 'markers' : ''].filter((part) => part !== '');
    const drawn = {
      type: 'scatter',
      mode: mode.join('+'),
      name: plainLabel(label),
      showlegend: inLegend && !shaded,
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      ...errorBars(points, style.colour),
      // A point at time 0 stands on the axis, whole.
      cliponaxis: figure.name !== 'memory-time',
      customdata: points.map(({ runId, iteration }): PointTarget => [runId, iteration]),
      line: {
        color: style.colour,
        width: style.isThin ? look.lineWidth * 0.7 : look.lineWidth,
        dash: style.dash.length === 0 ? 'solid' : style.dash.map((length) => `${length}px`).join(','),
        ...(role === 'front' ? { shape: 'hv' } : {}),
      },
      marker: {
        symbol: style.hollow ? `${style.marker}-open` : style.marker,
        size: look.markerSize * (role === 'out_of_memory' ? 1.9 : shaded ? 1.8 : 1),
        color: shaded ? points.map(({ shade }) => shade ?? null) : style.colour,
        ...(figure.limit === undefined ? {} : { opacity: points.map(({ y }) => (isWithin(figure, y) ? 1 : 0.3)) }),
        ...(shaded ? { coloraxis: 'coloraxis', line: { color: look.theme === 'dark' ? ink.text : ink.axis, width: 1 } } : {}),
      },
      hovertemplate: `%{y:.4~g} at %{x:.4~g}${shaded ? '<br>%{marker.color:.4~g} dB' : ''}<extra>${plainLabel(label)}</extra>`,
      ...(role === 'front' || role === 'ideal' ? { hoverinfo: 'skip', hovertemplate: null } : {}),
    };
    if (!shaded || !inLegend) return [drawn];
    // In the legend, points whose colours say something else stand in the text's colour: plotly would make them black, also on dark ground.
    const { type, name, marker } = drawn;
    const entry = {
      type,
      name,
      mode: 'markers',
      x: [null],
      y: [null],
      marker: { ...marker, color: ink.text, coloraxis: null },
    };
    return [
      { ...drawn, legendgroup: label },
      { ...entry, legendgroup: label, showlegend: true },
    ];
  });
}

/** Ranges of repetitions; plotly wants them as distances from the point. */
function errorBars(points: readonly FigurePoint[], colour: string): object {
  const bars = (pairs: readonly (readonly [value: number, range: Interval | undefined])[]): object | undefined =>
    pairs.every(([, range]) => range === undefined)
      ? undefined
      : {
          type: 'data',
          symmetric: false,
          array: pairs.map(([value, range]) => (range === undefined ? 0 : range[1] - value)),
          arrayminus: pairs.map(([value, range]) => (range === undefined ? 0 : value - range[0])),
          color: colour,
          thickness: 1,
          width: 3,
        };
  const horizontal = bars(points.map(({ x, xRange }) => [Number(x), xRange]));
  const vertical = bars(points.map(({ y, yRange }) => [y, yRange]));
  return { ...(horizontal === undefined ? {} : { error_x: horizontal }), ...(vertical === undefined ? {} : { error_y: vertical }) };
}

/** The scale of the third value, beside the plot. */
function shadeAxis(figure: PlottedFigure): object {
  if (figure.shadeTitle === undefined) return {};
  const { low, high } = shadePart(figure.series.flatMap(({ points }) => points));
  return {
    coloraxis: {
      colorscale: shades.map((colour, index) => [index / (shades.length - 1), colour]),
      // One value alone has no scale; it takes the middle.
      cmin: high > low ? low : low - 1,
      cmax: high > low ? high : high + 1,
      // Plotly's own scale needs inline styles, which the page's policy refuses; ShadeScale draws it.
      showscale: false,
    },
  };
}

function limitShape({ limit }: PlottedFigure, look: FigureLook): object {
  if (limit === undefined) return {};
  const colour = look.theme === 'light' ? '#8A5300' : '#F0B95A';
  const place = { xref: 'paper', yref: 'y' };
  return {
    shapes: [
      { type: 'line', ...place, x0: 0, x1: 1, y0: limit.value, y1: limit.value, line: { color: colour, width: 1.5, dash: '7px,4px' } },
    ],
    annotations: [
      {
        ...place,
        x: 1,
        y: limit.value,
        text: plainLabel(limit.label),
        showarrow: false,
        xanchor: 'right',
        yanchor: 'bottom',
        font: { color: colour, size: look.fontSize - 1 },
      },
    ],
  };
}

function barTicks(figure: PlottedFigure): { title: string; ticks: object } {
  const bars = figure.series[0]?.points.map(({ x }) => String(x)) ?? [];
  const { title, labels } = barLabels(bars);
  const turned = labels.some((label) => label.length > 60 / Math.max(1, bars.length));
  const ticks = {
    type: 'category',
    tickangle: turned ? -35 : 0,
    tickvals: bars,
    ticktext: labels.map((label) => plainLabel(shortened(label))),
  };
  return { title: title ?? figure.xTitle, ticks };
}

const longestTick = 26;

function shortened(label: string): string {
  return label.length <= longestTick ? label : `${label.slice(0, longestTick - 1)}\u2026`;
}

function wholeBar(figure: PlottedFigure, x: FigurePoint['x']): number {
  return figure.series.reduce((sum, { points }) => sum + (points.find((point) => point.x === x)?.y ?? 0), 0);
}

const hatches = ['', '/', '.'];

function barTraces(figure: PlottedFigure, look: FigureLook): object[] {
  const ink = inks[look.theme];
  return figure.series.map(({ label, points }, index) => ({
    type: 'bar',
    name: plainLabel(label),
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
    // A range is that of the whole bar, which ends where its last part does.
    ...errorBars(
      points.map((point) => ({ ...point, y: wholeBar(figure, point.x) })),
      ink.text,
    ),
    hovertemplate: `%{y:.4~g} s<extra>${plainLabel(label)}</extra>`,
  }));
}

/** Plotly reads a little HTML in texts and % in templates; labels come from files, so both are written as plain text. */
function plainLabel(label: string): string {
  return label.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('%', '&#37;');
}
