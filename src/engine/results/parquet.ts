/** The results table as a Parquet file: numbers as doubles, counts as 32-bit integers, the rest as text, nothing as null. */
import { parquetWriteBuffer } from 'hyparquet-writer/src/write.js';
import type { RunDetail } from '../../shared/runs';
import { type Cell, type ResultsTable, resultsTable } from './table';

/** Counts stay whole numbers, as pandas and benchopt know them. */
const countColumns: readonly string[] = ['idx_rep', 'stop_val', 'rank'];
/** Numbers also where no run has a value. */
const numberColumns = /^(time$|objective_(?!name$))/;

type ColumnType = 'INT32' | 'DOUBLE' | 'BOOLEAN' | 'STRING';

function typeOf(name: string, cells: readonly Cell[]): ColumnType {
  if (countColumns.includes(name)) return 'INT32';
  if (numberColumns.test(name)) return 'DOUBLE';
  const values = cells.filter((cell) => cell !== null);
  if (values.length > 0 && values.every((value) => typeof value === 'number')) return 'DOUBLE';
  if (values.length > 0 && values.every((value) => typeof value === 'boolean')) return 'BOOLEAN';
  return 'STRING';
}

export function tableParquet({ columns, rows }: ResultsTable): Uint8Array {
  const columnData = columns.map((name, index) => {
    const cells = rows.map((row) => row[index] ?? null);
    const type = typeOf(name, cells);
    // A parameter may be a list in one row and a number in another; then all are text.
    const data = type === 'STRING' ? cells.map((cell) => (cell === null ? null : String(cell))) : cells;
    return { name, type, nullable: true, data };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'TomoBench' }));
}

export function resultsParquet(runs: readonly RunDetail[]): Uint8Array {
  return tableParquet(resultsTable(runs));
}
