/** One row of the grid; parameters come as text and go back as text, the program judges them. */
import { Copy, Trash2, TriangleAlert } from 'lucide-react';
import { flatParameters, parameterText } from '../../../engine/figures/labels';
import type { PlannedRow } from '../../../shared/contract';
import { deleteRow, duplicateRow, toggleRow } from '../../state/experimentStore';
import { attempt } from '../../state/windowStore';
import { CellEditor } from './CellEditor';

interface Props {
  readonly planned: PlannedRow;
  readonly index: number;
  readonly columns: readonly string[];
  readonly swept: ReadonlySet<string>;
  readonly skipped: boolean;
  readonly activeColumn: number | null;
  readonly editedColumn: number | null;
  readonly problemKey: string | null;
  readonly onActivate: (column: number) => void;
  readonly onEdit: (column: number) => void;
  readonly onAccept: (column: number, value: string, next: -1 | 0 | 1) => void;
  readonly onCancel: (column: number) => void;
}

export function GridRow(props: Props): React.JSX.Element {
  const { planned, index, columns, swept, skipped, activeColumn, editedColumn, problemKey } = props;
  const values = flatParameters(planned.row);
  return (
    <tr className={skipped ? 'skipped' : undefined} aria-rowindex={index + 2}>
      <th className="pinned" scope="row">
        <label title={planned.label}>
          <input type="checkbox" checked={!skipped} aria-label={`Run row ${index + 1}`} onChange={() => toggleRow(index)} />
          <span>{index + 1}</span>
        </label>
      </th>
      {columns.map((key, column) => {
        const text = parameterText(values[key]);
        const edited = editedColumn === column;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles its keys in one place
          <td
            key={key}
            data-cell={`${index}:${column}`}
            data-key={key}
            className={[swept.has(key) ? 'swept' : '', problemKey === key ? 'refused' : ''].join(' ')}
            tabIndex={activeColumn === column && !edited ? 0 : -1}
            onFocus={() => props.onActivate(column)}
            onClick={() => props.onActivate(column)}
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
              text
            )}
          </td>
        );
      })}
      <td className="planned">{patchesText(planned)}</td>
      <td className="planned">{planned.haloWaste === null ? '' : `${planned.haloWaste.toFixed(2)} x`}</td>
      <td className="row-actions">
        {planned.notes.length > 0 && (
          <span className="badge warn" title={planned.notes.join('\n')}>
            <TriangleAlert size={12} aria-hidden="true" />
            {planned.notes.length === 1 ? '1 note' : `${planned.notes.length} notes`}
            <span className="visually-hidden">: {planned.notes.join(' ')}</span>
          </span>
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
  return batchesPerRank === null ? String(patches) : `${patches} in ${batchesPerRank}`;
}
