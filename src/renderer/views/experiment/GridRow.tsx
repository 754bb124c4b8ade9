/** One row of the grid; parameters come as text and go back as text, the program judges them. */
import { Copy, Gauge, Grid3x3, Trash2, TriangleAlert } from 'lucide-react';
import { flatParameters, parameterText } from '../../../engine/figures/labels';
import type { PlannedRow } from '../../../shared/contract';
import { deleteRow, duplicateRow, toggleRow } from '../../state/experimentStore';
import { adviseBatch, advisePatch, useForecast } from '../../state/forecastStore';
import { attempt } from '../../state/windowStore';
import { CellEditor } from './CellEditor';
import { ForecastCell } from './ForecastCell';

interface Props {
  readonly planned: PlannedRow;
  readonly index: number;
  readonly columns: readonly string[];
  /** Columns before the planned cells. */
  readonly lead: number;
  readonly swept: ReadonlySet<string>;
  readonly skipped: boolean;
  readonly activeColumn: number | null;
  readonly editedColumn: number | null;
  readonly problemKey: string | null;
  readonly isSelected: (column: number) => boolean;
  readonly onActivate: (column: number, extend: boolean) => void;
  readonly onEdit: (column: number) => void;
  readonly onAccept: (column: number, value: string, next: -1 | 0 | 1) => void;
  readonly onCancel: (column: number) => void;
}

export function GridRow(props: Props): React.JSX.Element {
  const { planned, index, columns, lead, swept, skipped, activeColumn, editedColumn, problemKey } = props;
  const forecast = useForecast((state) => state.rows.get(index));
  const values = flatParameters(planned.row);
  const notes = [...planned.notes, ...(forecast?.remedy ? [forecast.remedy.sentence] : []), ...(forecast?.warnings ?? [])];
  const cell = (key: string, column: number): React.JSX.Element => {
    const text = parameterText(values[key]);
    const edited = editedColumn === column;
    const problem = planned.problems.find((one) => one.key === key);
    const look = [
      swept.has(key) ? 'swept' : '',
      problemKey === key ? 'refused' : '',
      props.isSelected(column) ? 'chosen' : '',
      problem === undefined ? '' : `underlined ${problem.severity}`,
    ];
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles its keys in one place
      // biome-ignore lint/a11y/useAriaPropsSupportedByRole: inside a grid a td is a gridcell
      <td
        key={key}
        data-cell={`${index}:${column}`}
        data-key={key}
        className={look.join(' ')}
        title={problem?.message}
        aria-selected={props.isSelected(column) || activeColumn === column}
        tabIndex={activeColumn === column && !edited ? 0 : -1}
        onMouseDown={(event) => {
          // Shift and a click would select text of the page.
          if (event.shiftKey) event.preventDefault();
        }}
        onClick={(event) => {
          props.onActivate(column, event.shiftKey);
          event.currentTarget.focus();
        }}
        onDoubleClick={() => props.onEdit(column)}
      >
        {edited ? (
          <CellEditor
            label={`${key} of row ${index + 1}`}
            text={text}
            onAccept={(value, next) => props.onAccept(column, value, next)}
            onCancel={() => props.onCancel(column)}
          />
        ) : (
          <span>{text}</span>
        )}
        {problem !== undefined && <span className="visually-hidden">: {problem.message}</span>}
      </td>
    );
  };
  return (
    <tr className={skipped ? 'skipped' : undefined} aria-rowindex={index + 2}>
      <th className="pinned" scope="row">
        <label title={planned.label}>
          <input type="checkbox" checked={!skipped} aria-label={`Run row ${index + 1}`} onChange={() => toggleRow(index)} />
          <span>{index + 1}</span>
        </label>
      </th>
      {columns.slice(0, lead).map(cell)}
      <td className="planned forecast-cell">
        <ForecastCell forecast={forecast} />
      </td>
      <td className="planned" title={workSentence(planned)}>
        {planned.haloWaste !== null && (
          <>
            <span>{`${((1 - 1 / planned.haloWaste) * 100).toFixed(0)} %`}</span>
            <span className="planned-note">{patchesText(planned)}</span>
            <span className="visually-hidden">{workSentence(planned)}</span>
          </>
        )}
      </td>
      {columns.slice(lead).map((key, offset) => cell(key, lead + offset))}
      <td className="row-actions">
        {notes.length > 0 && (
          <span className="badge warn" title={notes.join('\n')}>
            <TriangleAlert size={12} aria-hidden="true" />
            {notes.length === 1 ? '1 note' : `${notes.length} notes`}
            <span className="visually-hidden">: {notes.join(' ')}</span>
          </span>
        )}
        {planned.patches !== null && (
          <>
            <button
              type="button"
              className="icon-button"
              title="Advise patch: windows that waste least within the memory there is"
              aria-label={`Advise patch for row ${index + 1}`}
              onClick={() => void attempt(() => advisePatch(index))}
            >
              <Grid3x3 aria-hidden="true" />
            </button>
            <button
              type="button"
              className="icon-button"
              title="Auto batch: tries batches and takes the one beyond which more gain nothing or do not fit"
              aria-label={`Auto batch for row ${index + 1}`}
              onClick={() => void attempt(() => adviseBatch(index))}
            >
              <Gauge aria-hidden="true" />
            </button>
          </>
        )}
        <button
          type="button"
          className="icon-button"
          tabIndex={-1}
          title="Duplicate (Ctrl+D)"
          aria-label={`Duplicate row ${index + 1}`}
          onClick={() => void attempt(() => duplicateRow(index))}
        >
          <Copy aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button"
          tabIndex={-1}
          title="Delete (Del)"
          aria-label={`Delete row ${index + 1}`}
          onClick={() => void attempt(() => deleteRow(index))}
        >
          <Trash2 aria-hidden="true" />
        </button>
      </td>
    </tr>
  );
}

function patchesText({ patches, batchesPerRank }: PlannedRow): string {
  if (patches === null) return '';
  return batchesPerRank === null ? `${patches} windows` : `${patches} in ${counted(batchesPerRank, 'batch', 'batches')}`;
}

/** What the two short lines of the cell mean. */
function workSentence({ haloWaste, patches, batchesPerRank }: PlannedRow): string | undefined {
  if (haloWaste === null || patches === null) return undefined;
  const batches = batchesPerRank === null ? '' : `; each worker runs its share of them in ${counted(batchesPerRank, 'batch', 'batches')}`;
  return `The network computes ${haloWaste.toFixed(2)} voxels for each useful one, in ${counted(patches, 'window', 'windows')}${batches}.`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
