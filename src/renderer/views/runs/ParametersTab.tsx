/** All parameters of a run; what differs inside its experiment is marked, with what the other rows have. */
import { useMemo } from 'react';
import { differingKeys, flatParameters, parameterText } from '../../../engine/figures/labels';
import type { Run } from '../../../shared/runs';
import { useRuns } from '../../state/runsStore';

export function ParametersTab({ run }: { readonly run: Run }): React.JSX.Element {
  const runs = useRuns((state) => state.runs);
  const neighbours = useMemo(
    () => [...runs.values()].filter((other) => other.experiment_id === run.experiment_id).map(({ row }) => row),
    [runs, run.experiment_id],
  );
  const differing = useMemo(() => new Set(differingKeys(neighbours)), [neighbours]);
  /** Other values of the same experiment, each once. */
  const others = (key: string, own: string): string => {
    const values = new Set(neighbours.map((row) => parameterText(flatParameters(row)[key])));
    values.delete(own);
    values.delete('');
    const listed = [...values];
    return listed.length > 6 ? `${listed.slice(0, 6).join(', ')} and ${listed.length - 6} more` : listed.join(', ');
  };
  const entries = Object.entries(flatParameters(run.row));
  const sorted = [...entries.filter(([key]) => differing.has(key)), ...entries.filter(([key]) => !differing.has(key))];
  return (
    <table className="plain-table left selectable">
      <tbody>
        {sorted.map(([key, value]) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td className="mono">{parameterText(value)}</td>
            <td className="wrap">
              {differing.has(key) && (
                <>
                  <span className="badge accent">differs</span> <span className="muted">others: {others(key, parameterText(value))}</span>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
