/** From YAML text to rows and problems in one call: planConfig for an editor (never throws), loadConfig for a run (throws the first error). */
import { UserError } from '../../shared/errors';
import type { ExperimentRow, Problem } from '../../shared/experiment';
import { expandGrid, locateCell, locateRow, tooManyRows } from './expandGrid';
import { type ParsedConfig, parseConfig, throwFirstError } from './parseConfig';
import { rowProblems } from './rowWarnings';

export interface ConfigPlan {
  /** null where the text is not readable as YAML at all. */
  readonly experiment: ParsedConfig | null;
  /** Empty while there is an error. */
  readonly rows: readonly ExperimentRow[];
  /** To look at: also with errors in single rows; empty where the text cannot be expanded. */
  readonly expanded: readonly ExperimentRow[];
  readonly problems: readonly Problem[];
}

/** Rows and problems of a text that may be half written. Never throws. */
export function planConfig(text: string, fileName: string): ConfigPlan {
  let experiment: ParsedConfig;
  try {
    experiment = parseConfig(text, fileName);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { experiment: null, rows: [], expanded: [], problems: [problemOf(error, fileName)] };
  }
  const problems = [...experiment.problems];
  const excess = tooManyRows(experiment);
  if (excess !== null) problems.push(excess);
  if (problems.some((problem) => problem.severity === 'error')) return { experiment, rows: [], expanded: [], problems };
  const rows = expandGrid(experiment);
  for (const problem of rowProblems(rows)) problems.push({ ...problem, line: lineOf(experiment, problem) });
  const usable = !problems.some((problem) => problem.severity === 'error');
  return { experiment, rows: usable ? rows : [], expanded: rows, problems };
}

/** The rows of a text to be run, with its warnings. Throws UserError with the first error, naming file and line. */
export function loadConfig(text: string, fileName: string): { rows: readonly ExperimentRow[]; warnings: readonly Problem[] } {
  const plan = planConfig(text, fileName);
  throwFirstError(plan.problems, fileName);
  return { rows: plan.rows, warnings: plan.problems };
}

/** The line of the value that a row's problem is about. */
function lineOf(experiment: ParsedConfig, problem: Problem): number | null {
  if (problem.row === null || problem.key === null) return null;
  const { dataset, solver } = locateRow(experiment, problem.row);
  const place = [solver, dataset].find((row) => row.block.table.parameters.has(problem.key ?? ''));
  if (place === undefined) return null;
  return locateCell(place, problem.key).cell?.node.line ?? place.block.node.line;
}

function problemOf(error: UserError, fileName: string): Problem {
  const match = /^, line (\d+): /.exec(error.message.slice(fileName.length));
  const line = match?.[1] === undefined ? null : Number(match[1]);
  const message = match === null ? error.message : error.message.slice(fileName.length + match[0].length);
  return { severity: 'error', message, line, row: null, key: null };
}
