/** The slider through the kept iterates of the run on one side, with play. */
import { useCallback, useEffect, useMemo } from 'react';
import { formatVolumeRef, parseVolumeRef } from '../../../shared/volumes';
import { ensureDetail, useRuns } from '../../state/runsStore';
import { type Side, sideNames, sides, useViewer } from '../../state/viewerStore';
import { PlayBar } from './PlayBar';

export function IterateBar({ side }: { readonly side: Side }): React.JSX.Element | null {
  const reference = useViewer((state) => state[side]);
  const playing = useViewer((state) => state.playing === side);
  const stepMs = useViewer((state) => state.playStepMs);
  const parsed = reference === null ? null : parseVolumeRef(reference);
  const runId = parsed?.kind === 'iterate' ? parsed.runId : null;
  const iteration = parsed?.kind === 'iterate' ? parsed.iteration : 0;
  const detail = useRuns((state) => (runId === null ? undefined : state.details.get(runId)));
  const kept = useMemo(() => (detail?.iterations ?? []).filter(({ volume_file }) => volume_file !== null), [detail]);
  const position = Math.max(
    0,
    kept.findIndex((one) => one.iteration === iteration),
  );

  useEffect(() => {
    if (runId !== null) void ensureDetail(runId);
  }, [runId]);

  const show = useCallback(
    (place: number): void => {
      const target = kept[Math.max(0, Math.min(kept.length - 1, place))];
      if (runId !== null && target !== undefined)
        useViewer.setState({ [side]: formatVolumeRef({ kind: 'iterate', runId, iteration: target.iteration }) });
    },
    [kept, runId, side],
  );

  if (runId === null) return null;
  const shown = kept[position];
  return (
    <PlayBar
      name={sideNames[side]}
      what="iterate"
      suffix={`, ${sideNames[side].toLowerCase()}`}
      position={position}
      count={kept.length}
      valueText={shown === undefined ? 'no iterate' : `iterate ${shown.iteration}`}
      playing={playing}
      stepMs={stepMs}
      onShow={show}
      onPlay={(play) => useViewer.setState({ playing: play ? side : null })}
      onStepMs={(playStepMs) => useViewer.setState({ playStepMs })}
    >
      {shown === undefined ? 'no iterate kept yet' : `Iterate ${shown.iteration} of ${kept.at(-1)?.iteration ?? 0}`}
      {shown !== undefined && shown.psnr !== null && <b>{shown.psnr.toFixed(2)} dB</b>}
    </PlayBar>
  );
}

/** Moves the first side that shows an iterate to the kept one before or after. */
export function stepIterate(step: -1 | 1): void {
  const viewer = useViewer.getState();
  for (const side of sides) {
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
