/** The slider through the kept iterates of the run on one side, with play. */
import { Pause, Play, SkipBack, SkipForward } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { formatVolumeRef, parseVolumeRef } from '../../../shared/volumes';
import { ensureDetail, useRuns } from '../../state/runsStore';
import { type Side, useViewer } from '../../state/viewerStore';

const playStepMs = 450;

export function IterateBar({ side }: { readonly side: Side }): React.JSX.Element | null {
  const reference = useViewer((state) => state[side]);
  const parsed = reference === null ? null : parseVolumeRef(reference);
  const runId = parsed?.kind === 'iterate' ? parsed.runId : null;
  const iteration = parsed?.kind === 'iterate' ? parsed.iteration : 0;
  const detail = useRuns((state) => (runId === null ? undefined : state.details.get(runId)));
  const [playing, setPlaying] = useState(false);
  const kept = useMemo(() => (detail?.iterations ?? []).filter(({ volume_file }) => volume_file !== null), [detail]);
  const position = Math.max(
    0,
    kept.findIndex((one) => one.iteration === iteration),
  );

  useEffect(() => {
    if (runId !== null) void ensureDetail(runId);
  }, [runId]);

  const show = (place: number): void => {
    const target = kept[Math.max(0, Math.min(kept.length - 1, place))];
    if (runId !== null && target !== undefined)
      useViewer.setState({ [side]: formatVolumeRef({ kind: 'iterate', runId, iteration: target.iteration }) });
  };

  useEffect(() => {
    if (!playing || runId === null || kept.length === 0) return;
    const next = kept[(position + 1) % kept.length];
    if (next === undefined) return;
    const timer = setTimeout(
      () => useViewer.setState({ [side]: formatVolumeRef({ kind: 'iterate', runId, iteration: next.iteration }) }),
      playStepMs,
    );
    return () => clearTimeout(timer);
  }, [playing, runId, kept, position, side]);

  if (runId === null) return null;
  const shown = kept[position];
  return (
    <div className="iterate-bar">
      <span className="iterate-side">{side === 'left' ? 'Left' : 'Right'}</span>
      <button
        type="button"
        className="icon-button"
        aria-label={`Earlier iterate, ${side}`}
        title="Earlier iterate (Left)"
        disabled={position === 0}
        onClick={() => show(position - 1)}
      >
        <SkipBack aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={playing ? 'Stop playing' : 'Play the iterates'}
        aria-pressed={playing}
        title="Play"
        disabled={kept.length < 2}
        onClick={() => setPlaying(!playing)}
      >
        {playing ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Later iterate, ${side}`}
        title="Later iterate (Right)"
        disabled={position >= kept.length - 1}
        onClick={() => show(position + 1)}
      >
        <SkipForward aria-hidden="true" />
      </button>
      <input
        type="range"
        className="grow"
        min={0}
        max={Math.max(0, kept.length - 1)}
        value={position}
        aria-label={`Iterate, ${side}`}
        aria-valuetext={shown === undefined ? 'no iterate' : `iterate ${shown.iteration}`}
        onChange={(event) => show(Number(event.target.value))}
      />
      <span className="iterate-text">
        {shown === undefined ? 'no iterate kept yet' : `Iterate ${shown.iteration} of ${kept.at(-1)?.iteration ?? 0}`}
        {shown !== undefined && shown.psnr !== null && <b>{shown.psnr.toFixed(2)} dB</b>}
      </span>
    </div>
  );
}

/** Moves the first side that shows an iterate to the kept one before or after. */
export function stepIterate(step: -1 | 1): void {
  const viewer = useViewer.getState();
  for (const side of ['left', 'right'] as const) {
    const reference = viewer[side];
    const parsed = reference === null ? null : parseVolumeRef(reference);
    if (parsed?.kind !== 'iterate') continue;
    const kept = (useRuns.getState().details.get(parsed.runId)?.iterations ?? []).filter(({ volume_file }) => volume_file !== null);
    const position = kept.findIndex(({ iteration }) => iteration === parsed.iteration);
    const target = kept[position + step];
    if (target !== undefined) useViewer.setState({ [side]: formatVolumeRef({ ...parsed, iteration: target.iteration }) });
    return;
  }
}
