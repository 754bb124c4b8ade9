/** Every shortcut of the window, as the ? dialog shows them. */
import { type Command, commandKeys } from '../../shared/commandKeys';

export interface ShortcutGroup {
  readonly title: string;
  readonly entries: readonly (readonly [keys: string, action: string])[];
}

const keys = (...commands: readonly Command[]): string => commands.map((command) => commandKeys[command] ?? '').join(' ');

export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    entries: [
      [keys('newFromTemplate'), 'New from a template'],
      [keys('openData'), 'Open data'],
      [keys('openFolder'), 'Open a folder of data'],
      [keys('openConfig'), 'Open configuration'],
      [keys('saveConfig'), 'Save configuration'],
      [keys('run'), 'Run the ticked rows'],
      ['Ctrl+1 ... Ctrl+4', 'Experiment, Runs, Viewer, Charts'],
      [keys('exportFigure'), 'Export the figure'],
      [keys('exportResults'), 'Export results'],
      [keys('cancel'), 'Cancel the running row'],
      [keys('palette'), 'Commands, charts and runs by name'],
      [keys('larger', 'smaller', 'scale100'), 'Larger, smaller, 100 %'],
      [keys('guide'), 'User guide'],
      ['?', 'This list'],
    ],
  },
  {
    title: 'Grid',
    entries: [
      ['Arrows', 'Move between cells'],
      ['Enter or F2', 'Edit the cell'],
      ['Tab', 'Accept and go to the next cell'],
      ['Escape', 'Leave the cell as it was'],
      ['Space', 'Tick or untick the row'],
      ['Shift+arrows', 'Select several cells'],
      ['Ctrl+C, Ctrl+V', 'Copy and paste cells, also from a spreadsheet'],
      ['Ctrl+Shift+D', 'Fill the value down'],
      ['Ctrl+D', 'Duplicate the row'],
      ['Delete', 'Delete the row'],
      ['Ctrl+Z', 'Undo in text and grid alike'],
    ],
  },
  {
    title: 'Runs',
    entries: [
      ['Up, Down', 'Next run'],
      ['Space', 'Tick the run for charts'],
      ['Shift+Space, Shift+click', 'Tick all from the one before'],
      ['Ctrl+A', 'Tick all runs shown'],
      ['s', 'Star the run'],
      ['Alt+Up, Alt+Down', 'Move a waiting run in the queue'],
      ['Enter', 'Open its last iterate'],
    ],
  },
  {
    title: 'Viewer',
    entries: [
      ['Wheel', 'Next slice'],
      ['Shift+wheel', '10 slices'],
      ['Left drag', 'Window and level'],
      ['Ctrl+click', 'Move the crosshair'],
      ['Middle drag', 'Pan'],
      ['Right drag, Ctrl+wheel', 'Zoom'],
      ['Double click', 'Enlarge the view and back'],
      ['x  y  z', 'Sagittal, coronal, axial'],
      ['Up, Down, PgUp, PgDn', 'Slice by 1 and by 10'],
      ['Left, Right', 'Earlier and later iterate, or view of the scan'],
      ['Space', 'Play the iterates or views, and stop'],
      ['g', 'The scan: geometry, views and sinogram'],
      ['a', 'Automatic window'],
      ['c', 'Crosshair'],
      ['i', 'Smooth or plain voxels'],
      ['d', 'Difference (side by side)'],
      ['l', 'Line profile'],
      ['s', 'Region statistics'],
      ['Escape', 'Put the measurement away'],
      ['r', 'Reset pan and zoom'],
    ],
  },
];
