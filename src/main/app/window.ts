/** The program's one window: isolated page, remembered place; shown as soon as the page has something to show. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Preferences } from './preferences';

const DEFAULT_SIZE = { width: 1440, height: 900 };
const MINIMUM_SIZE = { minWidth: 1000, minHeight: 700 };

/** The remembered place, unless the screen it was on is gone. */
function visibleBounds(bounds: Preferences['bounds']): Partial<Electron.Rectangle> {
  if (!bounds) return DEFAULT_SIZE;
  const area = screen.getDisplayMatching(bounds).workArea;
  const overlapX = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const overlapY = Math.min(bounds.y + bounds.height, area.y + area.height) - Math.max(bounds.y, area.y);
  const { width, height } = bounds;
  return overlapX > 100 && overlapY > 100 ? bounds : { width, height };
}

export interface WindowOptions {
  readonly preloadFile: string;
  readonly pageUrl: string;
  readonly preferences: Preferences;
  /** Called when the window closes, with its last place. */
  readonly keepPlace: (place: Pick<Preferences, 'bounds' | 'maximized'>) => void;
}

export function createWindow({ preloadFile, pageUrl, preferences, keepPlace }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    ...visibleBounds(preferences.bounds),
    ...MINIMUM_SIZE,
    show: false,
    title: 'TomoBench',
    // The page's own background, so that nothing flashes before it is drawn.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    webPreferences: {
      preload: preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  if (preferences.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => keepPlace({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }));
  void window.loadURL(pageUrl);
  return window;
}
