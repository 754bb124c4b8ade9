/** Window and level: histogram with the window on it, typed numbers, automatic choices, shared or separate. */
import { useViewer } from '../../state/viewerStore';
import type { VolumeFacts } from '../../viewer/useVolume';
import { NumberField } from '../parts/NumberField';
import { Histogram } from './Histogram';
import type { Windows } from './useWindows';

interface Props {
  readonly left: VolumeFacts | null;
  readonly right: VolumeFacts | null;
  readonly windows: Windows;
}

export function WindowControls({ left, right, windows }: Props): React.JSX.Element {
  const separate = useViewer((state) => state.rightWindow !== null);
  const unit = left?.info.unit ?? '';
  return (
    <section>
      <h3>Window {unit !== '' && <span className="muted">({unit})</span>}</h3>
      <Side facts={left} name="Left" side="left" windows={windows} />
      {right !== null && (
        <>
          <label className="check">
            <input
              type="checkbox"
              checked={separate}
              onChange={() => useViewer.setState({ rightWindow: separate ? null : windows.right })}
            />
            Own window for the right volume
          </label>
          {separate && <Side facts={right} name="Right" side="right" windows={windows} />}
        </>
      )}
    </section>
  );
}

/** Attenuation of walnut CT, 1/mm: the air around, the kernel (seed), the shell. */
const walnutWindows = [
  { name: 'Air', low: -0.005, high: 0.01 },
  { name: 'Kernel', low: 0.015, high: 0.042 },
  { name: 'Shell', low: 0.035, high: 0.055 },
] as const;

interface SideProps {
  readonly facts: VolumeFacts | null;
  readonly name: string;
  readonly side: 'left' | 'right';
  readonly windows: Windows;
}

function Side({ facts, name, side, windows }: SideProps): React.JSX.Element {
  const window = windows[side];
  const range = facts?.histogram;
  const percentiles = range?.percentiles;
  return (
    <>
      {facts !== null && facts.histogram !== null ? (
        <Histogram histogram={facts.histogram} window={window} onWindow={(next) => windows.set(side, next)} />
      ) : (
        // Keeps the place, so that nothing below moves under the pointer when it comes.
        <div className="histogram" aria-hidden="true" />
      )}
      <div className="window-fields">
        <NumberField
          label={`${name}: black at`}
          value={window.low}
          digits={4}
          onAccept={(low) => low < window.high && windows.set(side, { ...window, low })}
        />
        <NumberField
          label={`${name}: white at`}
          value={window.high}
          digits={4}
          onAccept={(high) => high > window.low && windows.set(side, { ...window, high })}
        />
      </div>
      <div className="window-presets">
        <button type="button" className="button small" title="Percentiles 0.1 and 99.9 (a)" onClick={windows.automatic}>
          Auto
        </button>
        <button
          type="button"
          className="button small"
          disabled={percentiles === undefined}
          title="Percentiles 1 and 99"
          onClick={() =>
            percentiles !== undefined &&
            percentiles.p99 > percentiles.p1 &&
            windows.set(side, { low: percentiles.p1, high: percentiles.p99 })
          }
        >
          1 - 99 %
        </button>
        <button
          type="button"
          className="button small"
          disabled={range == null || range.high <= range.low}
          title="Smallest to largest value"
          onClick={() => range != null && windows.set(side, { low: range.low, high: range.high })}
        >
          Full
        </button>
        {facts?.info.unit === '1/mm' &&
          walnutWindows.map(({ name: tissue, low, high }) => (
            <button
              key={tissue}
              type="button"
              className="button small"
              title={`${tissue} of a walnut: ${low} to ${high} 1/mm`}
              onClick={() => windows.set(side, { low, high })}
            >
              {tissue}
            </button>
          ))}
      </div>
    </>
  );
}
