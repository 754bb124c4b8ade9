/** The live curves of one run. */
import { useMemo } from 'react';
import type { FigurePoint } from '../../../engine/figures/figure';
import { figureData } from '../../../engine/figures/series';
import type { RunDetail } from '../../../shared/runs';
import { LiveCurve } from '../../charts/LiveCurve';
import { attempt } from '../../state/windowStore';
import { openInViewer } from '../openInViewer';
import { useThemeInUse } from '../parts/useThemeInUse';
import { StepBars } from './StepBars';

export function RunCurves({ detail }: { readonly detail: RunDetail }): React.JSX.Element {
  const theme = useThemeInUse();
  const psnr = useMemo(() => figureData('psnr-iteration', [detail]), [detail]);
  const open = ({ runId, iteration }: FigurePoint): void => void attempt(() => openInViewer({ id: runId }, iteration));
  if (detail.iterations.length === 0) return <p className="muted">The curves begin with the first iterate.</p>;
  return (
    <div className="run-curves">
      <section aria-label="PSNR">
        <h3>PSNR (dB) by iteration</h3>
        {psnr.series.length === 0 ? (
          <p className="muted">The data has no reference volume, so there is no PSNR.</p>
        ) : (
          <LiveCurve figure={psnr} theme={theme} onPoint={open} />
        )}
      </section>
      <section aria-label="Step times">
        <h3>Seconds per iteration</h3>
        <StepBars iterations={detail.iterations} />
      </section>
    </div>
  );
}
