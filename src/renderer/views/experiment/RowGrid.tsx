/** The grid's table: one cell in the tab order, arrows move it and Shift selects, cells are copied, pasted and filled down, and only the rows on screen are in the page. */
import { ArrowDownToLine } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { flatParameters, parameterText } from '../../../engine/figures/labels';
import type { PlannedRow } from '../../../shared/contract';
import { deleteRow, duplicateRow, fillCells, pasteCells, setCell, toggleRow, useExperiment } from '../../state/experimentStore';
import { attempt } from '../../state/windowStore';
import { useRowWindow } from '../parts/useRowWindow';
import { GridRow } from './GridRow';
import { KeepChoice } from './KeepChoice';
import { RunOptions } from './RunOptions';
import { formatCells, pastedBlock } from './spreadsheet';
import { type CellPlace, useCellSelection } from './useCellSelection';

interface Props {
  readonly rows: readonly PlannedRow[];
  readonly columns: readonly string[];
  readonly swept: ReadonlySet<string>;
  /** Parameter -> sentence: errors of the text that belong to no row. */
  readonly refused: ReadonlyMap<string, string>;
  /** The rows are those from before an error: they can be looked at, not edited. */
  readonly stale: boolean;
  /** Stands below the table, at the left. */
  readonly children?: React.ReactNode;
}

const rowHeight = 34;

export function RowGrid({ rows, columns, swept, refused, stale, children }: Props): React.JSX.Element {
  const skipped = useExperiment((state) => state.skipped);
  const problem = useExperiment((state) => state.cellProblem);
  const selection = useCellSelection();
  const { active } = selection;
  const [editing, setEditing] = useState<CellPlace | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last, before, after } = useRowWindow(scroller, rows.length, rowHeight);
  /** The planned cells stand between what differs and what is the same in all rows. */
  const lead = columns.filter((key) => swept.has(key) || key === 'solver').length;

  const { choose } = selection;
  const goTo = useCallback(
    (place: CellPlace, extend = false) => {
      choose(place, extend);
      requestAnimationFrame(() => {
        scroller.current?.querySelector<HTMLElement>(`[data-cell="${place.row}:${place.column}"]`)?.focus();
      });
    },
    [choose],
  );

  const moveBy = (rowStep: number, columnStep: number, extend: boolean): void => {
    const row = Math.max(0, Math.min(rows.length - 1, active.row + rowStep));
    const column = Math.max(0, Math.min(columns.length - 1, active.column + columnStep));
    goTo({ row, column }, extend);
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

  const cellText = (row: number, column: number): string => {
    const planned = rows[row];
    return planned === undefined ? '' : parameterText(flatParameters(planned.row)[columns[column] ?? '']);
  };

  /** The uppermost of the chosen cells goes into those below it; a single cell into all rows below. */
  const fillDown = (): void => {
    const [top, chosenBottom] = selection.rows;
    const bottom = chosenBottom === top ? rows.length - 1 : chosenBottom;
    const edits: { rowIndex: number; key: string; value: string }[] = [];
    for (let column = selection.columns[0]; column <= selection.columns[1]; column++) {
      const key = columns[column];
      for (let row = top; key !== undefined && row <= bottom; row++) edits.push({ rowIndex: row, key, value: cellText(top, column) });
    }
    if (edits.length > 0) void attempt(() => fillCells(edits));
  };

  const copy = (event: ClipboardEvent): void => {
    const chosen = [];
    for (let row = selection.rows[0]; row <= selection.rows[1]; row++) {
      const cells = [];
      for (let column = selection.columns[0]; column <= selection.columns[1]; column++) cells.push(cellText(row, column));
      chosen.push(cells);
    }
    event.clipboardData?.setData('text/plain', formatCells(chosen));
    event.preventDefault();
  };

  const paste = (event: ClipboardEvent): void => {
    if (stale) return;
    event.preventDefault();
    const block = pastedBlock(event.clipboardData?.getData('text/plain') ?? '', columns, selection.columns[0]);
    if (typeof block === 'string') useExperiment.setState({ cellProblem: { row: active.row, key: '', message: block } });
    else void attempt(() => pasteCells(selection.rows[0], block.keys, block.values));
  };

  // These events go to where the text cursor was last, not to the focused cell: the window hears them.
  const clipboard = useRef({ copy, paste });
  clipboard.current = { copy, paste };
  useEffect(() => {
    const inCell = (): boolean => {
      const cell = document.activeElement;
      return cell instanceof HTMLElement && cell.dataset.cell !== undefined && scroller.current?.contains(cell) === true;
    };
    const copied = (event: ClipboardEvent): void => {
      if (inCell()) clipboard.current.copy(event);
    };
    const pasted = (event: ClipboardEvent): void => {
      if (inCell()) clipboard.current.paste(event);
    };
    window.addEventListener('copy', copied);
    window.addEventListener('paste', pasted);
    return () => {
      window.removeEventListener('copy', copied);
      window.removeEventListener('paste', pasted);
    };
  }, []);

  const edit = (place: CellPlace): void => {
    if (!stale) setEditing(place);
  };

  const pressed = (event: React.KeyboardEvent): void => {
    if (editing !== null || !(event.target instanceof HTMLElement) || event.target.dataset.cell === undefined) return;
    const control = event.ctrlKey || event.metaKey;
    const extend = event.shiftKey;
    const actions: Record<string, () => void> = {
      ArrowUp: () => moveBy(-1, 0, extend),
      ArrowDown: () => moveBy(1, 0, extend),
      ArrowLeft: () => moveBy(0, -1, extend),
      ArrowRight: () => moveBy(0, 1, extend),
      Home: () => moveBy(0, -columns.length, extend),
      End: () => moveBy(0, columns.length, extend),
      PageUp: () => moveBy(-10, 0, extend),
      PageDown: () => moveBy(10, 0, extend),
      Enter: () => edit(active),
      F2: () => edit(active),
      ' ': () => toggleRow(active.row),
      Delete: () => void attempt(() => deleteRow(active.row)),
    };
    const duplicate = (): void => void attempt(() => duplicateRow(active.row));
    const action = control ? (event.key.toLowerCase() === 'd' ? (extend ? fillDown : duplicate) : undefined) : actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  const heading = (key: string): React.JSX.Element => {
    const sentence = refused.get(key);
    return (
      <th
        key={key}
        scope="col"
        className={[swept.has(key) ? 'swept' : '', sentence === undefined ? '' : 'refused'].join(' ')}
        title={sentence ?? (swept.has(key) ? `${key} (differs between rows)` : key)}
      >
        {key.replaceAll('_', ' ')}
      </th>
    );
  };

  return (
    <>
      <div ref={scroller} className={stale ? 'grid-scroller stale' : 'grid-scroller'} tabIndex={-1}>
        <table
          className="row-grid"
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are moved through with arrow keys is a grid
          role="grid"
          aria-label="Rows of the experiment"
          aria-rowcount={rows.length + 1}
          aria-multiselectable="true"
          onKeyDown={pressed}
        >
          <thead>
            <tr>
              <th className="pinned" scope="col">
                <span className="visually-hidden">Run this row</span>
              </th>
              {columns.slice(0, lead).map(heading)}
              <th
                scope="col"
                className="forecast-cell"
                title="Highest memory of a device against what it has free, and the time of all iterations, foretold from probes of this machine"
              >
                memory and time
              </th>
              <th
                scope="col"
                title="Part of the network's work that falls on halos and padding; below it the windows and the batches each worker runs them in"
              >
                halo waste
              </th>
              {columns.slice(lead).map(heading)}
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
                  lead={lead}
                  swept={swept}
                  skipped={skipped.has(index)}
                  activeColumn={active.row === index ? active.column : null}
                  editedColumn={editing?.row === index ? editing.column : null}
                  problemKey={problem?.row === index ? problem.key : null}
                  isSelected={(column) => selection.count > 1 && selection.contains(index, column)}
                  onActivate={(column, extend) => choose({ row: index, column }, extend)}
                  onEdit={(column) => edit({ row: index, column })}
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
      <div className="grid-footer">
        {children}
        <button
          type="button"
          className="button small quiet"
          disabled={stale || rows.length < 2}
          title="Write the value of the chosen cell into all rows below it, or into the cells chosen with Shift (Ctrl+Shift+D)"
          onClick={fillDown}
        >
          <ArrowDownToLine aria-hidden="true" />
          Fill down
        </button>
        <span
          className="muted small grow ellipsis"
          title="Shift with arrows selects cells; Ctrl+C copies and Ctrl+V pastes them, also from and to a spreadsheet"
        >
          {selection.count > 1 ? `${selection.count} cells chosen` : 'Ctrl+V pastes rows of a spreadsheet'}
        </span>
        <RunOptions />
        <KeepChoice />
      </div>
    </>
  );
}
