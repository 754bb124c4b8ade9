/** Writes edits of the grid back into the YAML text by replacing only the characters of the value: comments, order and layout stay. */
import { UserError } from '../../shared/errors';
import { type ConfigNode, configError, type ListNode, type MapNode } from './configTree';
import { type BlockRow, type CellPlace, locateCell, locateRow, rowCount } from './expandGrid';
import type { ParameterValue } from './parameterTable';
import { type Factor, type ParsedConfig, parseConfig, throwFirstError } from './parseConfig';

const fileName = 'the configuration';

/**
 * The text with `key` of row `rowIndex` set to `value`. The cell of a zipped row changes that row alone (rowsSharingCell tells when not);
 * an element of a swept list or a scalar changes all rows that use it; a key at its default is added to the block.
 * Throws UserError for an unknown key, a value that is not allowed, or a text that cannot be expanded.
 */
export function setCell(text: string, rowIndex: number, key: string, value: ParameterValue): string {
  const row = rowOfKey(parseValid(text), rowIndex, key);
  const spec = row.block.table.parameters.get(key);
  if (spec?.read(value) === undefined) throw new UserError(`${key} cannot be ${formatValue(value)}; it must be ${spec?.allowed}.`);
  const edited = writeCell(text, row, key, value);
  // Unusual layouts end here rather than in a text that says something else.
  const after = planAfter(edited);
  const written = after === null ? null : locateCell(rowOfKey(after, rowIndex, key), key).cell;
  if (written === null || JSON.stringify(written.value) !== JSON.stringify(spec.read(value))) {
    throw new UserError(`${key} cannot be changed from the grid because of how the text is laid out there; change it in the text.`);
  }
  return edited;
}

function writeCell(text: string, row: BlockRow, key: string, value: ParameterValue): string {
  const place = locateCell(row, key);
  if (place.factor === null || place.cell === null) {
    return insertKey(text, row, key, `${key}: ${Array.isArray(value) ? `[${formatValue(value)}]` : formatValue(value)}`);
  }
  if (place.factor.entry.shared) {
    throw new UserError(`${key} comes from a merged block (<<), which other places share; change it in the text.`);
  }
  // A list as the value of a plain key would be read as a sweep: it needs a list around it.
  const written = place.factor.kind === 'scalar' && Array.isArray(value) ? `[${formatValue(value)}]` : formatValue(value);
  return splice(text, ownNode(text, place), written);
}

function planAfter(text: string): ParsedConfig | null {
  try {
    return parseValid(text);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

export function parseValid(text: string): ParsedConfig {
  const parsed = parseConfig(text, fileName);
  throwFirstError(parsed.problems, fileName);
  return parsed;
}

/** All rows whose value of `key` comes from the same place of the text as that of row `rowIndex`; those a setCell changes. */
export function rowsSharingCell(text: string, rowIndex: number, key: string): number[] {
  const parsed = parseValid(text);
  const wanted = locateCell(rowOfKey(parsed, rowIndex, key), key);
  const rows: number[] = [];
  for (let index = 0; index < rowCount(parsed); index++) {
    const place = locateCell(rowOfKey(parsed, index, key, false), key);
    if (place.block === wanted.block && place.cell === wanted.cell) rows.push(index);
  }
  return rows;
}

/** The text with the zipped row that row `rowIndex` uses written once more, after itself. */
export function duplicateRow(text: string, rowIndex: number): string {
  const { list, item } = zippedRow(text, rowIndex);
  const copy = text.slice(item.start, item.end);
  const indent = indentBefore(text, item.start, list.flow);
  if (!list.flow) {
    if (indent === null) throw new UserError('The rows of this key do not stand on lines of their own; add the row in the text.');
    const lineEnd = endOfLine(text, item.end);
    return `${text.slice(0, lineEnd)}\n${indent}- ${copy}${text.slice(lineEnd)}`;
  }
  // Written before the original: what stands there is "[" or ",", whatever follows the row.
  return `${text.slice(0, item.start)}${copy},${indent === null ? ' ' : `\n${indent}`}${text.slice(item.start)}`;
}

/** The text with the last row of the last zipped key written once more: a new row to edit. */
export function addRow(text: string): string {
  const rows = rowCount(parseValid(text));
  return duplicateRow(text, rows - 1);
}

/** The text without the zipped row that row `rowIndex` uses. Throws UserError for the last one. */
export function deleteRow(text: string, rowIndex: number): string {
  const { list, item } = zippedRow(text, rowIndex);
  if (list.items.length === 1) throw new UserError('This is the only row; a grid needs at least one.');
  const index = list.items.indexOf(item);
  const next = list.items[index + 1];
  const previous = list.items[index - 1];
  if (indentBefore(text, item.start, list.flow) !== null && restOfLineIsFree(text, item.end)) {
    const lineStart = text.lastIndexOf('\n', item.start) + 1;
    return text.slice(0, lineStart) + text.slice(Math.min(endOfLine(text, item.end) + 1, text.length));
  }
  if (!list.flow) throw new UserError('The rows of this key do not stand on lines of their own; remove the row in the text.');
  if (next !== undefined) return text.slice(0, item.start) + text.slice(next.start);
  return text.slice(0, previous?.end ?? item.start) + text.slice(item.end);
}

/** A value as YAML, on one line. */
export function formatValue(value: ParameterValue): string {
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  // Plain only where no reader could take it for anything but this text.
  return /^[A-Za-z][\w./-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|nan|inf|y|n)$/i.test(value) ? value : JSON.stringify(value);
}

export function rowOfKey(parsed: ParsedConfig, rowIndex: number, key: string, explain = true): BlockRow {
  const { dataset, solver } = locateRow(parsed, rowIndex);
  if (solver.block.table.parameters.has(key)) return solver;
  if (!dataset.block.table.parameters.has(key) && explain) {
    throw new UserError(`${key} is no parameter of ${dataset.block.table.name} or ${solver.block.table.name}.`);
  }
  return dataset;
}

export function ownNode(text: string, place: CellPlace): ConfigNode {
  const node = place.cell?.node;
  const whole = place.factor?.entry.value;
  if (node === undefined || whole === undefined) throw new UserError('This value has no place in the text.', 'internal');
  // A value inside an aliased list or row stands elsewhere, where other keys use it too.
  const row = place.factor?.kind === 'zipped' && whole.kind === 'list' ? whole.items[place.choice] : whole;
  if (text[whole.start] === '*' || (row !== undefined && text[row.start] === '*' && row !== node)) {
    return configError(fileName, whole.line, 'this value comes from an alias (*name), which other places share; change it in the text.');
  }
  return node;
}

function splice(text: string, node: ConfigNode, written: string): string {
  // An empty value has no characters of its own; it stands right behind "key:".
  const colon = node.start === node.end ? text.indexOf(':', node.start) : -1;
  if (colon >= 0 && text.slice(node.start, colon).trim() === '') return `${text.slice(0, colon + 1)} ${written}${text.slice(colon + 1)}`;
  return text.slice(0, node.start) + written + text.slice(node.end);
}

/** The text with the line `written` ("key: value") among the parameters of the row's block. */
export function insertKey(text: string, row: BlockRow, key: string, written: string): string {
  const { node, parameters, table } = row.block;
  const first = parameters?.entries.find((entry) => !entry.shared);
  if (parameters !== null && first !== undefined) {
    if (text[parameters.start] === '*') {
      throw new UserError(`The parameters of ${table.name} come from an alias (*name), which other places share; add ${key} in the text.`);
    }
    const separator = parameters.flow ? ', ' : `\n${' '.repeat(columnOf(text, first.keyNode.start))}`;
    return text.slice(0, first.keyNode.start) + written + separator + text.slice(first.keyNode.start);
  }
  if (node.kind === 'scalar') {
    const indent = ' '.repeat(columnOf(text, node.start) + 4);
    const inFlow = insideFlow(text, node.start);
    const replacement = inFlow ? `{${table.name}: {${written}}}` : `${table.name}:\n${indent}${written}`;
    return text.slice(0, node.start) + replacement + text.slice(node.end);
  }
  const name = emptyBlockName(node);
  const colon = text.indexOf(':', name.end);
  if (insideFlow(text, node.start) || node.flow) return `${text.slice(0, colon + 1)} {${written}}${text.slice(colon + 1)}`;
  return `${text.slice(0, colon + 1)}\n${' '.repeat(columnOf(text, name.start) + 4)}${written}${text.slice(colon + 1)}`;
}

function emptyBlockName(node: ConfigNode): { start: number; end: number; flow: boolean } {
  const map = node as MapNode;
  const entry = map.entries[0];
  if (node.kind !== 'map' || entry === undefined || entry.value.start !== entry.value.end) {
    throw new UserError('The parameters of this block cannot be extended here; change the text.');
  }
  return { start: entry.keyNode.start, end: entry.keyNode.end, flow: map.flow };
}

/** True where the dataset or solver list itself is written in brackets: `solver: [PnP]`. */
function insideFlow(text: string, at: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trimEnd();
  return before.endsWith('[') || before.endsWith(',');
}

function zippedRow(text: string, rowIndex: number): { list: ListNode; item: ConfigNode } {
  const parsed = parseValid(text);
  const { dataset, solver } = locateRow(parsed, rowIndex);
  for (const row of [solver, dataset]) {
    const factor: Factor | undefined = row.block.factors.findLast((candidate) => candidate.kind === 'zipped');
    const key = factor?.names[0];
    if (factor === undefined || key === undefined || factor.entry.value.kind !== 'list') continue;
    const list = factor.entry.value;
    const item = list.items[locateCell(row, key).choice];
    if (item === undefined || factor.entry.shared || text[list.start] === '*') break;
    return { list, item };
  }
  throw new UserError('This grid has no rows of its own to copy or delete: its rows come from swept lists. Change the lists in the text.');
}

function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1);
}

/** The white space before a row that begins its line ("- " of a block list not counted), or null where something else stands before it. */
export function indentBefore(text: string, at: number, flow: boolean): string | null {
  const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  const match = flow ? /^([ \t]*)$/.exec(before) : /^([ \t]*)-[ \t]+$/.exec(before);
  return match?.[1] ?? null;
}

function restOfLineIsFree(text: string, at: number): boolean {
  return /^[ \t]*,?[ \t]*(#.*)?\r?$/.test(text.slice(at, endOfLine(text, at)));
}

export function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
