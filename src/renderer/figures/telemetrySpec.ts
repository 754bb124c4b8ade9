/** Turns telemetry into one plotly drawing: the steps as a lane on top, panels below it, all on one axis of time. */
import { seriesStyle } from '../../engine/figures/style';
import { type StepSpan, stepSpans, type TelemetryPanel, telemetryPanels } from '../../engine/results/telemetry';
import type { Telemetry } from '../../shared/runs';
import { axisLook, inks, type PlotSpec } from './spec';

type Theme = 'light' | 'dark';

/** How steps are gathered in the lane. */
export const stepKinds = ['set-up', 'gradient', 'denoise', 'score and save'] as const;
type StepKind = (typeof stepKinds)[number];

const stepWords: Readonly<Record<string, { kind: StepKind; words: string }>> = {
  open: { kind: 'set-up', words: 'opening the data' },
  read: { kind: 'set-up', words: 'reading the views' },
  'warm-up': { kind: 'set-up', words: 'warm-up of the network' },
  norm: { kind: 'set-up', words: 'norm and first iterate' },
  gradient: { kind: 'gradient', words: 'gradient' },
  denoise: { kind: 'denoise', words: 'denoise' },
  score: { kind: 'score and save', words: 'scoring and saving' },
};

/** px */
const laneHeight = 26;
const panelHeight = 112;
const gap = 50;
const above = 8;
const below = 44;

export function telemetryHeight(telemetry: Telemetry): number {
  return above + laneHeight + telemetryPanels(telemetry).length * (gap + panelHeight) + below;
}

export function telemetrySpec(telemetry: Telemetry, theme: Theme): PlotSpec {
  const panels = telemetryPanels(telemetry);
  const ink = inks[theme];
  const drawnHeight = laneHeight + panels.length * (gap + panelHeight);
  const part = (px: number): number => 1 - px / drawnHeight;
  const top = (panel: number): number => laneHeight + gap + panel * (gap + panelHeight);
  const look = axisLook(theme);
  const last = Math.max(telemetry.time_sec.at(-1) ?? 0, telemetry.steps.at(-1)?.time_sec ?? 0);
  const axes = panels.map((_, panel) => [
    axisName(panel),
    { ...look, automargin: false, domain: [part(top(panel) + panelHeight), part(top(panel))], rangemode: 'tozero', nticks: 5 },
  ]);
  const legends = panels.map((_, panel) => [
    legendName(panel),
    {
      orientation: 'h',
      x: 1,
      xanchor: 'right',
      y: part(top(panel) - 4),
      yanchor: 'bottom',
      font: { color: ink.text },
      bgcolor: ink.ground,
    },
  ]);
  return {
    data: [...laneTraces(stepSpans(telemetry), theme), ...panels.flatMap((panel, index) => panelTraces(panel, index, theme))],
    layout: {
      font: { family: 'Inter Variable, sans-serif', size: 12, color: ink.text },
      paper_bgcolor: ink.ground,
      plot_bgcolor: ink.ground,
      margin: { l: 62, r: 14, t: above, b: below },
      xaxis: {
        ...look,
        range: [0, last],
        title: { text: 'Seconds since the run began', standoff: 8, font: { color: ink.text, size: 12 } },
        anchor: panels.length === 0 ? 'y' : `y${panels.length + 1}`,
        showspikes: true,
        spikemode: 'across',
        spikesnap: 'cursor',
        spikethickness: 1,
        spikecolor: ink.axis,
        spikedash: 'solid',
      },
      yaxis: { domain: [part(laneHeight), 1], visible: false, fixedrange: true, type: 'category' },
      ...Object.fromEntries([...axes, ...legends]),
      annotations: panels.map(({ title, unit }, panel) => ({
        text: `${title} (${unit})`,
        xref: 'paper',
        yref: 'paper',
        x: 0,
        xanchor: 'left',
        // Above the legend, so that neither covers the other in a narrow panel.
        y: part(top(panel) - 22),
        yanchor: 'bottom',
        showarrow: false,
        font: { color: ink.text, size: 12 },
      })),
      barmode: 'overlay',
      bargap: 0,
      hovermode: 'closest',
      hoverlabel: { bgcolor: ink.tip, bordercolor: ink.axis, font: { color: ink.text, family: 'Inter Variable, sans-serif', size: 12 } },
      dragmode: 'zoom',
      // Zoom stays while numbers arrive.
      uirevision: 'telemetry',
    },
  };
}

/** plotly numbers axes and legends from 1, the first without its number; the lane has the first axis. */
function axisName(panel: number): string {
  return `yaxis${panel + 2}`;
}

function legendName(panel: number): string {
  return `legend${panel + 2}`;
}

function kindColour(kind: StepKind, theme: Theme): string {
  return kind === 'set-up' ? inks[theme].axis : seriesStyle(stepKinds.indexOf(kind) - 1, theme).colour;
}

function laneTraces(spans: readonly StepSpan[], theme: Theme): object[] {
  return stepKinds.flatMap((kind) => {
    const own = spans.filter(({ step }) => stepWords[step]?.kind === kind);
    if (own.length === 0) return [];
    return {
      type: 'bar',
      orientation: 'h',
      base: own.map(({ start }) => start),
      x: own.map(({ start, end }) => end - start),
      y: own.map(() => 'steps'),
      marker: { color: kindColour(kind, theme), line: { width: 0 } },
      showlegend: false,
      customdata: own.map(({ step, start, end }) => [stepWords[step]?.words ?? step, start, end - start]),
      hovertemplate: '%{customdata[0]}: %{customdata[2]:.3~f} s from %{customdata[1]:.3~f} s<extra></extra>',
    };
  });
}

function panelTraces({ unit, series }: TelemetryPanel, panel: number, theme: Theme): object[] {
  return series.map(({ label, time_sec, values }, index) => {
    const style = seriesStyle(index, theme);
    return {
      type: 'scatter',
      mode: values.length === 1 ? 'markers' : 'lines',
      name: label,
      legend: legendName(panel),
      showlegend: series.length > 1,
      x: time_sec,
      y: values,
      xaxis: 'x',
      yaxis: `y${panel + 2}`,
      line: {
        color: style.colour,
        width: 1.5,
        dash: style.dash.length === 0 ? 'solid' : style.dash.map((length) => `${length}px`).join(','),
      },
      marker: { color: style.colour },
      hovertemplate: `%{y:.4~g} ${unit.replaceAll('%', '&#37;')} at %{x:.2f} s<extra>${label}</extra>`,
    };
  });
}
