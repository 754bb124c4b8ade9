/** The figures of the ticked runs: an overview of four, or one large, with export. */
import { ChartLine } from 'lucide-react';
import { useRuns } from '../../state/runsStore';
import { showView } from '../../state/windowStore';
import { EmptyState } from '../parts/EmptyState';
import { ExampleButton } from '../parts/ExampleButton';
import { Split } from '../parts/Split';
import { ChartPanel } from './ChartPanel';
import { RunPicker } from './RunPicker';

export function ChartsView(): React.JSX.Element {
  const count = useRuns((state) => state.order.length);
  if (count === 0) {
    return (
      <EmptyState
        icon={ChartLine}
        title="Nothing to draw yet"
        text="PSNR by iteration and by time, step times and peak memory of every run are drawn here, live while they run."
      >
        <button type="button" className="button" onClick={() => showView('experiment')}>
          Show the experiment
        </button>
        <ExampleButton />
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <Split
        name="charts"
        label="Border between runs and charts"
        left={{ content: <RunPicker />, size: 280, least: 200, most: 640 }}
        right={{ content: <ChartPanel />, size: '75%', least: 520 }}
      />
    </div>
  );
}
