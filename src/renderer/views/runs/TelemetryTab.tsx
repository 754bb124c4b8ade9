/** What a run used while it went: memory and processor of each worker, disk, GPUs, on one axis of time with its steps; read again while it goes on. */
import { Save } from 'lucide-react';
import { useEffect, useState } from 'react';
import { hasEnded, type Run, type Telemetry } from '../../../shared/runs';
import { request } from '../../api/client';
import { TelemetryPlot } from '../../charts/TelemetryPlot';
import { stepKinds } from '../../figures/telemetrySpec';
import { attempt, showNote } from '../../state/windowStore';
import { useThemeInUse } from '../parts/useThemeInUse';

const readAgainMs = 2500;

const kindClasses = { 'set-up': 'set-up', gradient: 'gradient', denoise: 'denoise', 'score and save': 'other' } as const;

export function TelemetryTab({ run }: { readonly run: Run }): React.JSX.Element {
  const theme = useThemeInUse();
  const telemetry = useTelemetry(run);
  if (telemetry === null) return <p className="muted">Reading...</p>;
  if (telemetry.time_sec.length === 0) return <p className="muted">{emptySentence(run)}</p>;
  const save = async (): Promise<void> => {
    const written = await request('runs.saveTelemetry', { id: run.id });
    if (written !== null) showNote(`Wrote ${written.file}.`);
  };
  return (
    <section className="telemetry" aria-label="Telemetry">
      <header>
        <ul className="step-legend">
          {stepKinds.map((kind) => (
            <li key={kind}>
              <i className={kindClasses[kind]} aria-hidden="true" />
              {kind}
            </li>
          ))}
        </ul>
        <span className="grow" />
        <button type="button" className="button small" title="Every reading, with the step under way" onClick={() => void attempt(save)}>
          <Save aria-hidden="true" />
          Save as CSV...
        </button>
      </header>
      <TelemetryPlot telemetry={telemetry} theme={theme} />
    </section>
  );
}

function emptySentence({ status }: Run): string {
  if (status === 'queued') return 'What a run uses is recorded while it runs; this one waits for its turn.';
  if (status === 'running') return 'The first readings come within seconds.';
  return 'This run has no telemetry: an earlier version made it, or it ended before the first reading. Runs started now are recorded.';
}

/** null until it has been read. */
function useTelemetry({ id, status }: Run): Telemetry | null {
  const [read, setRead] = useState<{ readonly id: string; readonly telemetry: Telemetry } | null>(null);
  const ended = hasEnded(status);
  useEffect(() => {
    let left = false;
    const readNow = (): void =>
      void attempt(async () => {
        const telemetry = await request('runs.telemetry', { id });
        if (!left) setRead({ id, telemetry });
      });
    readNow();
    const timer = ended ? undefined : setInterval(readNow, readAgainMs);
    return () => {
      left = true;
      clearInterval(timer);
    };
  }, [id, ended]);
  return read?.id === id ? read.telemetry : null;
}
