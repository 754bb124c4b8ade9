/** Reads a benchmark YAML into blocks of parameter choices and collects every problem; expandGrid makes the rows of them. */
import { UserError } from '../../shared/errors';
import type { Problem } from '../../shared/experiment';
import { type ConfigNode, describeNode, type ListNode, type MapEntry, type MapNode, readConfigTree } from './configTree';
import { suggestion } from './nearestName';
import {
  datasetTables,
  generalKeys,
  ignoredGeneralKeys,
  isIgnoredParameter,
  knownObjectives,
  type ParameterValue,
  plainValueOf,
  type SpecTable,
  solverTables,
} from './parameterTable';

/** One value at one place of the text. */
export interface Cell {
  readonly value: ParameterValue;
  readonly node: ConfigNode;
}

/** One key of a block: the grid multiplies the choices of all factors. A zipped key has several names and one cell for each in every choice. */
export interface Factor {
  readonly names: readonly string[];
  readonly kind: 'scalar' | 'swept' | 'zipped';
  readonly entry: MapEntry;
  readonly choices: readonly (readonly Cell[])[];
}

/** One dataset or solver of the lists. */
export interface GridBlock {
  readonly table: SpecTable;
  readonly factors: readonly Factor[];
  /** The list item it was written as: a bare name, or a map from the name to its parameters. */
  readonly node: ConfigNode;
  /** The map of parameters; null where the item is a bare name. */
  readonly parameters: MapNode | null;
}

export interface ParsedConfig {
  readonly fileName: string;
  readonly objectives: readonly string[];
  readonly datasets: readonly GridBlock[];
  readonly solvers: readonly GridBlock[];
  readonly maxRuns: number;
  readonly repetitions: number;
  /** dB; null: what the grid's reference reaches. */
  readonly targetPsnr: number | null;
  /** Errors and warnings in the order of the text. With an error among them the rows must not be run. */
  readonly problems: readonly Problem[];
}

/** benchopt's default for `max-runs`. */
const defaultMaxRuns = 100;
/** More iterations or repetitions than any study has. */
const maxCount = 1_000_000;

/** Parses the text; never throws for what the YAML says, only UserError for text that is not YAML within the limits (configTree). */
export function parseConfig(text: string, fileName: string): ParsedConfig {
  return new ConfigReader(fileName).read(readConfigTree(text, fileName));
}

/** Throws the first error of `problems`, with file name and line, if there is one. */
export function throwFirstError(problems: readonly Problem[], fileName: string): void {
  const first = problems.find((problem) => problem.severity === 'error');
  if (first === undefined) return;
  const more = problems.filter((problem) => problem.severity === 'error').length - 1;
  const rest = more === 0 ? '' : ` (and ${more} more ${more === 1 ? 'error' : 'errors'})`;
  throw new UserError(`${fileName}${first.line === null ? '' : `, line ${first.line}`}: ${first.message}${rest}`);
}

class ConfigReader {
  private readonly fileName: string;
  private readonly problems: Problem[] = [];

  constructor(fileName: string) {
    this.fileName = fileName;
  }

  read(root: ConfigNode): ParsedConfig {
    if (root.kind !== 'map') {
      throw new UserError(
        `${this.fileName}, line ${root.line}: a configuration is a map with the keys dataset and solver, not ${describeNode(root)}.`,
      );
    }
    const byKey = this.generalEntries(root);
    const datasets = this.blocks(byKey.get('dataset'), 'dataset', datasetTables);
    const solvers = this.blocks(byKey.get('solver'), 'solver', solverTables);
    return {
      fileName: this.fileName,
      objectives: this.objectives(byKey.get('objective')),
      datasets,
      solvers,
      maxRuns: this.wholeNumber(byKey.get('max-runs'), 'max-runs', defaultMaxRuns),
      repetitions: this.wholeNumber(byKey.get('n-repetitions'), 'n-repetitions', 1),
      targetPsnr: this.targetPsnr(byKey.get('target-psnr')),
      problems: this.problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    };
  }

  private report(severity: Problem['severity'], line: number | null, key: string | null, message: string): void {
    this.problems.push({ severity, message, line, row: null, key });
  }

  private generalEntries(root: MapNode): Map<string, MapEntry> {
    const byKey = new Map<string, MapEntry>();
    for (const entry of root.entries) {
      const key = entry.key.replaceAll('_', '-').toLowerCase();
      if (generalKeys.includes(key)) byKey.set(key, entry);
      else if (ignoredGeneralKeys.has(key)) {
        this.report('warning', entry.keyNode.line, entry.key, `${entry.key} has no meaning here and is ignored.`);
      } else {
        this.report('error', entry.keyNode.line, entry.key, `unknown key "${entry.key}".${suggestion(entry.key, generalKeys)}`);
      }
    }
    return byKey;
  }

  private wholeNumber(entry: MapEntry | undefined, key: string, fallback: number): number {
    if (entry === undefined) return fallback;
    const value = plainValueOf(entry.value);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxCount) return value;
    this.report(
      'error',
      entry.value.line,
      key,
      `${key} is ${describeNode(entry.value)}; it must be one whole number from 1 to ${maxCount}.`,
    );
    return fallback;
  }

  private targetPsnr(entry: MapEntry | undefined): number | null {
    const value = entry === undefined ? null : plainValueOf(entry.value);
    if (entry === undefined || value === null) return null;
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    const message = `target-psnr is ${describeNode(entry.value)}; it must be a number greater than 0 (dB), or null for what the first PnP row reaches.`;
    this.report('error', entry.value.line, 'target-psnr', message);
    return null;
  }

  private objectives(entry: MapEntry | undefined): string[] {
    if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)) return [knownObjectives[0] ?? ''];
    const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
    const names: string[] = [];
    for (const item of items) {
      const name = nameOf(item);
      const known = knownObjectives.find((candidate) => candidate === name?.toLowerCase());
      if (known === undefined) {
        this.report('error', item.line, 'objective', `unknown objective ${describeNode(item)}.${suggestion(name ?? '', knownObjectives)}`);
      } else names.push(known);
    }
    if (items.length === 0)
      this.report('error', entry.value.line, 'objective', 'the objective list is empty; write reconstruction_objective.');
    return names;
  }

  private blocks(entry: MapEntry | undefined, key: 'dataset' | 'solver', tables: readonly SpecTable[]): GridBlock[] {
    const known = tables.map((table) => table.name);
    if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)) {
      this.report(
        'error',
        entry?.keyNode.line ?? 1,
        key,
        `the key ${key} is missing or empty; it lists at least one of: ${known.join(', ')}.`,
      );
      return [];
    }
    const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
    if (items.length === 0)
      this.report('error', entry.value.line, key, `the list ${key} is empty; it needs at least one of: ${known.join(', ')}.`);
    const blocks: GridBlock[] = [];
    for (const item of items) {
      const name = nameOf(item);
      const table = tables.find((candidate) => candidate.name.toLowerCase() === name?.toLowerCase());
      if (name === null) {
        this.report('error', item.line, key, `${describeNode(item)} is no ${key}; write its name, or its name with parameters below it.`);
      } else if (table === undefined) this.report('error', item.line, key, `unknown ${key} "${name}".${suggestion(name, known)}`);
      else blocks.push(this.block(item, table, `${key} ${table.name}`));
    }
    return blocks;
  }

  private block(item: ConfigNode, table: SpecTable, place: string): GridBlock {
    const inner = item.kind === 'map' ? item.entries[0]?.value : undefined;
    const empty = inner === undefined || (inner.kind === 'scalar' && inner.value === null);
    if (!empty && inner.kind !== 'map') {
      this.report('error', inner.line, null, `the parameters of ${place} are ${describeNode(inner)}; write them as "key: value" lines.`);
    }
    const parameters = !empty && inner.kind === 'map' ? inner : null;
    const factors: Factor[] = [];
    const seen = new Map<string, number>();
    for (const entry of parameters?.entries ?? []) {
      const factor = this.factor(entry, table, place);
      if (factor === null) continue;
      for (const name of factor.names) {
        const before = seen.get(name);
        if (before !== undefined) {
          this.report('error', entry.keyNode.line, name, `${place}: ${name} is given twice (also on line ${before}); keep one.`);
        }
        seen.set(name, entry.keyNode.line);
      }
      factors.push(factor);
    }
    return { table, factors, node: item, parameters };
  }

  private factor(entry: MapEntry, table: SpecTable, place: string): Factor | null {
    const names = entry.key.split(',').map((name) => name.trim());
    const used = names.map((name) => this.isUsed(name, entry, table, place));
    if (names.length > 1) return this.zippedFactor(entry, names, used, table, place);
    const [name = ''] = names;
    if (used[0] !== true) return null;
    if (entry.value.kind !== 'list') {
      return { names, kind: 'scalar', entry, choices: [[this.cell(entry.value, name, table, place, null)]] };
    }
    if (entry.value.items.length === 0) {
      this.report('error', entry.value.line, name, `${place}: ${name} has an empty list; give at least one value.`);
    }
    this.warnOfPlainTriple(entry.value, name, place);
    const choices = entry.value.items.map((item) => [this.cell(item, name, table, place, null)]);
    return { names, kind: 'swept', entry, choices };
  }

  private isUsed(name: string, entry: MapEntry, table: SpecTable, place: string): boolean {
    if (table.parameters.has(name)) return true;
    if (isIgnoredParameter(table, name)) {
      this.report('warning', entry.keyNode.line, name, `${place}: ${name} has no meaning here and is ignored.`);
    } else {
      const hint = suggestion(name, [...table.parameters.keys()]);
      this.report('error', entry.keyNode.line, name, `${place}: unknown key "${name}".${hint}`);
    }
    return false;
  }

  private zippedFactor(entry: MapEntry, names: string[], used: boolean[], table: SpecTable, place: string): Factor | null {
    const key = entry.key.length > 60 ? `${entry.key.slice(0, 57)}...` : entry.key;
    if (entry.value.kind !== 'list' || entry.value.items.length === 0) {
      this.report('error', entry.value.line, null, `${place}: "${key}" needs a list of rows, each with ${names.length} values.`);
      return null;
    }
    const choices = entry.value.items.map((row, index) => {
      if (row.kind !== 'list' || row.items.length !== names.length) {
        const found = row.kind === 'list' ? `${row.items.length} ${row.items.length === 1 ? 'value' : 'values'}` : describeNode(row);
        const message = `${place}: row ${index + 1} of "${key}" has ${found}, but the key has ${names.length} names; give one value for each.`;
        this.report('error', row.line, null, message);
        return [];
      }
      return row.items
        .map((item, column) => (used[column] === true ? this.cell(item, names[column] ?? '', table, place, index + 1) : null))
        .filter((cell) => cell !== null);
    });
    return { names: names.filter((_, column) => used[column]), kind: 'zipped', entry, choices };
  }

  private cell(node: ConfigNode, name: string, table: SpecTable, place: string, row: number | null): Cell {
    const spec = table.parameters.get(name);
    const value = spec?.read(plainValueOf(node));
    if (value !== undefined) return { value, node };
    const where = row === null ? place : `${place}, row ${row}`;
    this.report('error', node.line, name, `${where}: ${name} is ${describeNode(node)}; it must be ${spec?.allowed}.`);
    return { value: spec?.default ?? null, node };
  }

  /** `patch_size: [8, 256, 256]` sweeps three sizes, as in the users' tool; most who write it mean one size per axis. */
  private warnOfPlainTriple(list: ListNode, name: string, place: string): void {
    if (name !== 'patch_size' && name !== 'overlap') return;
    if (list.items.length !== 3 || !list.items.every((item) => item.kind === 'scalar')) return;
    const text = describeNode(list);
    this.report(
      'warning',
      list.line,
      name,
      `${place}: ${name}: ${text} tries three sizes one after the other; for one size per axis write [${text}].`,
    );
  }
}

/** The name of a list item: the item itself, or the only key of its map. */
function nameOf(item: ConfigNode): string | null {
  if (item.kind === 'scalar') return typeof item.value === 'string' ? item.value : null;
  return item.kind === 'map' && item.entries.length === 1 ? (item.entries[0]?.key ?? null) : null;
}
