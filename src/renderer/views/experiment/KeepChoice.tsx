/** How many iterates of each run are kept: chosen for the disk, or every n-th. */
import { useExperiment } from '../../state/experimentStore';
import { useForecast } from '../../state/forecastStore';

const choices = [1, 2, 5, 10, 20, 50, 100];

export function KeepChoice(): React.JSX.Element {
  const saveEvery = useExperiment((state) => state.saveEvery);
  const inUse = useForecast(({ forecast }) => forecast?.saveEvery ?? null);
  return (
    <label
      className="keep-choice small"
      title="Iterates of each run that stay on disk for the viewer and for going on later; the first and the last always do"
    >
      Keep
      <select
        className="field small"
        value={saveEvery ?? ''}
        onChange={({ target }) => useExperiment.setState({ saveEvery: target.value === '' ? null : Number(target.value) })}
      >
        <option value="">{inUse === null || saveEvery !== null ? 'what fits the disk' : `what fits: ${words(inUse)}`}</option>
        {choices.map((every) => (
          <option key={every} value={every}>
            {words(every)}
          </option>
        ))}
      </select>
    </label>
  );
}

function words(every: number): string {
  return every === 1 ? 'every iterate' : `one iterate in ${every}`;
}
