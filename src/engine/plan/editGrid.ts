/** Edits of several cells or rows at once, as a spreadsheet asks for them, and new parameters of the grid; each writes into the YAML text as editConfig does. */
import { UserError } from '../../shared/errors';
import type { ExperimentRow } from '../../shared/experiment';
import { flatParameters } from '../figures/labels';
import { duplicateRow, endOfLine, formatValue, indentBefore, insertKey, ownNode, parseValid, rowOfKey, setCell } from './editConfig';
import { type BlockRow, expandGrid, locateCell, rowCount } from './expandGrid';
import type { ParameterValue } from './parameterTable';
import type { Factor, ParsedConfig } from './parseConfig';

/** More is a table to be written by a program, not pasted. */
const MAX_CELLS = 5000;

export interface CellEdit {
  readonly rowIndex: number;
  readonly key: string;
  readonly value: ParameterValue;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly written: string;
}

/**
 * The text with all edits made. Where rows that share one place of the text are to differ, the parameter becomes one that each row has for itself
 * (giveRowsOwn). Throws UserError, and nothing is changed, where one edit cannot be made.
 */
export function setCells(text: string, edits: readonly CellEdit[]): string {
  if (edits.length > MAX_CELLS) throw new UserError(`These are ${edits.length} cells; at most ${MAX_CELLS} can be changed at once.`);
  let edited = text;
  // Each round gives one more parameter to the rows.
  for (let round = 0; round <= edits.length; round++) {
    const conflict = sharedByDifferent(edited, edits);
    if (conflict === null) break;
    edited = giveRowsOwn(edited, conflict.rowIndex, conflict.key);
  }
  const parsed = parseValid(edited);
  const splices = new Map<number, Splice>();
  const others: CellEdit[] = [];
  for (const edit of edits) {
    const row = rowOfKey(parsed, edit.rowIndex, edit.key);
    checkAllowed(row, edit);
    const place = locateCell(row, edit.key);
    if (place.factor === null || place.cell === null || place.factor.entry.shared || place.factor.kind === 'scalar') others.push(edit);
    else {
      const node = ownNode(edited, place);
      splices.set(node.start, { start: node.start, end: node.end, written: formatValue(edit.value) });
    }
  }
  edited = spliced(edited, [...splices.values()]);
  for (const { rowIndex, key, value } of others) {
    if (!holds(parseValid(edited), { rowIndex, key, value })) edited = setCell(edited, rowIndex, key, value);
  }
  const after = parseValid(edited);
  const lost = edits.find((edit) => !holds(after, edit));
  if (lost !== undefined || rowCount(after) !== rowCount(parsed)) {
    throw new UserError(
      `${lost?.key ?? 'This'} cannot be changed from the grid because of how the text is laid out; change it in the text.`,
    );
  }
  return edited;
}

/**
 * The text with a block of cells written from row `rowIndex` on; rows beyond the last are added as copies of it. `values[i][j]` belongs to
 * `keys[j]`; undefined leaves the cell as it is.
 */
export function pasteRows(
  text: string,
  rowIndex: number,
  keys: readonly string[],
  values: readonly (readonly (ParameterValue | undefined)[])[],
): string {
  if (values.length > MAX_CELLS) throw new UserError(`These are ${values.length} rows; at most ${MAX_CELLS} can be pasted at once.`);
  const edits = values.flatMap((cells, offset) =>
    keys.flatMap((key, column): CellEdit[] => {
      const value = cells[column];
      return value === undefined ? [] : [{ rowIndex: rowIndex + offset, key, value }];
    }),
  );
  let edited = text;
  for (let rows = rowCount(parseValid(edited)); rows < rowIndex + values.length; rows = rowCount(parseValid(edited))) {
    edited = duplicateRow(edited, rows - 1);
  }
  return setCells(edited, edits);
}

/** The text with `key` as a parameter that each row of the zipped list has for itself, at the value it has now. */
export function giveRowsOwn(text: string, rowIndex: number, key: string): string {
  const parsed = parseValid(text);
  const row = rowOfKey(parsed, rowIndex, key);
  const zipped = row.block.factors.findLast(({ kind }) => kind === 'zipped');
  const current = locateCell(row, key);
  if (zipped !== undefined && current.factor === zipped) throw new UserError(`Each row has its own ${key} already.`);
  const list = zipped?.entry.value;
  if (zipped === undefined || list?.kind !== 'list') {
    throw new UserError(`The rows have no list of their own that ${key} could join. Sweep it over several values instead.`);
  }
  if (current.factor?.kind === 'swept' && current.factor.choices.length > 1) {
    throw new UserError(`${key} is swept over a list: every row has all of its values. Change the list in the text.`);
  }
  if (zipped.entry.shared || current.factor?.entry.shared === true || text[list.start] === '*') {
    throw new UserError(`${key} meets a merged or aliased block here, which other places share; change it in the text.`);
  }
  const value = formatValue(current.cell?.value ?? row.block.table.parameters.get(key)?.default ?? null);
  const { keyNode } = zipped.entry;
  const splices: Splice[] = [insertion(keyNode.end - (keyNode.quoted ? 1 : 0), `, ${key}`)];
  for (const item of list.items) {
    if (item.kind !== 'list' || !item.flow || text[item.start] !== '[') {
      throw new UserError(`The rows are not written as [a, b, c]; add ${key} to them in the text.`);
    }
    const last = item.items.at(-1);
    splices.push(insertion(last?.end ?? item.start + 1, `${last === undefined ? '' : ', '}${value}`));
  }
  if (current.factor !== null) splices.push(removedEntry(text, current.factor));
  const edited = spliced(text, splices);
  const before = expandGrid(parsed);
  const after = expandGrid(parseValid(edited));
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    throw new UserError(`${key} cannot be given to each row because of how the text is laid out; change it in the text.`);
  }
  return edited;
}

/** The text with `key` swept over `values`: every row that is there now runs with each of them. */
export function sweepKey(text: string, rowIndex: number, key: string, values: readonly ParameterValue[]): string {
  const parsed = parseValid(text);
  const row = rowOfKey(parsed, rowIndex, key);
  if (values.length === 0) throw new UserError(`Give at least one value of ${key}.`);
  for (const value of values) checkAllowed(row, { key, value });
  const place = locateCell(row, key);
  if (place.factor?.kind === 'zipped') throw new UserError(`Each row has its own ${key}; change it in the cells of its column.`);
  if (place.factor?.entry.shared === true) throw new UserError(`${key} comes from a merged block (<<); change it in the text.`);
  const written = `[${values.map(formatValue).join(', ')}]`;
  if (place.factor === null) return parsedOrRefused(insertKey(text, row, key, `${key}: ${written}`), key);
  const { value: node } = place.factor.entry;
  if (text[node.start] === '*') throw new UserError(`${key} comes from an alias (*name); change it in the text.`);
  return parsedOrRefused(
    spliced(text, [{ start: node.start, end: node.end, written: node.start === node.end ? ` ${written}` : written }]),
    key,
  );
}

/** The text with a row of an earlier run added: beside rows of the same solver where there are some, otherwise as a solver of its own. */
export function addRunRow(text: string, row: ExperimentRow): string {
  const parsed = parseValid(text);
  const rows = expandGrid(parsed);
  const difference = (dataset: Readonly<Record<string, unknown>> | undefined): [string, unknown] | undefined =>
    Object.entries(row.dataset).find(([key, value]) => JSON.stringify(dataset?.[key]) !== JSON.stringify(value));
  const sameData = rows.filter(({ dataset }) => difference(dataset) === undefined);
  if (sameData.length === 0) {
    const differing = difference(rows[0]?.dataset);
    const said = differing === undefined ? 'other data' : `${differing[0]} ${String(differing[1])}`;
    throw new UserError(
      `The run used ${said}, which the configuration does not have. Change the dataset there first, then duplicate again.`,
    );
  }
  const neighbour = sameData.findLast(({ solver }) => solver.name === row.solver.name);
  return (neighbour === undefined ? null : asNeighbour(text, neighbour, row)) ?? asSolver(text, parsed, row);
}

/** null where the text's layout does not allow it. */
function asNeighbour(text: string, neighbour: ExperimentRow, row: ExperimentRow): string | null {
  const now = flatParameters(neighbour);
  const edits = Object.entries(row.solver).flatMap(([key, value]): CellEdit[] =>
    key === 'name' || JSON.stringify(now[key]) === JSON.stringify(value)
      ? []
      : [{ rowIndex: neighbour.index + 1, key, value: value as ParameterValue }],
  );
  try {
    const copied = duplicateRow(text, neighbour.index);
    let edited = copied;
    for (const { rowIndex, key } of edits) {
      const place = locateCell(rowOfKey(parseValid(edited), rowIndex, key), key);
      if (place.factor?.kind !== 'zipped') edited = giveRowsOwn(edited, rowIndex, key);
    }
    return setCells(edited, edits);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function asSolver(text: string, parsed: ParsedConfig, row: ExperimentRow): string {
  const last = parsed.solvers.at(-1);
  const table = parsed.solvers.find((block) => block.table.name === row.solver.name)?.table;
  const node = last?.node;
  const indent = node === undefined ? null : indentBefore(text, node.start, false);
  if (node === undefined || indent === null)
    throw new UserError('The solvers of this configuration do not stand on lines of their own; add the row in the text.');
  const lines = Object.entries(row.solver).flatMap(([key, value]) => {
    if (key === 'name' || JSON.stringify(table?.parameters.get(key)?.default) === JSON.stringify(value)) return [];
    const written = formatValue(value as ParameterValue);
    return [`${indent}    ${key}: ${Array.isArray(value) ? `[${written}]` : written}`];
  });
  const at = endOfLine(text, node.end);
  const block = lines.length === 0 ? `${indent}- ${row.solver.name}` : [`${indent}- ${row.solver.name}:`, ...lines].join('\n');
  return parsedOrRefused(`${text.slice(0, at)}\n${block}${text.slice(at)}`, row.solver.name);
}

function parsedOrRefused(text: string, what: string): string {
  try {
    parseValid(text);
    return text;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${what} cannot be added from the grid because of how the text is laid out; change it in the text.`);
  }
}

function checkAllowed(row: BlockRow, { key, value }: Pick<CellEdit, 'key' | 'value'>): void {
  const spec = row.block.table.parameters.get(key);
  if (spec?.read(value) === undefined) throw new UserError(`${key} cannot be ${formatValue(value)}; it must be ${spec?.allowed}.`);
}

function holds(parsed: ParsedConfig, { rowIndex, key, value }: CellEdit): boolean {
  const row = rowOfKey(parsed, rowIndex, key);
  const spec = row.block.table.parameters.get(key);
  const now = locateCell(row, key).cell?.value ?? spec?.default;
  return JSON.stringify(now) === JSON.stringify(spec?.read(value));
}

/** An edit whose place in the text another row uses too, which is to have, or to keep, another value; null where there is none. */
function sharedByDifferent(text: string, edits: readonly CellEdit[]): CellEdit | null {
  const parsed = parseValid(text);
  const rows = rowCount(parsed);
  const wanted = new Map(edits.map((edit) => [`${edit.rowIndex}:${edit.key}`, edit]));
  const seen = new Map<string, string>();
  for (const edit of edits) {
    if (edit.rowIndex >= rows) throw new UserError(`Row ${edit.rowIndex + 1} does not exist; the grid has ${rows}.`);
    const place = locateCell(rowOfKey(parsed, edit.rowIndex, edit.key), edit.key);
    if (place.factor?.kind === 'zipped') continue;
    const where = `${edit.key}@${place.cell?.node.start ?? place.block.node.start}`;
    const value = JSON.stringify(edit.value);
    const before = seen.get(where);
    if (before !== undefined && before !== value) return edit;
    seen.set(where, value);
  }
  // One cell alone changes all rows that share it, as an edit in the cell does; of several rows, only those that were meant.
  const several = new Set(edits.map(({ rowIndex }) => rowIndex)).size > 1;
  if (!several) return null;
  for (const edit of edits) {
    const place = locateCell(rowOfKey(parsed, edit.rowIndex, edit.key), edit.key);
    if (place.factor?.kind === 'zipped' || holds(parsed, edit)) continue;
    for (let row = 0; row < rows; row++) {
      if (wanted.has(`${row}:${edit.key}`)) continue;
      const other = rowOfKey(parsed, row, edit.key, false);
      if (other.block === place.block && locateCell(other, edit.key).cell === place.cell) return edit;
    }
  }
  return null;
}

function insertion(at: number, written: string): Splice {
  return { start: at, end: at, written };
}

/** Takes "key: value" out with its line; a comment behind it stays on the line. */
function removedEntry(text: string, { entry }: Factor): Splice {
  const lineStart = text.lastIndexOf('\n', entry.keyNode.start - 1) + 1;
  const lineEnd = endOfLine(text, entry.value.end);
  const before = text.slice(lineStart, entry.keyNode.start);
  const rest = text.slice(entry.value.end, lineEnd).trim();
  if (before.trim() !== '' || (rest !== '' && !rest.startsWith('#'))) {
    throw new UserError(`${entry.key} does not stand on a line of its own; change it in the text.`);
  }
  if (rest !== '') return { start: entry.keyNode.start, end: lineEnd, written: rest };
  return { start: lineStart, end: Math.min(lineEnd + 1, text.length), written: '' };
}

/** Splices do not overlap; the last is made first, so that the places of the others stay. */
function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce((edited, { start, end, written }) => edited.slice(0, start) + written + edited.slice(end), text);
}
