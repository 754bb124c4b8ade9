/** The window of the differences: the colours they are drawn in, and the value at which these end, typed or back to what the volumes' own window gives. */
import { useViewer } from '../../state/viewerStore';
import { NumberField } from '../parts/NumberField';
import { differenceHalf } from './difference';
import type { Windows } from './useWindows';

export function DifferenceRange({ windows, unit }: { readonly windows: Windows; readonly unit: string }): React.JSX.Element {
  const range = useViewer((state) => state.differenceRange);
  return (
    <div className="labelled difference-range">
      <span className="difference-scale" role="img" aria-label="Blue: left is lower. Red: left is higher." />
      <span aria-hidden="true">{'\u00b1'}</span>
      <NumberField
        label="Differences end at"
        value={differenceHalf(range, windows.left)}
        digits={3}
        onAccept={(half) => half > 0 && useViewer.setState({ differenceRange: half })}
      />
      <span className="muted grow">{unit}</span>
      <button
        type="button"
        className="button small quiet"
        disabled={range === null}
        title="A quarter of the volumes' own window"
        onClick={() => useViewer.setState({ differenceRange: null })}
      >
        Auto
      </button>
    </div>
  );
}
