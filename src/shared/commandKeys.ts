/** The keys of commands: one table for the menus, the window's shortcuts, the palette and the list of keys. On a Mac, Ctrl is Cmd. */
import type { EventPayload } from './contract';

export type Command = EventPayload<'menu.command'>['command'];

export const commandKeys: Partial<Record<Command, string>> = {
  newFromTemplate: 'Ctrl+N',
  openData: 'Ctrl+O',
  openFolder: 'Ctrl+Shift+O',
  openConfig: 'Ctrl+L',
  saveConfig: 'Ctrl+S',
  saveConfigAs: 'Ctrl+Shift+S',
  exportFigure: 'Ctrl+E',
  exportResults: 'Ctrl+Shift+E',
  showExperiment: 'Ctrl+1',
  showRuns: 'Ctrl+2',
  showViewer: 'Ctrl+3',
  showCharts: 'Ctrl+4',
  scale100: 'Ctrl+0',
  larger: 'Ctrl+=',
  smaller: 'Ctrl+-',
  palette: 'Ctrl+K',
  run: 'Ctrl+Enter',
  cancel: 'Ctrl+.',
  guide: 'F1',
  shortcuts: 'Ctrl+/',
};

interface Press {
  /** As KeyboardEvent.key has it. */
  readonly key: string;
  readonly control: boolean;
  readonly shift: boolean;
}

const byKeys = new Map(Object.entries(commandKeys).map(([command, keys]) => [keys, command as Command]));

/** The command of a press; undefined where it has none. */
export function commandOf({ key, control, shift }: Press): Command | undefined {
  if (key === '?' && !control) return 'shortcuts';
  // Shift is how most keyboards reach the plus sign.
  if (key === '+' && control) return 'larger';
  const name = key.length === 1 ? key.toUpperCase() : key;
  return byKeys.get(`${control ? 'Ctrl+' : ''}${shift ? 'Shift+' : ''}${name}`);
}
