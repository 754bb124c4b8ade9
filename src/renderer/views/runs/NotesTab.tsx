/** What people write on a run: star, tags and a note, saved as they go. */
import { Star, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Run } from '../../../shared/runs';
import { addTag, annotate, toggleStar } from '../../state/runActions';
import { allTags } from '../../state/runFilter';
import { useRuns } from '../../state/runsStore';
import { attempt } from '../../state/windowStore';

export function NotesTab({ run }: { readonly run: Run }): React.JSX.Element {
  const { starred, tags } = run.annotation;
  const [tag, setTag] = useState('');
  const known = useRuns((state) => state.runs);
  const add = (): void => {
    if (tag.trim() === '') return;
    void attempt(() => addTag([run.id], tag));
    setTag('');
  };
  return (
    <div className="notes">
      <div className="note-tags">
        <button type="button" className="button small" aria-pressed={starred} onClick={() => void attempt(() => toggleStar(run))}>
          <Star aria-hidden="true" className={starred ? 'filled' : undefined} />
          {starred ? 'Starred' : 'Star'}
        </button>
        {tags.map((name) => (
          <span key={name} className="badge accent">
            {name}
            <button
              type="button"
              aria-label={`Remove tag ${name}`}
              onClick={() => void attempt(() => annotate([run.id], { tags: tags.filter((other) => other !== name) }))}
            >
              <X aria-hidden="true" />
            </button>
          </span>
        ))}
        <input
          type="text"
          className="field"
          list="known-tags"
          aria-label="Add a tag"
          placeholder="Add a tag"
          maxLength={40}
          value={tag}
          onChange={(event) => setTag(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') add();
          }}
          onBlur={add}
        />
        <datalist id="known-tags">
          {allTags(known).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      <NoteField key={run.id} run={run} />
    </div>
  );
}

const saveDelayMs = 600;

/** Saved shortly after the last key and when it is left. */
function NoteField({ run }: { readonly run: Run }): React.JSX.Element {
  const [text, setText] = useState(run.annotation.note);
  const saved = useRef(run.annotation.note);
  const latest = useRef(text);
  latest.current = text;
  const { id } = run;
  useEffect(() => {
    const save = (): void => {
      if (latest.current === saved.current) return;
      saved.current = latest.current;
      void attempt(() => annotate([id], { note: latest.current }));
    };
    const timer = setTimeout(save, text === saved.current ? 0 : saveDelayMs);
    return () => clearTimeout(timer);
  }, [id, text]);
  useEffect(
    () => () => {
      if (latest.current !== saved.current) void attempt(() => annotate([id], { note: latest.current }));
    },
    [id],
  );
  return (
    <textarea
      className="field note-text"
      aria-label="Note"
      placeholder="What is to be remembered about this run? Saved as you write."
      maxLength={10_000}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
