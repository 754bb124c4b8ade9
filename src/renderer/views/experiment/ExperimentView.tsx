/** The experiment as text and as a grid of rows, side by side, with the data it runs on above. */
import { DataCard } from './DataCard';
import { GridPanel } from './GridPanel';
import { TextPanel } from './TextPanel';

export function ExperimentView(): React.JSX.Element {
  return (
    <div className="page">
      <DataCard />
      <div className="experiment-columns">
        <TextPanel />
        <GridPanel />
      </div>
    </div>
  );
}
