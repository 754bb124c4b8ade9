/** Turns parsed blocks into the rows of the experiment and says which cell of the text each row uses; parseConfig has checked the values. */
import { UserError } from '../../shared/errors';
import type { DatasetParameters, ExperimentRow, Problem, SolverParameters } from '../../shared/experiment';
import type { ParameterValue } from './parameterTable';
import type { Cell, Factor, GridBlock, ParsedConfig } from './parseConfig';

/** More rows than a study runs; a longer grid is refused before anything is built. */
export const maxRows = 100_000;

/** Rows of one block: the product of the choices of its factors. */
export function blockRowCount(block: GridBlock): number {
  return block.factors.reduce((rows, factor) => rows * factor.choices.length, 1);
}

/** Rows of the whole grid, counted without building it. */
export function rowCount(parsed: ParsedConfig): number {
  const sum = (blocks: readonly GridBlock[]) => blocks.reduce((rows, block) => rows + blockRowCount(block), 0);
  return sum(parsed.datasets) * parsed.objectives.length * sum(parsed.solvers);
}

/** The problem of a grid that is too long, or null. */
export function tooManyRows(parsed: ParsedConfig): Problem | null {
  const rows = rowCount(parsed);
  if (rows <= maxRows) return null;
  const message = `the grid has ${rows.toLocaleString('en-US')} rows; at most ${maxRows.toLocaleString('en-US')} can be run. Sweep fewer values, or split the file.`;
  return { severity: 'error', message, line: longestFactor(parsed)?.entry.keyNode.line ?? null, row: null, key: null };
}

function longestFactor(parsed: ParsedConfig): Factor | undefined {
  const factors = [...parsed.datasets, ...parsed.solvers].flatMap((block) => block.factors);
  return factors.reduce<Factor | undefined>((a, b) => (a !== undefined && a.choices.length >= b.choices.length ? a : b), undefined);
}

/**
 * The rows in order: datasets outermost, then objectives, then solvers; inside a block the last key varies fastest.
 * Throws UserError where there are more than maxRows. The values are those of parseConfig; do not run them when it reported errors.
 */
export function expandGrid(parsed: ParsedConfig): ExperimentRow[] {
  const excess = tooManyRows(parsed);
  if (excess !== null) throw new UserError(`${parsed.fileName}: ${excess.message}`);
  const datasets = parsed.datasets.flatMap((block) => expandBlock(block)) as unknown as DatasetParameters[];
  const solvers = parsed.solvers.flatMap((block) => expandBlock(block)) as unknown as SolverParameters[];
  const target = parsed.targetPsnr === null ? {} : { target_psnr: parsed.targetPsnr };
  const rows: ExperimentRow[] = [];
  for (const dataset of datasets) {
    for (const objective of parsed.objectives) {
      for (const solver of solvers) {
        // FDK has nothing to repeat.
        const max_runs = solver.name === 'FDK' ? 1 : parsed.maxRuns;
        rows.push({ index: rows.length, objective, dataset, solver, max_runs, n_repetitions: parsed.repetitions, ...target });
      }
    }
  }
  return rows;
}

function expandBlock(block: GridBlock): Record<string, ParameterValue>[] {
  const defaults: Record<string, ParameterValue> = { name: block.table.name };
  for (const [name, spec] of block.table.parameters) defaults[name] = spec.default;
  return Array.from({ length: blockRowCount(block) }, (_, index) => {
    const values = { ...defaults };
    for (const { factor, choice } of choicesOf(block, index)) {
      factor.names.forEach((name, column) => {
        values[name] = factor.choices[choice]?.[column]?.value ?? null;
      });
    }
    // Who leaves the patch to the program and says nothing of its halo leaves that too.
    const isGiven = block.factors.some(({ names }) => names.includes('overlap'));
    if (values.patch_size === 'auto' && !isGiven) values.overlap = 'auto';
    return values;
  });
}

/** Which choice of each factor the row `index` of the block uses. */
function choicesOf(block: GridBlock, index: number): { factor: Factor; choice: number }[] {
  let rest = index;
  return [...block.factors]
    .reverse()
    .map((factor) => {
      const count = factor.choices.length;
      const choice = rest % count;
      rest = Math.floor(rest / count);
      return { factor, choice };
    })
    .reverse();
}

/** The block, factor and choice that give a row its value of a key; factor null where the key is at its default. */
export interface CellPlace {
  readonly block: GridBlock;
  readonly factor: Factor | null;
  readonly choice: number;
  readonly cell: Cell | null;
}

/** Finds where row `rowIndex` takes its dataset and solver parameters from. Throws UserError for a row that does not exist. */
export function locateRow(parsed: ParsedConfig, rowIndex: number): { dataset: BlockRow; solver: BlockRow } {
  const solverRows = parsed.solvers.reduce((rows, block) => rows + blockRowCount(block), 0);
  if (!Number.isInteger(rowIndex) || rowIndex < 0 || rowIndex >= rowCount(parsed)) {
    throw new UserError(`Row ${rowIndex} does not exist; ${parsed.fileName} has ${rowCount(parsed)} rows, counted from 0.`);
  }
  const datasetIndex = Math.floor(rowIndex / (solverRows * parsed.objectives.length));
  return { dataset: blockRow(parsed.datasets, datasetIndex), solver: blockRow(parsed.solvers, rowIndex % solverRows) };
}

export interface BlockRow {
  readonly block: GridBlock;
  readonly index: number;
}

function blockRow(blocks: readonly GridBlock[], index: number): BlockRow {
  let rest = index;
  for (const block of blocks) {
    const count = blockRowCount(block);
    if (rest < count) return { block, index: rest };
    rest -= count;
  }
  throw new UserError(`Row ${index} does not exist.`, 'internal');
}

/** Where the row of a block takes the value of `key` from. */
export function locateCell(row: BlockRow, key: string): CellPlace {
  for (const { factor, choice } of choicesOf(row.block, row.index)) {
    const column = factor.names.indexOf(key);
    if (column >= 0) return { block: row.block, factor, choice, cell: factor.choices[choice]?.[column] ?? null };
  }
  return { block: row.block, factor: null, choice: 0, cell: null };
}
