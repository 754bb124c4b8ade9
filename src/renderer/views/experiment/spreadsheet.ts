/** Cells as spreadsheets exchange them by the clipboard: lines of cells with tabs between. */

/** Lines of cells; quotes around a cell are taken off, an empty line at the end is none. */
export function parseCells(text: string): string[][] {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n');
  return lines.map((line) => line.split('\t').map((cell) => unquoted(cell.trim())));
}

export function formatCells(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => cells.join('\t')).join('\n');
}

/** Spreadsheets quote what holds a quote or a break; a YAML text such as "gpu:2" comes out bare. */
function unquoted(cell: string): string {
  return cell.length > 1 && cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

export interface PastedBlock {
  readonly keys: readonly string[];
  readonly values: readonly (readonly string[])[];
}

/**
 * Which parameters a pasted block goes to: those its first line names, otherwise the columns from `firstColumn` on. Answers a sentence where there
 * is nothing, or more than fits.
 */
export function pastedBlock(text: string, columns: readonly string[], firstColumn: number): PastedBlock | string {
  const cells = parseCells(text);
  const [first = []] = cells;
  if (cells.every((line) => line.every((cell) => cell === ''))) return 'The clipboard holds no cells.';
  const named = first.map((cell) => cell.toLowerCase().replaceAll(' ', '_'));
  if (named.length > 0 && named.every((name) => columns.includes(name))) {
    return cells.length === 1 ? 'The clipboard holds only the names of columns.' : { keys: named, values: cells.slice(1) };
  }
  const width = Math.max(...cells.map((line) => line.length));
  const keys = columns.slice(firstColumn, firstColumn + width);
  if (keys.length < width) {
    return `The clipboard holds ${width} columns, but only ${keys.length} follow here. Start further left, or put the parameters' names into the first line.`;
  }
  return { keys, values: cells };
}
