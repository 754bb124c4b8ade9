/** What a run used, drawn over the time since it began. */
import { useCallback, useRef } from 'react';
import type { Telemetry } from '../../shared/runs';
import { telemetryHeight, telemetrySpec } from '../figures/telemetrySpec';
import { usePlot } from './usePlot';

interface Props {
  readonly telemetry: Telemetry;
  readonly theme: 'light' | 'dark';
}

export function TelemetryPlot({ telemetry, theme }: Props): React.JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  usePlot(
    element,
    useCallback(() => telemetrySpec(telemetry, theme), [telemetry, theme]),
  );
  const summary = `Telemetry: ${telemetry.time_sec.length} readings and ${telemetry.steps.length} steps`;
  return (
    <div ref={element} className="plot telemetry-plot" role="img" aria-label={summary} style={{ height: telemetryHeight(telemetry) }} />
  );
}
