/** One run in full: how it went, its curves, steps by rank, what it was made with, its log. */
import { CheckCheck, CircleStop, CopyPlus, FolderOpen, Layers, RotateCcw } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { hasEnded, type Run } from '../../../shared/runs';
import { request } from '../../api/client';
import { canRetry, duplicateAsRow, queuePlace, retryRuns } from '../../state/runActions';
import { ensureDetail, useRuns } from '../../state/runsStore';
import { attempt } from '../../state/windowStore';
import { openInViewer } from '../openInViewer';
import { bytesText, decibelText, measuredTimeText, megabytesText } from '../parts/text';
import { Failure } from './Failure';
import { LogTab } from './LogTab';
import { NotesTab } from './NotesTab';
import { ParametersTab } from './ParametersTab';
import { PredictionTab } from './PredictionTab';
import { ProvenanceTab } from './ProvenanceTab';
import { StatusMark } from './StatusMark';
import { StepsTab } from './StepsTab';
import { useTimeToPsnr } from './useTimeToPsnr';

// Both draw with plotly, which is read when it is first needed.
const RunCurves = lazy(async () => ({ default: (await import('./RunCurves')).RunCurves }));
const TelemetryTab = lazy(async () => ({ default: (await import('./TelemetryTab')).TelemetryTab }));

const tabs = ['Curves', 'Steps', 'Telemetry', 'Parameters', 'Prediction', 'Notes', 'Provenance', 'Log'] as const;
type Tab = (typeof tabs)[number];

export function RunPage(): React.JSX.Element {
  const id = useRuns((state) => state.focused ?? state.order[0] ?? null);
  const run = useRuns((state) => (id === null ? undefined : state.runs.get(id)));
  const detail = useRuns((state) => (id === null ? undefined : state.details.get(id)));
  const [tab, setTab] = useState<Tab>('Curves');
  useEffect(() => {
    if (id !== null) void ensureDetail(id);
  }, [id]);
  const place = useRuns((state) => (id === null ? null : queuePlace(state.queue.waiting, id)));
  if (run === undefined) return <section className="card run-page" aria-label="Run" />;
  return (
    <section className="card run-page" aria-label="Run">
      <div className="card-header">
        <h2 className="ellipsis grow">{run.label}</h2>
        <StatusMark run={run} place={place} />
        <Actions run={run} />
      </div>
      <Outcome run={run} />
      <div className="run-tabs">
        <div className="segmented">
          {tabs.map((name) => (
            <button key={name} type="button" aria-pressed={tab === name} onClick={() => setTab(name)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className="run-tab" aria-label={tab} tabIndex={0}>
        {detail === undefined ? (
          <p className="muted">Reading...</p>
        ) : tab === 'Curves' ? (
          <Suspense fallback={<p className="muted">Drawing...</p>}>
            <RunCurves detail={detail} />
          </Suspense>
        ) : tab === 'Steps' ? (
          <StepsTab detail={detail} />
        ) : tab === 'Telemetry' ? (
          <Suspense fallback={<p className="muted">Drawing...</p>}>
            <TelemetryTab run={run} />
          </Suspense>
        ) : tab === 'Parameters' ? (
          <ParametersTab run={detail} />
        ) : tab === 'Prediction' ? (
          <PredictionTab detail={detail} />
        ) : tab === 'Notes' ? (
          <NotesTab run={run} />
        ) : tab === 'Provenance' ? (
          <ProvenanceTab run={detail} />
        ) : (
          <LogTab lines={detail.log} />
        )}
      </section>
    </section>
  );
}

function Actions({ run }: { readonly run: Run }): React.JSX.Element {
  return (
    <>
      {run.status === 'running' && (
        <button type="button" className="button small" onClick={() => void attempt(() => request('runs.finishNow', { id: run.id }))}>
          <CheckCheck aria-hidden="true" />
          Finish now
        </button>
      )}
      {!hasEnded(run.status) && (
        <button type="button" className="button small danger" onClick={() => void attempt(() => request('runs.cancel', { id: run.id }))}>
          <CircleStop aria-hidden="true" />
          Cancel
        </button>
      )}
      {canRetry(run) && (
        <button
          type="button"
          className="button small"
          title="Queue it again; it goes on from what it kept"
          onClick={() => void attempt(() => retryRuns([run.id]))}
        >
          <RotateCcw aria-hidden="true" />
          Retry
        </button>
      )}
      <button
        type="button"
        className="icon-button"
        title="Duplicate as a new row of the configuration"
        aria-label="Duplicate as a new row of the configuration"
        onClick={() => void attempt(() => duplicateAsRow(run))}
      >
        <CopyPlus aria-hidden="true" />
      </button>
      <button
        type="button"
        className="button small"
        disabled={run.iterations_done === 0}
        onClick={() => void attempt(() => openInViewer(run, null))}
      >
        <Layers aria-hidden="true" />
        View
      </button>
      <button
        type="button"
        className="icon-button"
        title="Show the run's files"
        aria-label="Show the run's files"
        onClick={() => void attempt(() => request('app.showInFolder', { runId: run.id }))}
      >
        <FolderOpen aria-hidden="true" />
      </button>
    </>
  );
}

/** How long it took to the PSNR that the grid is compared at. */
function targetNote(toTarget: ReturnType<typeof useTimeToPsnr>): string | null {
  if (toTarget === null) return null;
  const target = `${decibelText(toTarget.target)} dB`;
  return toTarget.seconds === null ? `below ${target}` : `${measuredTimeText(toTarget.seconds)} to ${target}`;
}

/** What was predicted of the rank that needs most. */
function memoryNote({ prediction }: Run): string {
  if (prediction === null || prediction.peak_memory_mib.length === 0) return 'of one rank';
  return `predicted ${bytesText(Math.max(...prediction.peak_memory_mib) * 2 ** 20)}`;
}

function Outcome({ run }: { readonly run: Run }): React.JSX.Element {
  const gain = run.psnr === null || run.initial_psnr === null ? null : run.psnr - run.initial_psnr;
  const toTarget = useTimeToPsnr(run.id);
  const facts: [string, string, string][] = [
    [
      'PSNR',
      run.psnr === null ? '-' : `${decibelText(run.psnr)} dB`,
      gain === null ? '' : `${gain >= 0 ? '+' : ''}${gain.toFixed(2)} from start`,
    ],
    ['SSIM', run.ssim === null ? '-' : run.ssim.toFixed(4), ''],
    [
      'Solver time',
      run.time_sec === 0 ? '-' : measuredTimeText(run.time_sec),
      targetNote(toTarget) ?? (run.setup_time_sec === null ? '' : `set-up ${measuredTimeText(run.setup_time_sec)}`),
    ],
    [
      'Iteration',
      `${run.iterations_done} of ${run.row.max_runs}`,
      run.iterations_done === 0 ? '' : `${measuredTimeText(run.time_sec / run.iterations_done)} each`,
    ],
    ['Peak memory', run.peak_memory_mb === null ? '-' : megabytesText(run.peak_memory_mb), memoryNote(run)],
  ];
  return (
    <>
      <dl className="outcome">
        {facts.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            <dd className="muted">{note}</dd>
          </div>
        ))}
      </dl>
      <Failure run={run} />
    </>
  );
}
