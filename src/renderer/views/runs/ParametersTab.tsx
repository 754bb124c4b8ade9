/** All parameters of a run; what differs inside its experiment is marked. */
import { useMemo } from 'react';
import { differingKeys, flatParameters, parameterText } from '../../../engine/figures/labels';
import type { Run } from '../../../shared/runs';
import { useRuns } from '../../state/runsStore';

export function ParametersTab({ run }: { readonly run: Run }): React.JSX.Element {
  const runs = useRuns((state) => state.runs);
  const differing = useMemo(
    () => new Set(differingKeys([...runs.values()].filter((other) => other.experiment_id === run.experiment_id).map(({ row }) => row))),
    [runs, run.experiment_id],
  );
  const entries = Object.entries(flatParameters(run.row));
  const sorted = [...entries.filter(([key]) => differing.has(key)), ...entries.filter(([key]) => !differing.has(key))];
  return (
    <table className="plain-table left selectable">
      <tbody>
        {sorted.map(([key, value]) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td className="mono">{parameterText(value)}</td>
            <td>{differing.has(key) && <span className="badge accent">differs</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
