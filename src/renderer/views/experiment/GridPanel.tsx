/** The expanded grid: which rows run, their parameters (edited in place), and what is to know about each. */

import { Gauge, ListPlus, Table2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { flatParameters, parameterText } from '../../../engine/figures/labels';
import type { Plan } from '../../../shared/contract';
import { chosenRows, hasErrors, setAllRows, useExperiment } from '../../state/experimentStore';
import { measureRows, useForecast } from '../../state/forecastStore';
import { attempt, showDialog } from '../../state/windowStore';
import { EmptyState } from '../parts/EmptyState';
import { MessageLine } from '../parts/MessageLine';
import { bytesText, durationText } from '../parts/text';
import { AddParameterDialog } from './AddParameterDialog';
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
  const lastRows = useExperiment((state) => state.lastRows);
  const unticked = useExperiment((state) => state.skipped.size > 0 && chosenRows(state).length < (state.plan?.rows.length ?? 0));
  const cellProblem = useExperiment((state) => state.cellProblem);
  const [all, setAll] = useState(false);
  const [adding, setAdding] = useState(false);
  const stale = plan !== null && plan.rows.length === 0 && hasErrors(plan) && lastRows !== null && lastRows.rows.length > 0;
  const shown = stale ? lastRows : plan;
  const rows = shown?.rows ?? [];
  const refused = useMemo(
    () =>
      new Map(
        (plan?.problems ?? []).flatMap(({ severity, key, message }) => (severity === 'error' && key !== null ? [[key, message]] : [])),
      ),
    [plan],
  );
  const iterations = rows.length === 0 ? undefined : Math.max(...rows.map(({ row }) => row.max_runs));
  return (
    <section className="card grid-panel" aria-label="Grid of rows">
      <div className="card-header">
        <h2>{rows.length === 1 ? '1 row' : `${rows.length} rows`}</h2>
        <Totals stale={stale} iterations={iterations} />
        <div className="segmented">
          <button type="button" aria-pressed={!all} onClick={() => setAll(false)}>
            Main parameters
          </button>
          <button type="button" aria-pressed={all} onClick={() => setAll(true)}>
            All
          </button>
        </div>
        <button type="button" className="button small" disabled={rows.length === 0 || stale} onClick={() => setAllRows(unticked)}>
          {unticked ? 'Tick all' : 'Untick all'}
        </button>
      </div>
      {shown === null || rows.length === 0 ? (
        <EmptyState
          icon={Table2}
          title="No rows yet"
          text="Each row is one run. Write a dataset and a solver on the left, start from a template, or open a configuration; lists there become rows here."
        >
          <button type="button" className="button" onClick={() => showDialog('templates')}>
            New from template...
          </button>
        </EmptyState>
      ) : (
        <RowGrid rows={rows} columns={columnsOf(shown, all)} swept={new Set(shown.sweptKeys)} refused={refused} stale={stale}>
          <button
            type="button"
            className="button small quiet"
            disabled={stale}
            title="Give each row its own value of a parameter, or run every row with several values of it"
            onClick={() => setAdding(true)}
          >
            <ListPlus aria-hidden="true" />
            Vary a parameter...
          </button>
        </RowGrid>
      )}
      {stale && <MessageLine kind="warn" text="The text has a problem. These are the rows from before it; mend the text to go on." />}
      {cellProblem !== null && <MessageLine kind="bad" text={cellProblem.message} />}
      {adding && shown !== null && (
        <AddParameterDialog parameters={constantParameters(shown)} rowIndex={0} rowCount={rows.length} onClose={() => setAdding(false)} />
      )}
    </section>
  );
}

/** Runs, time and disk of the ticked rows, and the button that measures what is not known. */
function Totals({ stale, iterations }: { readonly stale: boolean; readonly iterations: number | undefined }): React.JSX.Element {
  const rows = useExperiment((state) => state.plan?.rows);
  const skipped = useExperiment((state) => state.skipped);
  const { forecast, rows: foretold, measuring } = useForecast();
  const chosen = (rows ?? []).flatMap(({ row }, index) => (skipped.has(index) ? [] : [{ row, forecast: foretold.get(row.index) }]));
  if (stale || iterations === undefined) return <span className="grow" />;
  const runs = chosen.reduce((sum, { row }) => sum + row.n_repetitions, 0);
  const predicted = chosen.map(({ row, forecast: one }) => (one?.prediction == null ? null : one.prediction.total_sec * row.n_repetitions));
  const seconds = predicted.includes(null) ? null : predicted.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const bytes = chosen.reduce((sum, { forecast: one }) => sum + (one?.keptBytes ?? 0), 0);
  const tooMuch = forecast !== null && bytes > forecast.diskFreeBytes;
  const parts = [
    runs === 1 ? '1 run' : `${runs} runs`,
    ...(forecast === null ? [`up to ${iterations} iterations each`] : []),
    ...(forecast !== null && seconds !== null && runs > 0 ? [`about ${durationText(seconds)}`] : []),
    ...(forecast === null
      ? []
      : [`${bytesText(bytes)} of ${bytesText(forecast.diskFreeBytes)} free disk${tooMuch ? ': keep fewer iterates' : ''}`]),
  ];
  return (
    <>
      <span className={`${tooMuch ? 'too-much' : 'muted'} small grow ellipsis totals`} title={parts.join(', ')}>
        {parts.join(', ')}
      </span>
      {forecast !== null && forecast.missingProbes > 0 && (
        <button
          type="button"
          className="button small"
          disabled={measuring}
          title="Runs short probes on this machine and keeps them, so that memory and time of each row are known before it starts"
          onClick={() => void attempt(measureRows)}
        >
          <Gauge aria-hidden="true" />
          {measuring ? 'Measuring...' : 'Measure'}
        </button>
      )}
    </>
  );
}

/** What is the same in all rows, with its value in the first. */
function constantParameters({ rows, sweptKeys }: Plan): [string, string][] {
  const first = rows[0];
  if (first === undefined) return [];
  return Object.entries(flatParameters(first.row)).flatMap(([key, value]): [string, string][] =>
    uneditableKeys.has(key) || sweptKeys.includes(key) ? [] : [[key, parameterText(value)]],
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
