/** The rows of a configuration. Those of the last text are kept: a grid is measured and started as it stands, and a long one takes a moment to expand. */
import { loadConfig } from '../../../engine/plan/planConfig';
import type { ExperimentRow } from '../../../shared/experiment';

let last: { readonly text: string; readonly rows: readonly ExperimentRow[] } | null = null;

/** Throws UserError with the first error of the text, naming `fileName` and the line. */
export function rowsOf(text: string, fileName: string): readonly ExperimentRow[] {
  if (last?.text !== text) last = { text, rows: loadConfig(text, fileName).rows };
  return last.rows;
}
