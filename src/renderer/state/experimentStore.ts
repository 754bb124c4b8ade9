/** The experiment being edited: YAML text, its plan, the data it runs on, and which rows are ticked. The plan itself is made by the program. */
import { create } from 'zustand';
import type { DataSummary, Plan } from '../../shared/contract';
import { type Correction, formatCorrections } from '../../shared/corrections';
import { UserError } from '../../shared/errors';
import type { ExperimentRow } from '../../shared/experiment';
import { formatVolumeRef } from '../../shared/volumes';
import { request } from '../api/client';
import { checkData, forgetCheck, useDataCheck } from './dataCheckStore';
import { selectRuns } from './runsStore';
import { attempt, showError, showNote, showView } from './windowStore';

export interface ExperimentState {
  text: string;
  path: string | null;
  /** The text as it is on disk; null: never saved. */
  savedText: string | null;
  plan: Plan | null;
  /** The last plan that had rows: shown while the text has an error. */
  lastRows: Plan | null;
  planning: boolean;
  dataPath: string | null;
  data: DataSummary | null;
  dataLoading: boolean;
  dataError: string | null;
  /** Every n-th iterate is kept; null: as many as suit the disk. */
  saveEvery: number | null;
  /** What a worker may use at most, MiB; null: what the machine has. */
  memoryLimitMiB: number | null;
  /** A row that runs out of memory is queued again with half its batch. */
  retryOutOfMemory: boolean;
  /** Rows left out of the next run. New rows take part. */
  skipped: ReadonlySet<number>;
  /** The sentence for the last refused edit of a cell. */
  cellProblem: { row: number; key: string; message: string } | null;
  starting: boolean;
}

export const useExperiment = create<ExperimentState>(() => ({
  text: '',
  path: null,
  savedText: null,
  plan: null,
  lastRows: null,
  planning: false,
  dataPath: null,
  data: null,
  dataLoading: false,
  dataError: null,
  saveEvery: null,
  memoryLimitMiB: null,
  retryOutOfMemory: false,
  skipped: new Set<number>(),
  cellProblem: null,
  starting: false,
}));

const planDelayMs = 200;
let planTimer: ReturnType<typeof setTimeout> | undefined;
let planNumber = 0;

/** Replaces the text; the plan follows shortly after the last change. */
export function setText(text: string): void {
  if (text === useExperiment.getState().text) return;
  useExperiment.setState({ text, cellProblem: null });
  schedulePlan(planDelayMs);
}

function schedulePlan(delayMs: number): void {
  clearTimeout(planTimer);
  useExperiment.setState({ planning: true });
  planTimer = setTimeout(() => void makePlan(), delayMs);
}

async function makePlan(): Promise<void> {
  const number = ++planNumber;
  const { text, dataPath } = useExperiment.getState();
  try {
    const plan = await request('config.plan', { text, dataPath });
    if (number === planNumber) {
      const broken = plan.rows.length === 0 && hasErrors(plan);
      useExperiment.setState(({ skipped, lastRows }) => ({
        plan,
        lastRows: broken ? lastRows : plan,
        // Ticks outlive a moment in which the text cannot be read.
        skipped: broken ? skipped : new Set([...skipped].filter((row) => row < plan.rows.length)),
      }));
    }
  } catch (error) {
    showError(error);
  } finally {
    if (number === planNumber) useExperiment.setState({ planning: false });
  }
}

/** Opens a data file and shows what it holds; a file that cannot be used leaves its sentence in dataError. */
export async function openData(path: string, corrections: readonly Correction[] = []): Promise<void> {
  forgetCheck(corrections);
  useExperiment.setState({ dataPath: path, data: null, dataLoading: true, dataError: null });
  try {
    const data = await request('data.inspect', { path });
    if (useExperiment.getState().dataPath !== path) return;
    useExperiment.setState({ data, dataLoading: false });
    void checkData(path);
  } catch (error) {
    if (useExperiment.getState().dataPath !== path) return;
    useExperiment.setState({ dataLoading: false, dataError: error instanceof Error ? error.message : String(error) });
  }
  schedulePlan(0);
}

/** Scans of many files, for example the raw Walnut folders, are opened by their folder. */
export async function openDataDialog(from: 'file' | 'folder' = 'file'): Promise<void> {
  const chosen = await request(from === 'file' ? 'data.openDialog' : 'data.openFolderDialog', {});
  if (chosen === null) return;
  await openData(chosen.path);
  showView('experiment');
}

function takeConfig(text: string, path: string | null): void {
  useExperiment.setState({ text, path, savedText: text, skipped: new Set(), cellProblem: null });
  schedulePlan(0);
  showView('experiment');
}

export async function openConfig(path: string): Promise<void> {
  const { text } = await request('config.read', { path });
  takeConfig(text, path);
}

export async function openConfigDialog(): Promise<void> {
  const chosen = await request('config.openDialog', {});
  if (chosen !== null) takeConfig(chosen.text, chosen.path);
}

export async function saveConfig(asNew: boolean): Promise<void> {
  const { text, path } = useExperiment.getState();
  const saved = await request('config.save', { text, path: asNew ? null : path });
  if (saved === null) return;
  useExperiment.setState({ path: saved.path, savedText: text });
  showNote(`Saved ${saved.path}.`);
}

interface EditAnswer {
  readonly text: string;
  readonly problem: string | null;
}

/** Edits the text as it is when the answer comes: what was typed meanwhile is not lost, the edit is asked for again. */
async function editText(edit: (text: string) => Promise<EditAnswer>): Promise<EditAnswer> {
  for (;;) {
    const { text } = useExperiment.getState();
    const answer = await edit(text);
    if (useExperiment.getState().text === text) return answer;
  }
}

export async function setCell(rowIndex: number, key: string, value: string): Promise<boolean> {
  const answer = await editText((text) => request('config.setCell', { text, rowIndex, key, value }));
  return takeEdit(answer, rowIndex, key);
}

function takeEdit(answer: EditAnswer, row: number, key: string): boolean {
  if (answer.problem !== null) {
    useExperiment.setState({ cellProblem: { row, key, message: answer.problem } });
    return false;
  }
  useExperiment.setState({ text: answer.text, cellProblem: null });
  schedulePlan(0);
  return true;
}

export async function duplicateRow(rowIndex: number): Promise<void> {
  takeEdit(await editText((text) => request('config.duplicateRow', { text, rowIndex })), rowIndex, '');
}

export async function deleteRow(rowIndex: number): Promise<void> {
  const answer = await editText((text) => request('config.deleteRow', { text, rowIndex }));
  if (!takeEdit(answer, rowIndex, '')) return;
  const { skipped } = useExperiment.getState();
  const moved = [...skipped].filter((row) => row !== rowIndex).map((row) => (row > rowIndex ? row - 1 : row));
  useExperiment.setState({ skipped: new Set(moved) });
}

/** Writes the same value into several rows, or a block of cells as a spreadsheet copied it. */
export async function fillCells(edits: readonly { rowIndex: number; key: string; value: string }[]): Promise<boolean> {
  const [first] = edits;
  if (first === undefined) return true;
  return takeEdit(await editText((text) => request('config.setCells', { text, edits: [...edits] })), first.rowIndex, first.key);
}

export async function pasteCells(rowIndex: number, keys: readonly string[], values: readonly (readonly string[])[]): Promise<boolean> {
  const argument = { rowIndex, keys: [...keys], values: values.map((cells) => [...cells]) };
  return takeEdit(await editText((text) => request('config.pasteRows', { text, ...argument })), rowIndex, keys[0] ?? '');
}

/** `values` null: each row gets its own, at first the one it has now. Answers why it cannot be done, or null. */
export async function addParameter(rowIndex: number, key: string, values: readonly string[] | null): Promise<string | null> {
  const wanted = values === null ? null : [...values];
  const answer = await editText((text) => request('config.addParameter', { text, rowIndex, key, values: wanted }));
  if (answer.problem === null) takeEdit(answer, rowIndex, key);
  return answer.problem;
}

/** Writes a run's row into the configuration. Rejects with the sentence where that cannot be done. */
export async function takeRunAsRow(row: ExperimentRow): Promise<void> {
  const answer = await editText((text) => request('config.addRow', { text, row }));
  if (answer.problem !== null) throw new UserError(answer.problem);
  takeEdit(answer, row.index, '');
}

/** Starts a new configuration, which has no file yet. */
export function takeTemplate(text: string): void {
  takeConfig(text, null);
  useExperiment.setState({ savedText: null });
}

export function toggleRow(rowIndex: number): void {
  useExperiment.setState(({ skipped }) => {
    const next = new Set(skipped);
    if (!next.delete(rowIndex)) next.add(rowIndex);
    return { skipped: next };
  });
}

export function setAllRows(run: boolean): void {
  useExperiment.setState(({ plan }) => ({ skipped: run ? new Set<number>() : new Set(plan?.rows.map((_, index) => index) ?? []) }));
}

/** Why Run cannot be pressed now, as a sentence; null when it can. */
export function runObstacle(state: ExperimentState): string | null {
  if (state.dataLoading) return 'The data file is being read.';
  if (state.dataPath === null) return 'Open a data file first.';
  if (state.dataError !== null) return 'The data file cannot be used. Open another one.';
  if (state.plan === null) return 'The configuration is being read.';
  if (hasErrors(state.plan)) return 'Mend the problems of the configuration first.';
  if (chosenRows(state).length === 0) return 'Tick at least one row.';
  return state.starting ? 'The run is being started.' : null;
}

export function hasErrors({ problems }: Plan): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

export function chosenRows({ plan, skipped }: ExperimentState): number[] {
  return (plan?.rows ?? []).map((_, index) => index).filter((index) => !skipped.has(index));
}

export function configName({ path }: Pick<ExperimentState, 'path'>): string {
  return path === null ? 'Untitled' : fileName(path);
}

export function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}

/** The reference volume of the open data; null where there is none. */
export function openReference({ data }: Pick<ExperimentState, 'data'>): string | null {
  return data?.hasReference === true ? formatVolumeRef({ kind: 'data', dataId: data.id, array: 'reference' }) : null;
}

/** Queues the ticked rows and shows them. */
export async function startRun(): Promise<void> {
  const state = useExperiment.getState();
  if (runObstacle(state) !== null || state.dataPath === null || state.plan === null) return;
  const rows = chosenRows(state);
  useExperiment.setState({ starting: true });
  // The view is drawn while the program makes the runs.
  showView('runs');
  try {
    const { runIds, diskNote } = await request('runs.start', {
      configText: state.text,
      name: configName(state).replace(/\.ya?ml$/i, ''),
      dataPath: state.dataPath,
      rows: rows.length === state.plan.rows.length ? null : rows,
      maxRuns: null,
      saveEvery: state.saveEvery,
      memoryLimitMiB: state.memoryLimitMiB,
      retryOutOfMemory: state.retryOutOfMemory,
      corrections: formatCorrections(useDataCheck.getState().corrections),
    });
    selectRuns(runIds);
    if (diskNote !== null) showNote(diskNote);
  } catch (error) {
    showView('experiment');
    throw error;
  } finally {
    useExperiment.setState({ starting: false });
  }
}

/** Run as the button, the menu and the keyboard do it. */
export function runNow(): Promise<void> {
  const obstacle = runObstacle(useExperiment.getState());
  if (obstacle !== null) {
    showNote(obstacle);
    return Promise.resolve();
  }
  return attempt(startRun);
}
