/** Names of the columns; a click sorts by one: best first, then the other way round, then as the runs were queued. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type SortColumn, sortBy, useRunSort } from '../../state/runSort';

interface Column {
  readonly name: string;
  /** null: cannot be sorted by, for not all runs have been looked at. */
  readonly column: SortColumn | null;
  readonly className?: string;
}

const columns: readonly Column[] = [
  { name: 'Run', column: 'name' },
  { name: 'Status', column: 'status' },
  { name: 'Iterations', column: 'iterations', className: 'number' },
  { name: 'PSNR', column: 'psnr', className: 'number' },
  { name: 'SSIM', column: 'ssim', className: 'number widest' },
  { name: 'Time', column: 'time', className: 'number cost' },
  { name: 'To target', column: null, className: 'number wide' },
  { name: 'Peak memory', column: 'memory', className: 'number wide' },
];

/** The queue has an order of its own. */
export function RunTableHead({ sortable }: { readonly sortable: boolean }): React.JSX.Element {
  const sort = useRunSort((state) => state.sort);
  return (
    <thead>
      <tr className="run-head">
        <td colSpan={2} className="run-head-marks" />
        {columns.map(({ name, column, className }) => {
          const direction =
            sortable && sort !== null && sort.column === column ? (sort.descending ? 'descending' : 'ascending') : undefined;
          return (
            <th key={name} scope="col" className={className} aria-sort={direction}>
              {column === null || !sortable ? (
                <span>{name}</span>
              ) : (
                <button type="button" title={`Sort by ${name.toLowerCase()}`} onClick={() => sortBy(column)}>
                  {direction === 'descending' && <ArrowDown aria-hidden="true" />}
                  {direction === 'ascending' && <ArrowUp aria-hidden="true" />}
                  {name}
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
