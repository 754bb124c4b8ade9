/** The menus File, View, Tools and Help. An entry only names a command; the window carries it out. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import { type Command, commandKeys } from '../../shared/commandKeys';
import type { Session } from '../../shared/contract';
import type { RecentFiles } from './sessionKeeper';

export interface MenuOptions {
  readonly send: (command: Command) => void;
  readonly theme: Session['theme'];
  readonly recent: RecentFiles;
  readonly open: (path: string, kind: 'data' | 'config') => void;
  /** Developer tools and reload are for those who change the program. */
  readonly isDevelopment: boolean;
}

const separator: MenuItemConstructorOptions = { type: 'separator' };

export function buildMenu({ send, theme, recent, open, isDevelopment }: MenuOptions): Menu {
  const entry = (label: string, command: Command): MenuItemConstructorOptions => {
    const accelerator = commandKeys[command]?.replace('Ctrl', 'CmdOrCtrl');
    return { label, id: command, click: () => send(command), ...(accelerator === undefined ? {} : { accelerator }) };
  };
  const themeEntry = (label: string, value: Session['theme'], command: Command): MenuItemConstructorOptions => ({
    ...entry(label, command),
    type: 'radio',
    checked: theme === value,
  });
  const template: MenuItemConstructorOptions[] = [
    {
      label: '&File',
      submenu: [
        entry('New from Template...', 'newFromTemplate'),
        separator,
        entry('Open Data...', 'openData'),
        entry('Open Folder...', 'openFolder'),
        entry('Open Configuration...', 'openConfig'),
        recentMenu(recent, open),
        entry('Open Workspace...', 'openWorkspace'),
        separator,
        entry('Save Configuration', 'saveConfig'),
        entry('Save Configuration As...', 'saveConfigAs'),
        separator,
        entry('Save Volume As...', 'saveVolume'),
        entry('Save Volume as TIFF Slices...', 'saveSlices'),
        entry('Save Geometry As...', 'saveGeometry'),
        separator,
        entry('Export Figure...', 'exportFigure'),
        entry('Export Results...', 'exportResults'),
        separator,
        { role: 'quit', accelerator: 'CmdOrCtrl+Q' },
      ],
    },
    // Without these, a Mac has no copy and paste in text fields.
    ...(process.platform === 'darwin' ? [{ role: 'editMenu' } as MenuItemConstructorOptions] : []),
    {
      label: '&View',
      submenu: [
        entry('Experiment', 'showExperiment'),
        entry('Runs', 'showRuns'),
        entry('Viewer', 'showViewer'),
        entry('Charts', 'showCharts'),
        separator,
        {
          label: 'Theme',
          submenu: [
            themeEntry('System', 'system', 'themeSystem'),
            themeEntry('Light', 'light', 'themeLight'),
            themeEntry('Dark', 'dark', 'themeDark'),
          ],
        },
        separator,
        {
          label: 'Size',
          submenu: [
            ...([100, 125, 150, 175, 200] as const).map((percent) =>
              percent === 100 ? entry('100 %', 'scale100') : entry(`${percent} %`, `scale${percent}` as const),
            ),
            separator,
            entry('Larger', 'larger'),
            entry('Smaller', 'smaller'),
          ],
        },
        { role: 'togglefullscreen' },
        ...(isDevelopment ? [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
      ],
    },
    {
      label: '&Tools',
      submenu: [entry('Commands...', 'palette'), separator, entry('Run', 'run'), entry('Cancel the Running Row', 'cancel')],
    },
    {
      label: '&Help',
      role: 'help',
      submenu: [
        entry('Five-Minute Tour', 'tour'),
        entry('User Guide', 'guide'),
        entry('Open Example Results', 'openExample'),
        separator,
        entry('Keyboard Shortcuts', 'shortcuts'),
        entry('About TomoBench', 'about'),
      ],
    },
  ];
  if (process.platform === 'darwin') {
    template.unshift({ label: app.name, submenu: [entry('About TomoBench', 'about'), separator, { role: 'hide' }, { role: 'quit' }] });
  }
  return Menu.buildFromTemplate(template);
}

/** The files used lately by their whole path, for scans are often named alike. */
function recentMenu({ recentData, recentConfigs }: RecentFiles, open: MenuOptions['open']): MenuItemConstructorOptions {
  const entries = (paths: readonly string[], kind: 'data' | 'config'): MenuItemConstructorOptions[] =>
    // One & in a label would underline the letter after it.
    paths.map((path) => ({ label: path.replaceAll('&', '&&'), click: () => open(path, kind) }));
  const both = recentData.length > 0 && recentConfigs.length > 0;
  const submenu = [...entries(recentData, 'data'), ...(both ? [separator] : []), ...entries(recentConfigs, 'config')];
  return { label: 'Open Recent', id: 'openRecent', enabled: submenu.length > 0, submenu };
}
