/** Everything by its name: commands, charts, recent files and runs, found by typing and chosen by keyboard or mouse. */
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { figureNames } from '../../engine/figures/figure';
import { figureTitle } from '../../engine/figures/series';
import { commandKeys } from '../../shared/commandKeys';
import { showChart } from '../state/chartsStore';
import { matches, namedCommands } from '../state/commandList';
import { runCommand } from '../state/commands';
import { fileName, openConfig, openData } from '../state/experimentStore';
import { focusRun, useRuns } from '../state/runsStore';
import { attempt, showDialog, showView, useWindow } from '../state/windowStore';
import { Dialog } from './Dialogs';

interface Entry {
  readonly key: string;
  readonly title: string;
  /** What kind of thing it is, or its keys. */
  readonly hint: string;
  readonly choose: () => Promise<void> | void;
}

const shownAtMost = 60;

export function Palette(): React.JSX.Element {
  const [sought, setSought] = useState('');
  const [place, setPlace] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const listId = useId();
  const entries = useEntries();
  const found = useMemo(() => entries.filter(({ title }) => matches(title, sought)).slice(0, shownAtMost), [entries, sought]);
  const current = Math.min(place, found.length - 1);
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    showDialog(null);
    void attempt(async () => entry.choose());
  };
  const pressed = (event: React.KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (event.key === 'Enter') choose(found[current]);
    else if (step !== undefined) setPlace(Math.max(0, Math.min(found.length - 1, current + step)));
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Commands">
      <div className="palette">
        <input
          type="text"
          className="field"
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={found.length === 0 ? undefined : `${listId}-${current}`}
          aria-label="Command, chart, file or run"
          placeholder="Type what you look for"
          ref={field}
          value={sought}
          onChange={(event) => {
            setSought(event.target.value);
            setPlace(0);
          }}
          onKeyDown={pressed}
        />
        <div id={listId} className="palette-list" role="listbox" aria-label="Found">
          {found.map((entry, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys
            <div
              key={entry.key}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              ref={index === current ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
              onClick={() => choose(entry)}
            >
              <span className="grow ellipsis">{entry.title}</span>
              <span className="muted">{entry.hint}</span>
            </div>
          ))}
        </div>
        {found.length === 0 && <p className="muted">Nothing is called that.</p>}
      </div>
    </Dialog>
  );
}

function useEntries(): Entry[] {
  const order = useRuns((state) => state.order);
  const runs = useRuns((state) => state.runs);
  const application = useWindow((state) => state.application);
  return useMemo(
    () => [
      ...namedCommands.map(({ command, title }) => ({
        key: command,
        title,
        hint: commandKeys[command] ?? '',
        choose: () => runCommand(command),
      })),
      ...figureNames.map((name) => ({
        key: `chart ${name}`,
        title: figureTitle(name),
        hint: 'chart',
        choose: () => {
          showChart(name);
          showView('charts');
        },
      })),
      ...(application?.examples ?? []).map(({ name, configPath }) => ({
        key: `example ${name}`,
        title: name,
        hint: 'bundled configuration',
        choose: () => openConfig(configPath),
      })),
      ...(application?.recentData ?? []).map((path) => ({
        key: `data ${path}`,
        title: fileName(path),
        hint: 'recent data',
        choose: () => openData(path),
      })),
      ...(application?.recentConfigs ?? []).map((path) => ({
        key: `config ${path}`,
        title: fileName(path),
        hint: 'recent configuration',
        choose: () => openConfig(path),
      })),
      ...order.flatMap((id) => {
        const run = runs.get(id);
        if (run === undefined) return [];
        const choose = (): void => {
          focusRun(id);
          showView('runs');
        };
        return [{ key: id, title: run.label, hint: `run, ${run.status.replaceAll('_', ' ')}`, choose }];
      }),
    ],
    [order, runs, application],
  );
}
