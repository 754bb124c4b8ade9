/** Starts the window: sheets, session, events, and the root component. */
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/dialogs.css';
import './styles/experiment.css';
import './styles/preflight.css';
import './styles/runs.css';
import './styles/run-page.css';
import './styles/run-notes.css';
import './styles/viewer.css';
import './styles/charts.css';
import { createRoot } from 'react-dom/client';
import { startEvents } from './state/events';
import { startForecasts } from './state/forecastStore';
import { startSession } from './state/session';
import { useWindow } from './state/windowStore';
import { App } from './views/App';

async function start(): Promise<void> {
  try {
    startEvents();
    startForecasts();
    await startSession();
  } catch (error) {
    useWindow.setState({ startFailure: error instanceof Error ? error.message : String(error) });
  }
}

/** Plotly and vtk.js are read while there is nothing else to do, so that neither the first chart of a run nor the first slice waits for them. */
function readLater(): void {
  requestIdleCallback(() => void import('./charts/Plot').then(() => requestIdleCallback(() => void import('./views/viewer/ViewerView'))));
}

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);
void start().then(readLater);
