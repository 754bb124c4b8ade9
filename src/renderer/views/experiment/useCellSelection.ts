/** Which cells of the grid are chosen: an active cell, and with Shift a rectangle from where it began. */
import { useState } from 'react';

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

export interface CellSelection {
  readonly active: CellPlace;
  /** Inclusive. */
  readonly rows: readonly [first: number, last: number];
  readonly columns: readonly [first: number, last: number];
  readonly count: number;
  contains(row: number, column: number): boolean;
  /** `extend`: the rectangle keeps where it began. */
  choose(place: CellPlace, extend: boolean): void;
}

export function useCellSelection(): CellSelection {
  const [{ active, start }, setPlaces] = useState<{ active: CellPlace; start: CellPlace }>({
    active: { row: 0, column: 0 },
    start: { row: 0, column: 0 },
  });
  const rows = [Math.min(active.row, start.row), Math.max(active.row, start.row)] as const;
  const columns = [Math.min(active.column, start.column), Math.max(active.column, start.column)] as const;
  return {
    active,
    rows,
    columns,
    count: (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1),
    contains: (row, column) => row >= rows[0] && row <= rows[1] && column >= columns[0] && column <= columns[1],
    choose: (place, extend) => setPlaces((before) => ({ active: place, start: extend ? before.start : place })),
  };
}
