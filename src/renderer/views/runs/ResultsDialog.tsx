/** Writes the ticked runs as a table, as whole records, or as a bundle that repeats them. */
import { useState } from 'react';
import { type ResultFormat, resultFormats } from '../../../shared/runs';
import { exportResults } from '../../state/commands';
import { chartRunIds, useRuns } from '../../state/runsStore';
import { attempt, showDialog } from '../../state/windowStore';
import { Dialog } from '../Dialogs';

const formats: Readonly<Record<ResultFormat, { readonly name: string; readonly text: string }>> = {
  csv: { name: 'CSV', text: 'A line per run, iteration and rank under the column names of the benchmark, for spreadsheets and scripts.' },
  parquet: { name: 'Parquet', text: 'The same lines and columns, smaller and with types, for pandas and benchopt.' },
  json: { name: 'JSON', text: 'The whole records: expanded row, seeds, versions, hardware, every iteration.' },
  bundle: {
    name: 'Bundle',
    text: 'All of these in one file with the configurations and the SHA-256 of data, networks and volumes. "tomobench run" repeats it and says what differs.',
  },
};

export function ResultsDialog(): React.JSX.Element {
  const [format, setFormat] = useState<ResultFormat>('csv');
  const count = useRuns((state) => chartRunIds(state).length);
  const save = async (): Promise<void> => {
    if (await exportResults(format)) showDialog(null);
  };
  return (
    <Dialog title={count === 1 ? 'Export 1 run' : `Export ${count} runs`}>
      <fieldset className="format-choice" aria-label="Format">
        {resultFormats.map((one) => (
          <label key={one}>
            <input type="radio" name="format" checked={format === one} onChange={() => setFormat(one)} />
            <b>{formats[one].name}</b>
            <span className="muted small">{formats[one].text}</span>
          </label>
        ))}
      </fieldset>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => showDialog(null)}>
          Close
        </button>
        <button type="button" className="button primary" disabled={count === 0} onClick={() => void attempt(save)}>
          Save...
        </button>
      </div>
    </Dialog>
  );
}
