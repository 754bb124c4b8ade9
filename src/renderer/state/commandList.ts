/** The commands by the names people look for, for the palette. The menu has the same ones. */
import type { Command } from './commands';

export interface NamedCommand {
  readonly command: Command;
  readonly title: string;
  readonly keys?: string;
}

export const namedCommands: readonly NamedCommand[] = [
  { command: 'run', title: 'Run the ticked rows', keys: 'Ctrl+Enter' },
  { command: 'cancel', title: 'Cancel the running row', keys: 'Ctrl+.' },
  { command: 'openData', title: 'Open data', keys: 'Ctrl+O' },
  { command: 'openFolder', title: 'Open a folder of data', keys: 'Ctrl+Shift+O' },
  { command: 'newFromTemplate', title: 'New configuration from a template', keys: 'Ctrl+N' },
  { command: 'openConfig', title: 'Open a configuration', keys: 'Ctrl+L' },
  { command: 'openWorkspace', title: 'Open another workspace' },
  { command: 'openExample', title: 'Open example results' },
  { command: 'saveConfig', title: 'Save the configuration', keys: 'Ctrl+S' },
  { command: 'saveConfigAs', title: 'Save the configuration as', keys: 'Ctrl+Shift+S' },
  { command: 'saveVolume', title: 'Save the volume on screen as' },
  { command: 'saveSlices', title: 'Save the volume on screen as TIFF slices' },
  { command: 'saveGeometry', title: 'Save the geometry as' },
  { command: 'exportFigure', title: 'Export the figure', keys: 'Ctrl+E' },
  { command: 'exportResults', title: 'Export results', keys: 'Ctrl+Shift+E' },
  { command: 'showExperiment', title: 'Show the experiment', keys: 'Ctrl+1' },
  { command: 'showRuns', title: 'Show the runs', keys: 'Ctrl+2' },
  { command: 'showViewer', title: 'Show the viewer', keys: 'Ctrl+3' },
  { command: 'showCharts', title: 'Show the charts', keys: 'Ctrl+4' },
  { command: 'themeSystem', title: 'Theme of the desktop' },
  { command: 'themeLight', title: 'Light theme' },
  { command: 'themeDark', title: 'Dark theme' },
  { command: 'larger', title: 'Larger', keys: 'Ctrl+=' },
  { command: 'smaller', title: 'Smaller', keys: 'Ctrl+-' },
  { command: 'scale100', title: 'Size 100 %', keys: 'Ctrl+0' },
  { command: 'scale150', title: 'Size 150 %' },
  { command: 'scale200', title: 'Size 200 %' },
  { command: 'tour', title: 'Five-minute tour' },
  { command: 'guide', title: 'User guide', keys: 'F1' },
  { command: 'shortcuts', title: 'Keyboard and mouse', keys: '?' },
  { command: 'about', title: 'About TomoBench' },
];

/** True where every word of `sought` begins a word of `title`, in any order; upper and lower case are alike. */
export function matches(title: string, sought: string): boolean {
  const words = title.toLowerCase().split(/[\s,_-]+/);
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)) || title.toLowerCase().includes(part));
}
