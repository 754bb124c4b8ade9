/** The memory budget of the memory-against-time chart: set, typed, cleared, and what it leaves. Dragging it in the drawing is the plot's. */
import { budgetLimits, withinBudget } from '../../../engine/figures/budget';
import type { FigureData } from '../../../engine/figures/figure';
import { setBudget, useCharts } from '../../state/chartsStore';
import { NumberField } from '../parts/NumberField';
import { decibelText, measuredTimeText } from '../parts/text';

export function BudgetBar({ figure }: { readonly figure: FigureData }): React.JSX.Element | null {
  const budgetMiB = useCharts((state) => state.budgetMiB);
  const limits = budgetLimits(figure);
  if (limits === null) return null;
  if (budgetMiB === null) {
    return (
      <div className="budget-bar">
        <button type="button" className="button small" onClick={() => setBudget(Math.round(limits.high / 1.5))}>
          Set a memory budget
        </button>
        <span className="muted">A line to drag: what stays below it, and which of it is fastest and best.</span>
      </div>
    );
  }
  const { within, of, fastest, best } = withinBudget(figure, budgetMiB);
  const sentence =
    fastest === null
      ? 'No run stays within it.'
      : `${within} of ${of} rows stay within it. Fastest: ${fastest.label}, ${measuredTimeText(fastest.seconds)}.` +
        (best === null ? '' : ` Best: ${best.label}, ${decibelText(best.psnr)} dB.`);
  return (
    <div className="budget-bar">
      <span>Budget (MiB)</span>
      <NumberField label="Memory budget in MiB" value={Math.round(budgetMiB)} onAccept={(value) => setBudget(Math.max(0, value))} />
      <span className="grow selectable" role="status">
        {sentence}
      </span>
      <button type="button" className="button small" onClick={() => setBudget(null)}>
        Clear
      </button>
    </div>
  );
}
