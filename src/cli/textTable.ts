/** Lays out rows of text as an aligned table for a terminal. */

export interface TableColumn {
  readonly title: string;
  /** Numbers read best with their ends aligned. */
  readonly align: 'left' | 'right';
}

/** A header line, a rule and the rows; columns two spaces apart, no spaces at line ends. Missing cells are empty. */
export function textTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, index) => Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? '';
        return align === 'right' ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** A number with so many decimals; a dash where there is none. */
export function numberCell(value: number | null | undefined, decimals: number): string {
  return value === null || value === undefined ? '-' : value.toFixed(decimals);
}
