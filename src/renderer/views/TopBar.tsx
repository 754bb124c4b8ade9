/** Product, data, configuration, and the Run button. */
import { Database, FileText, Play } from 'lucide-react';
import {
  chosenRows,
  configName,
  fileName,
  openConfigDialog,
  openDataDialog,
  runNow,
  runObstacle,
  useExperiment,
} from '../state/experimentStore';
import { attempt, useWindow } from '../state/windowStore';
import { Brand } from './parts/Brand';
import { bytesText } from './parts/text';

export function TopBar(): React.JSX.Element {
  const dataPath = useExperiment((state) => state.dataPath);
  const data = useExperiment((state) => state.data);
  const name = useExperiment(configName);
  const changed = useExperiment(({ text, savedText }) => text !== savedText);
  const obstacle = useExperiment(runObstacle);
  const rows = useExperiment((state) => chosenRows(state).length);
  const deviceNote = useWindow((state) => state.application?.deviceNote ?? null);
  return (
    <header className="topbar">
      <div className="brand">
        <Brand />
        TomoBench
      </div>
      <button type="button" className="chip" title={dataPath ?? 'Open a data file (Ctrl+O)'} onClick={() => void attempt(openDataDialog)}>
        <Database aria-hidden="true" />
        <span className="name ellipsis">{dataPath === null ? 'Open data...' : fileName(dataPath)}</span>
        {data !== null && <span className="muted small">{bytesText(data.bytes)}</span>}
      </button>
      <button type="button" className="chip" title="Open a configuration (Ctrl+L)" onClick={() => void attempt(openConfigDialog)}>
        <FileText aria-hidden="true" />
        <span className="name ellipsis">{name}</span>
        {changed && <span className="muted small">edited</span>}
      </button>
      <div className="grow device-note">
        <span className="ellipsis" title={deviceNote ?? undefined}>
          {deviceNote}
        </span>
      </div>
      <button
        type="button"
        className="button primary"
        disabled={obstacle !== null}
        title={obstacle ?? 'Run the ticked rows (Ctrl+Enter)'}
        onClick={() => void runNow()}
      >
        <Play aria-hidden="true" />
        {rows === 0 ? 'Run' : `Run ${rows} ${rows === 1 ? 'row' : 'rows'}`}
      </button>
    </header>
  );
}
