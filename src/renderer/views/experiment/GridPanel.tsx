/** The expanded grid: which rows run, their parameters (edited in place), and what is to know about each. */

import { Table2 } from 'lucide-react';
import { useState } from 'react';
import { flatParameters } from '../../../engine/figures/labels';
import type { Plan } from '../../../shared/contract';
import { chosenRows, setAllRows, useExperiment } from '../../state/experimentStore';
import { EmptyState } from '../parts/EmptyState';
import { MessageLine } from '../parts/MessageLine';
import { RowGrid } from './RowGrid';

/** Shown beside what differs, for they decide memory and time. */
const usualKeys = [
  'num_projections',
  'patch_size',
  'overlap',
  'max_batch_size',
  'denoiser_sigma',
  'denoiser_lambda_relaxation',
  'slurm_gres',
  'init_method',
  'tv_weight',
  'sigma_start',
  'relaxation',
];
const uneditableKeys = new Set(['dataset', 'solver', 'max_runs', 'n_repetitions', 'target_psnr']);

export function GridPanel(): React.JSX.Element {
  const plan = useExperiment((state) => state.plan);
  const chosen = useExperiment((state) => chosenRows(state).length);
  const cellProblem = useExperiment((state) => state.cellProblem);
  const [all, setAll] = useState(false);
  const rows = plan?.rows ?? [];
  const iterations = rows.length === 0 ? undefined : Math.max(...rows.map(({ row }) => row.max_runs));
  return (
    <section className="card grid-panel" aria-label="Grid of rows">
      <div className="card-header">
        <h2>{rows.length === 1 ? '1 row' : `${rows.length} rows`}</h2>
        <span className="muted small grow ellipsis">
          {iterations === undefined ? '' : `${chosen} ticked, up to ${iterations} iterations each`}
        </span>
        <div className="segmented">
          <button type="button" aria-pressed={!all} onClick={() => setAll(false)}>
            Main parameters
          </button>
          <button type="button" aria-pressed={all} onClick={() => setAll(true)}>
            All
          </button>
        </div>
        <button type="button" className="button small" disabled={rows.length === 0} onClick={() => setAllRows(chosen < rows.length)}>
          {chosen < rows.length ? 'Tick all' : 'Untick all'}
        </button>
      </div>
      {plan === null || rows.length === 0 ? (
        <EmptyState
          icon={Table2}
          title="No rows yet"
          text="Each row is one run. Write a dataset and a solver on the left, or open a configuration; lists there become rows here."
        />
      ) : (
        <RowGrid rows={rows} columns={columnsOf(plan, all)} swept={new Set(plan.sweptKeys)} />
      )}
      {cellProblem !== null && <MessageLine kind="bad" text={cellProblem.message} />}
    </section>
  );
}

/** Swept keys first; then the usual ones, or all. */
function columnsOf(plan: Plan, all: boolean): string[] {
  // Solvers have parameters of their own: a column stands for all rows that have it. Which solver a row runs comes first.
  const every = [...new Set(plan.rows.flatMap(({ row }) => Object.keys(flatParameters(row))))];
  const known = every.filter((key) => !uneditableKeys.has(key) || (key === 'solver' && plan.sweptKeys.includes(key)));
  const others = all ? known : usualKeys.filter((key) => known.includes(key));
  return [...new Set([...known.filter((key) => key === 'solver'), ...plan.sweptKeys.filter((key) => known.includes(key)), ...others])];
}
