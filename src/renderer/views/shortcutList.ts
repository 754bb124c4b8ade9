/** Every shortcut of the window, as the ? dialog shows them. */
export interface ShortcutGroup {
  readonly title: string;
  readonly entries: readonly (readonly [keys: string, action: string])[];
}

export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    entries: [
      ['Ctrl+N', 'New from a template'],
      ['Ctrl+O', 'Open data'],
      ['Ctrl+Shift+O', 'Open a folder of data'],
      ['Ctrl+L', 'Open configuration'],
      ['Ctrl+S', 'Save configuration'],
      ['Ctrl+Enter', 'Run the ticked rows'],
      ['Ctrl+1 ... Ctrl+4', 'Experiment, Runs, Viewer, Charts'],
      ['Ctrl+E', 'Export the figure'],
      ['Ctrl+Shift+E', 'Export results'],
      ['Ctrl+.', 'Cancel the running row'],
      ['Ctrl+K', 'Commands, charts and runs by name'],
      ['Ctrl+= Ctrl+- Ctrl+0', 'Larger, smaller, 100 %'],
      ['F1', 'User guide'],
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
