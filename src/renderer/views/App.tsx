/** The window's frame: top bar, rail, the view in the middle, status bar, and what lies above them. */
import { FolderInput } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useCharts } from '../state/chartsStore';
import { openConfig, openData } from '../state/experimentStore';
import { type Theme, useWindow } from '../state/windowStore';
import { AboutDialog, ShortcutsDialog } from './Dialogs';
import { ExperimentView } from './experiment/ExperimentView';
import { TemplateDialog } from './experiment/TemplateDialog';
import { Palette } from './Palette';
import { EmptyState } from './parts/EmptyState';
import { Rail } from './Rail';
import { ResultsDialog } from './runs/ResultsDialog';
import { RunsView } from './runs/RunsView';
import { StatusBar } from './StatusBar';
import { Toasts } from './Toasts';
import { TopBar } from './TopBar';
import { Tour } from './Tour';
import { Tray } from './Tray';
import { useFileDrop } from './useFileDrop';
import { useShortcuts } from './useShortcuts';

// vtk.js and plotly are most of the code; the window shows before they are read.
const ViewerView = lazy(async () => ({ default: (await import('./viewer/ViewerView')).ViewerView }));
const ExportDialog = lazy(async () => ({ default: (await import('./charts/ExportDialog')).ExportDialog }));
const Guide = lazy(async () => ({ default: (await import('./Guide')).Guide }));
const ChartsView = lazy(async () => ({ default: (await import('./charts/ChartsView')).ChartsView }));

export function App(): React.JSX.Element {
  const view = useWindow((state) => state.view);
  const dialog = useWindow((state) => state.dialog);
  const exporting = useCharts((state) => state.exporting !== null);
  const theme = useWindow((state) => state.theme);
  const tourStep = useWindow((state) => state.tourStep);
  const failure = useWindow((state) => state.startFailure);
  const ready = useWindow((state) => state.application !== null);
  const dropping = useFileDrop(openData, openConfig);
  useTheme(theme);
  useShortcuts();
  if (failure !== null) return <EmptyState icon={FolderInput} title="TomoBench could not start" text={failure} />;
  if (!ready) return <p className="visually-hidden">Starting</p>;
  return (
    <div className="shell">
      <TopBar />
      <Rail />
      <main className="main" aria-label={view}>
        {view === 'experiment' && <ExperimentView />}
        {view === 'runs' && <RunsView />}
        <Suspense fallback={<p className="visually-hidden">Opening</p>}>
          {view === 'viewer' && <ViewerView />}
          {view === 'charts' && <ChartsView />}
        </Suspense>
        {dropping && (
          <div className="dropzone">
            <FolderInput aria-hidden="true" />
            Drop a data file, a folder of images or a configuration
          </div>
        )}
      </main>
      <StatusBar />
      <div className="corner">
        <Toasts />
        <Tray />
      </div>
      <Suspense fallback={null}>{exporting && <ExportDialog />}</Suspense>
      {dialog === 'shortcuts' && <ShortcutsDialog />}
      {dialog === 'templates' && <TemplateDialog />}
      {dialog === 'results' && <ResultsDialog />}
      {dialog === 'about' && <AboutDialog />}
      {dialog === 'palette' && <Palette />}
      <Suspense fallback={null}>{dialog === 'guide' && <Guide />}</Suspense>
      {tourStep !== null && <Tour step={tourStep} />}
    </div>
  );
}

/** Writes the theme in use to the page; "system" follows the desktop. */
function useTheme(theme: Theme): void {
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const apply = (): void => {
      document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
    };
    apply();
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme]);
}
