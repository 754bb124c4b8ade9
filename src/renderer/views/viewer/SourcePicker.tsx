/** Chooses the volume of one side. */

import { formatVolumeRef, parseVolumeRef } from '../../../shared/volumes';
import { ensureDetail } from '../../state/runsStore';
import { type Side, useViewer } from '../../state/viewerStore';
import { keptIterations } from '../openInViewer';
import { type Source, sourceIdOf } from './sources';

interface Props {
  readonly side: Side;
  readonly label: string;
  readonly sources: readonly Source[];
  /** Stands behind the choice. */
  readonly children?: React.ReactNode;
}

export function SourcePicker({ side, label, sources, children }: Props): React.JSX.Element {
  const reference = useViewer((state) => state[side]);
  const current = reference === null ? '' : sourceIdOf(reference);
  const groups = [...new Set(sources.map(({ group }) => group))];
  const picker = (
    <label className="labelled grow">
      <span className="side-name">{label}</span>
      <select className="field grow" value={current} onChange={(event) => void choose(side, event.target.value, sources)}>
        {!sources.some(({ id }) => id === current) && (
          <option value={current}>{reference === null ? 'Choose...' : 'Not available any more'}</option>
        )}
        {groups.map((group) => (
          <optgroup key={group} label={group}>
            {sources
              .filter((source) => source.group === group)
              .map(({ id, label: name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
  return (
    <div className="picker-line">
      {picker}
      {children}
    </div>
  );
}

/** A run opens at its last kept iterate. */
async function choose(side: Side, id: string, sources: readonly Source[]): Promise<void> {
  const source = sources.find((one) => one.id === id);
  if (source === undefined) return;
  if (parseVolumeRef(source.newest)?.kind !== 'iterate') {
    useViewer.setState({ [side]: source.newest });
    return;
  }
  await ensureDetail(id);
  const last = keptIterations(id).at(-1);
  useViewer.setState({ [side]: last === undefined ? source.newest : formatVolumeRef({ kind: 'iterate', runId: id, iteration: last }) });
}
