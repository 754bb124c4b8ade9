/** Narrows the list of runs: words, status, tag, star. */
import { Search, Star, X } from 'lucide-react';
import { useMemo } from 'react';
import { allTags, isFiltering, noFilter, type RunFilter, setRunFilter, useRunFilter } from '../../state/runFilter';
import { useRuns } from '../../state/runsStore';

const statuses: readonly [RunFilter['status'], string][] = [
  ['all', 'All runs'],
  ['queue', 'Queue'],
  ['running', 'Running'],
  ['done', 'Done'],
  ['out_of_memory', 'Out of memory'],
  ['worker_killed', 'Worker killed'],
  ['failed', 'Failed'],
  ['timed_out', 'Timed out'],
  ['cancelled', 'Cancelled'],
];

export function FilterBar({ shown }: { readonly shown: number }): React.JSX.Element {
  const filter = useRunFilter();
  const runs = useRuns((state) => state.runs);
  const tags = useMemo(() => allTags(runs), [runs]);
  return (
    <search className="filter-bar" aria-label="Filter the runs">
      <label className="filter-words">
        <Search aria-hidden="true" />
        <input
          type="search"
          className="field"
          aria-label="Words in name, tags or note"
          placeholder="Find"
          value={filter.text}
          onChange={(event) => setRunFilter({ text: event.target.value })}
        />
      </label>
      <select
        className="field"
        aria-label="Status"
        value={filter.status}
        onChange={(event) => {
          const chosen = statuses.find(([name]) => name === event.target.value);
          if (chosen !== undefined) setRunFilter({ status: chosen[0] });
        }}
      >
        {statuses.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      {(tags.length > 0 || filter.tag !== '') && (
        <select className="field" aria-label="Tag" value={filter.tag} onChange={(event) => setRunFilter({ tag: event.target.value })}>
          <option value="">Any tag</option>
          {tags.map((tag) => (
            <option key={tag}>{tag}</option>
          ))}
        </select>
      )}
      <button
        type="button"
        className="icon-button"
        aria-pressed={filter.starredOnly}
        title="Only runs with a star"
        aria-label="Only runs with a star"
        onClick={() => setRunFilter({ starredOnly: !filter.starredOnly })}
      >
        <Star aria-hidden="true" />
      </button>
      {isFiltering(filter) && (
        <>
          <span className="muted small" role="status">
            {shown === 1 ? '1 shown' : `${shown} shown`}
          </span>
          <button
            type="button"
            className="icon-button"
            title="Show all runs"
            aria-label="Show all runs"
            onClick={() => setRunFilter(noFilter)}
          >
            <X aria-hidden="true" />
          </button>
        </>
      )}
    </search>
  );
}
