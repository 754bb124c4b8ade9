/** The configuration's problems by line; a click goes there. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import type { Problem } from '../../../shared/experiment';

interface Props {
  readonly problems: readonly Problem[];
  readonly onOpen: (line: number) => void;
}

export function ProblemList({ problems, onOpen }: Props): React.JSX.Element {
  if (problems.length === 0) {
    return (
      <p className="problem-none">
        <CircleCheck aria-hidden="true" />
        No problems
      </p>
    );
  }
  return (
    <ul className="problems" aria-label="Problems">
      {problems.map(({ severity, message, line, row }) => (
        <li key={`${line}:${row}:${message}`}>
          <button type="button" className={severity} disabled={line === null} onClick={() => line !== null && onOpen(line)}>
            {severity === 'error' ? <CircleAlert aria-label="Error" /> : <TriangleAlert aria-label="Warning" />}
            <span className="place">{line === null ? (row === null ? '' : `Row ${row + 1}`) : `Line ${line}`}</span>
            <span>{message}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
