/** The experiment as text and as a grid of rows, side by side, with the data it runs on above. */
import { Split } from '../parts/Split';
import { DataCard } from './DataCard';
import { GridPanel } from './GridPanel';
import { TextPanel } from './TextPanel';

export function ExperimentView(): React.JSX.Element {
  return (
    <div className="page">
      <DataCard />
      <Split
        name="experiment"
        label="Border between text and grid"
        left={{ content: <TextPanel />, size: '33%', least: 260 }}
        right={{ content: <GridPanel />, size: '67%', least: 420 }}
      />
    </div>
  );
}
