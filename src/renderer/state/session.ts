/** Keeps the session: reads it at the start and saves it shortly after every change. */

import type { Session } from '../../shared/contract';
import { formatCorrections, parseCorrections } from '../../shared/corrections';
import { request } from '../api/client';
import { isChartName, showChart, useCharts } from './chartsStore';
import { useDataCheck } from './dataCheckStore';
import { openData, setText, useExperiment } from './experimentStore';
import { loadJobs } from './jobsStore';
import { offerInterrupted } from './runActions';
import { useRunSort } from './runSort';
import { loadRuns, setSelected, useRuns } from './runsStore';
import { useViewer } from './viewerStore';
import { attempt, useWindow } from './windowStore';

const saveDelayMs = 400;

/** The session as it stands. */
export function currentSession(): Session {
  const experiment = useExperiment.getState();
  const { view, theme, scale, panels } = useWindow.getState();
  const viewer = useViewer.getState();
  return {
    configText: experiment.text,
    configPath: experiment.path,
    dataPath: experiment.dataPath,
    corrections: formatCorrections(useDataCheck.getState().corrections),
    saveEvery: experiment.saveEvery,
    memoryLimitMiB: experiment.memoryLimitMiB,
    retryOutOfMemory: experiment.retryOutOfMemory,
    view,
    theme,
    scale,
    selectedRunIds: [...useRuns.getState().selected],
    runSort: useRunSort.getState().sort,
    panels,
    viewer: {
      left: viewer.left,
      right: viewer.right,
      third: viewer.third,
      fourth: viewer.fourth,
      slices: [...viewer.slices],
      window: viewer.window,
      layout: viewer.layout,
      axis: viewer.axis,
      views: [viewer.views[0], viewer.views[1], viewer.views[2]],
      camera: viewer.camera,
      difference: viewer.difference,
      differenceRange: viewer.differenceRange,
    },
    chart: useCharts.getState().chart,
    drawing: useCharts.getState().drawing,
  };
}

/** Brings the window to where it was. */
function restore(session: Session): void {
  useWindow.setState({ view: session.view, theme: session.theme, scale: session.scale, panels: session.panels });
  useRunSort.setState({ sort: session.runSort });
  useCharts.setState({ drawing: session.drawing });
  if (session.chart !== null && isChartName(session.chart)) showChart(session.chart);
  if (session.viewer !== null) {
    const { left, right, third, fourth, slices, window, layout, axis, views, camera, difference, differenceRange } = session.viewer;
    useViewer.setState({ left, right, third, fourth, slices, window, layout, axis, camera, difference, differenceRange });
    if (views !== undefined) useViewer.setState({ views: { 0: views[0], 1: views[1], 2: views[2] } });
  }
  setSelected(session.selectedRunIds);
  setText(session.configText);
  const { saveEvery, memoryLimitMiB, retryOutOfMemory } = session;
  useExperiment.setState({ path: session.configPath, savedText: session.configText, saveEvery, memoryLimitMiB, retryOutOfMemory });
  if (session.dataPath !== null) void openData(session.dataPath, parseCorrections(session.corrections ?? ''));
}

/** Ends the saving for good, after saving what changed last. */
let endSaving: () => Promise<void> = async () => {};

/** Asks the program for its state, restores the session, and saves it from then on. */
export async function startSession(): Promise<void> {
  const { session, ...application } = await request('app.state', {});
  useWindow.setState({ application });
  restore(session);
  await attempt(() => Promise.all([loadRuns(), loadJobs()]));
  offerInterrupted(application.interruptedRunIds);
  endSaving = saveOnChange();
}

/**
 * Goes on in another workspace: the session is saved where it belongs, then the page starts anew. Rejects, and everything stays as it is, where `open`
 * does.
 */
async function changeWorkspace(open: () => Promise<unknown>): Promise<void> {
  await endSaving();
  try {
    await open();
  } catch (error) {
    endSaving = saveOnChange();
    throw error;
  }
  location.reload();
}

export const openWorkspace = (path: string): Promise<void> => changeWorkspace(() => request('workspace.open', { path }));

export const openExample = (): Promise<void> => changeWorkspace(() => request('workspace.openExample', {}));

export async function openWorkspaceDialog(): Promise<void> {
  const answer = await request('workspace.openDialog', {});
  if (answer !== null) await openWorkspace(answer.path);
}

function saveOnChange(): () => Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saved = JSON.stringify(currentSession());
  const save = async (): Promise<void> => {
    clearTimeout(timer);
    const session = currentSession();
    const text = JSON.stringify(session);
    if (text === saved) return;
    saved = text;
    await attempt(() => request('app.saveSession', { session }));
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void save(), saveDelayMs);
  };
  const saveNow = (): void => void save();
  const stops = [useExperiment, useDataCheck, useWindow, useRuns, useRunSort, useViewer, useCharts].map((store) => store.subscribe(later));
  window.addEventListener('pagehide', saveNow);
  return async () => {
    for (const stop of stops) stop();
    window.removeEventListener('pagehide', saveNow);
    await save();
  };
}
