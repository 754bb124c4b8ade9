/** What the check of the open data found, with the correction offered beside each finding; nothing is applied unasked. */
import { Check, Undo2 } from 'lucide-react';
import { describeCorrection, formatCorrections } from '../../../shared/corrections';
import type { Finding } from '../../../shared/quality';
import { applyCorrection, undoCorrection, useDataCheck } from '../../state/dataCheckStore';
import { MessageLine } from '../parts/MessageLine';

const kinds = { error: 'bad', warning: 'warn', note: 'note' } as const;

export function QualityNote(): React.JSX.Element | null {
  const { path, report, fraction, failure, corrections } = useDataCheck();
  if (path === null) return null;
  if (failure !== null) return <MessageLine kind="note" text={`The data could not be checked: ${failure}`} />;
  if (report === null) {
    return (
      <div className="quality-running small muted">
        <span>Checking the data...</span>
        <progress max={1} value={fraction} aria-label="Check of the data" />
      </div>
    );
  }
  const doubts = report.findings.filter(({ severity }) => severity !== 'ok');
  const inOrder = report.findings.filter(({ severity }) => severity === 'ok');
  const looked = report.viewsRead === report.views ? `${report.views} views` : `${report.viewsRead} of ${report.views} views`;
  const applied = formatCorrections(corrections);
  return (
    <section className="quality-note" aria-label="Data check">
      {doubts.map((finding) => (
        <FindingLine key={finding.check} finding={finding} />
      ))}
      <details className="small muted">
        <summary>
          {doubts.length === 0 ? 'Data check: nothing found' : `Data check: ${inOrder.length} of ${report.findings.length} in order`}
          {` (${looked} looked at)`}
          {applied !== null && `. Runs use: ${applied}`}
        </summary>
        <ul>
          {inOrder.map(({ check, message }) => (
            <li key={check}>{message}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function FindingLine({ finding }: { readonly finding: Finding }): React.JSX.Element | null {
  const { severity, message, correction } = finding;
  const applied = useDataCheck((state) => state.corrections.some(({ kind }) => kind === correction?.kind));
  if (severity === 'ok') return null;
  return (
    <div className={`finding ${applied ? 'applied' : ''}`}>
      <MessageLine
        kind={applied ? 'note' : kinds[severity]}
        text={applied && correction ? `Runs correct this: ${describeCorrection(correction)} ${message}` : message}
      />
      {correction !== null && (
        <button
          type="button"
          className="button small"
          title={applied ? 'Use the data as they are again' : describeCorrection(correction)}
          onClick={() => (applied ? undoCorrection(correction.kind) : applyCorrection(correction))}
        >
          {applied ? <Undo2 aria-hidden="true" /> : <Check aria-hidden="true" />}
          {applied ? 'Undo' : 'Apply'}
          <span className="visually-hidden">{` ${formatCorrections([correction]) ?? ''}`}</span>
        </button>
      )}
    </div>
  );
}
