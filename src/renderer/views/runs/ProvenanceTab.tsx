/** What a run was made with, so that it can be repeated. */
import { useEffect, useState } from 'react';
import type { Run } from '../../../shared/runs';
import { request } from '../../api/client';
import { showError } from '../../state/windowStore';
import { MessageLine } from '../parts/MessageLine';
import { valueText } from '../parts/text';

export function ProvenanceTab({ run }: { readonly run: Run }): React.JSX.Element {
  const { provenance } = run;
  if (provenance === null) return <p className="muted">Known once the run has started.</p>;
  const facts: [string, string][] = [
    ['Run', run.id],
    ['Key of row and data', run.key],
    ['Data', provenance.data_path],
    ['Data SHA-256', provenance.data_sha256 ?? 'not computed yet'],
    ['Network', provenance.model_name ?? 'none'],
    ...(provenance.model_sha256 === null ? [] : [['Network SHA-256', provenance.model_sha256] as [string, string]]),
    ['Devices by rank', provenance.devices.join(', ')],
    ...(provenance.model_name === null
      ? []
      : [['Network runs on', [provenance.provider ?? 'unknown', provenance.precision ?? ''].join(' ').trim()] as [string, string]]),
    ['Norm of the operators', run.lipschitz === null ? '-' : valueText(run.lipschitz)],
    ['Step size', run.step_size === null ? '-' : valueText(run.step_size)],
    ...(provenance.git ? [gitFact(provenance.git)] : []),
    ...Object.entries(provenance.seeds).map(([name, seed]): [string, string] => [`Seed of the ${name}`, String(seed)]),
    ...timingFacts(run, provenance.timings),
    ...Object.entries(provenance.versions),
    ...Object.entries(provenance.machine),
  ];
  return (
    <>
      {provenance.notes.map((note) => (
        <MessageLine key={note} kind="note" text={note} />
      ))}
      <table className="plain-table left selectable">
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="wrap">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfigAsWritten runId={run.id} />
    </>
  );
}

/** The text that the run's grid was made from; what it became in this run is the Parameters tab's. */
function ConfigAsWritten({ runId }: { readonly runId: string }): React.JSX.Element | null {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    request('runs.config', { id: runId }).then((answer) => {
      if (current) setText(answer.text);
    }, showError);
    return () => {
      current = false;
    };
  }, [runId]);
  if (text === null) return null;
  return (
    <details className="small">
      <summary>Configuration as written</summary>
      <pre className="details">{text}</pre>
    </details>
  );
}

function gitFact({ commit, changed }: { readonly commit: string; readonly changed: boolean }): [string, string] {
  return ['Commit of the program', changed ? `${commit}, with changes` : commit];
}

const timingNames: Readonly<Record<string, string>> = {
  open_sec: 'Opening',
  read_sec: 'Reading',
  warm_up_sec: "The network's warm-up",
};

/** What preparing took; none of it is solver time. */
function timingFacts(run: Run, timings: Readonly<Record<string, number>>): [string, string][] {
  const facts = Object.entries(timings).map(([name, seconds]): [string, string] => [timingNames[name] ?? name, `${seconds.toFixed(2)} s`]);
  return run.setup_time_sec === null ? facts : [...facts, ['Norm and first iterate', `${run.setup_time_sec.toFixed(2)} s`]];
}
