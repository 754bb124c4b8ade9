/** The grid's table: one cell in the tab order, arrows move it, Enter or F2 edits, and only the rows on screen are in the page. */
import { useCallback, useRef, useState } from 'react';
import type { PlannedRow } from '../../../shared/contract';
import { deleteRow, duplicateRow, setCell, toggleRow, useExperiment } from '../../state/experimentStore';
import { attempt } from '../../state/windowStore';
import { useRowWindow } from '../parts/useRowWindow';
import { GridRow } from './GridRow';

interface Props {
  readonly rows: readonly PlannedRow[];
  readonly columns: readonly string[];
  readonly swept: ReadonlySet<string>;
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

const rowHeight = 34;

export function RowGrid({ rows, columns, swept }: Props): React.JSX.Element {
  const skipped = useExperiment((state) => state.skipped);
  const problem = useExperiment((state) => state.cellProblem);
  const [active, setActive] = useState<CellPlace>({ row: 0, column: 0 });
  const [editing, setEditing] = useState<CellPlace | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last, before, after } = useRowWindow(scroller, rows.length, rowHeight);

  const goTo = useCallback((place: CellPlace) => {
    setActive(place);
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-cell="${place.row}:${place.column}"]`)?.focus();
    });
  }, []);

  const moveBy = (rowStep: number, columnStep: number): void => {
    const row = Math.max(0, Math.min(rows.length - 1, active.row + rowStep));
    const column = Math.max(0, Math.min(columns.length - 1, active.column + columnStep));
    goTo({ row, column });
  };

  /** Writes a cell; `next` is the column to go on with, if any. A refused value stays open with its sentence. */
  const accept = async (place: CellPlace, value: string, next: -1 | 0 | 1): Promise<void> => {
    const key = columns[place.column];
    if (key === undefined) return;
    await attempt(async () => {
      if (!(await setCell(place.row, key, value))) return;
      setEditing(null);
      goTo({ row: place.row, column: Math.max(0, Math.min(columns.length - 1, place.column + next)) });
    });
  };

  const pressed = (event: React.KeyboardEvent): void => {
    if (editing !== null || !(event.target instanceof HTMLElement) || event.target.dataset.cell === undefined) return;
    const control = event.ctrlKey || event.metaKey;
    const actions: Record<string, () => void> = {
      ArrowUp: () => moveBy(-1, 0),
      ArrowDown: () => moveBy(1, 0),
      ArrowLeft: () => moveBy(0, -1),
      ArrowRight: () => moveBy(0, 1),
      Home: () => moveBy(0, -columns.length),
      End: () => moveBy(0, columns.length),
      PageUp: () => moveBy(-10, 0),
      PageDown: () => moveBy(10, 0),
      Enter: () => setEditing(active),
      F2: () => setEditing(active),
      ' ': () => toggleRow(active.row),
      Delete: () => void attempt(() => deleteRow(active.row)),
    };
    const action = control
      ? event.key.toLowerCase() === 'd'
        ? () => void attempt(() => duplicateRow(active.row))
        : undefined
      : actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  return (
    <div ref={scroller} className="grid-scroller" tabIndex={-1}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are moved through with arrow keys is a grid */}
      <table className="row-grid" role="grid" aria-label="Rows of the experiment" aria-rowcount={rows.length + 1} onKeyDown={pressed}>
        <thead>
          <tr>
            <th className="pinned" scope="col">
              <span className="visually-hidden">Run this row</span>
            </th>
            {columns.map((key) => (
              <th
                key={key}
                scope="col"
                className={swept.has(key) ? 'swept' : undefined}
                title={swept.has(key) ? `${key} (differs between rows)` : key}
              >
                {key.replaceAll('_', ' ')}
              </th>
            ))}
            <th scope="col" title="Windows of the denoiser: patches x batches of one rank">
              patches
            </th>
            <th scope="col" title="Voxels the network computes for each useful one">
              work per voxel
            </th>
            <th scope="col" className="row-actions">
              <span className="visually-hidden">Notes and actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr style={{ height: before }} />}
          {rows.slice(first, last).map((planned, offset) => {
            const index = first + offset;
            return (
              <GridRow
                key={index}
                planned={planned}
                index={index}
                columns={columns}
                swept={swept}
                skipped={skipped.has(index)}
                activeColumn={active.row === index ? active.column : null}
                editedColumn={editing?.row === index ? editing.column : null}
                problemKey={problem?.row === index ? problem.key : null}
                onActivate={(column) => setActive({ row: index, column })}
                onEdit={(column) => setEditing({ row: index, column })}
                onAccept={(column, value, next) => void accept({ row: index, column }, value, next)}
                onCancel={(column) => {
                  useExperiment.setState({ cellProblem: null });
                  setEditing(null);
                  goTo({ row: index, column });
                }}
              />
            );
          })}
          {after > 0 && <tr style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}
