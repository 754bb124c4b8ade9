/** What menu entries and shortcuts do, by the names the contract gives them. */
import type { Command } from '../../shared/commandKeys';
import type { ResultFormat } from '../../shared/runs';
import { request } from '../api/client';
import { openConfigDialog, openDataDialog, runNow, saveConfig } from './experimentStore';
import { chartRunIds, useRuns } from './runsStore';
import { saveGeometry, saveVolume } from './saving';
import { openExample, openWorkspaceDialog } from './session';
import { setScale, setTheme, showDialog, showNote, showTourStep, showView, useWindow } from './windowStore';

let figureExport: (() => void) | null = null;

/** The chart on screen says how it is exported; null when none is shown. */
export function provideFigureExport(action: (() => void) | null): void {
  figureExport = action;
}

const scaleStep = 0.25;

const commands: Record<Command, () => Promise<void> | void> = {
  openData: () => openDataDialog(),
  openFolder: () => openDataDialog('folder'),
  saveVolume: () => saveVolume(false),
  saveSlices: () => saveVolume(true),
  saveGeometry,
  openConfig: openConfigDialog,
  newFromTemplate: () => showDialog('templates'),
  saveConfig: () => saveConfig(false),
  saveConfigAs: () => saveConfig(true),
  run: runNow,
  cancel: cancelRunning,
  showExperiment: () => showView('experiment'),
  showRuns: () => showView('runs'),
  showViewer: () => showView('viewer'),
  showCharts: () => showView('charts'),
  exportFigure,
  openWorkspace: openWorkspaceDialog,
  openExample,
  exportResults: () => showDialog('results'),
  shortcuts: () => showDialog('shortcuts'),
  about: () => showDialog('about'),
  themeSystem: () => setTheme('system'),
  themeLight: () => setTheme('light'),
  themeDark: () => setTheme('dark'),
  palette: () => showDialog('palette'),
  tour: () => showTourStep(0),
  guide: () => showDialog('guide'),
  larger: () => setScale(useWindow.getState().scale + scaleStep),
  smaller: () => setScale(useWindow.getState().scale - scaleStep),
  scale100: () => setScale(1),
  scale125: () => setScale(1.25),
  scale150: () => setScale(1.5),
  scale175: () => setScale(1.75),
  scale200: () => setScale(2),
};

export async function runCommand(command: Command): Promise<void> {
  await commands[command]();
}

/** Stops the running row; what it has is kept as cancelled. */
async function cancelRunning(): Promise<void> {
  const { runningRunId } = useRuns.getState().queue;
  if (runningRunId === null) showNote('Nothing is running.');
  else await request('runs.cancel', { id: runningRunId });
}

function exportFigure(): void {
  if (figureExport === null) {
    showView('charts');
    showNote('Choose a chart, then export it.');
  } else figureExport();
}

/** Writes the ticked runs, or all of the newest experiment; false where nothing was written. */
export async function exportResults(format: ResultFormat): Promise<boolean> {
  const state = useRuns.getState();
  if (state.order.length === 0) {
    showNote('There are no results yet. Run the experiment first.');
    return false;
  }
  const written = await request('results.export', { runIds: chartRunIds(state), format });
  if (written !== null) showNote(`Wrote ${written.file}.`);
  return written !== null;
}
