/** The commands by the names people look for, for the palette. The menu has the same ones. */
import type { Command } from '../../shared/commandKeys';

export interface NamedCommand {
  readonly command: Command;
  readonly title: string;
}

export const namedCommands: readonly NamedCommand[] = [
  { command: 'run', title: 'Run the ticked rows' },
  { command: 'cancel', title: 'Cancel the running row' },
  { command: 'openData', title: 'Open data' },
  { command: 'openFolder', title: 'Open a folder of data' },
  { command: 'newFromTemplate', title: 'New configuration from a template' },
  { command: 'openConfig', title: 'Open a configuration' },
  { command: 'openWorkspace', title: 'Open another workspace' },
  { command: 'openExample', title: 'Open example results' },
  { command: 'saveConfig', title: 'Save the configuration' },
  { command: 'saveConfigAs', title: 'Save the configuration as' },
  { command: 'saveVolume', title: 'Save the volume on screen as' },
  { command: 'saveSlices', title: 'Save the volume on screen as TIFF slices' },
  { command: 'saveGeometry', title: 'Save the geometry as' },
  { command: 'exportFigure', title: 'Export the figure' },
  { command: 'exportResults', title: 'Export results' },
  { command: 'showExperiment', title: 'Show the experiment' },
  { command: 'showRuns', title: 'Show the runs' },
  { command: 'showViewer', title: 'Show the viewer' },
  { command: 'showCharts', title: 'Show the charts' },
  { command: 'themeSystem', title: 'Theme of the desktop' },
  { command: 'themeLight', title: 'Light theme' },
  { command: 'themeDark', title: 'Dark theme' },
  { command: 'larger', title: 'Larger' },
  { command: 'smaller', title: 'Smaller' },
  { command: 'scale100', title: 'Size 100 %' },
  { command: 'scale150', title: 'Size 150 %' },
  { command: 'scale200', title: 'Size 200 %' },
  { command: 'tour', title: 'Five-minute tour' },
  { command: 'guide', title: 'User guide' },
  { command: 'shortcuts', title: 'Keyboard and mouse' },
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
