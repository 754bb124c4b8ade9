/** What the five-minute tour shows, step by step, at the real controls. */
import type { ViewName } from '../state/windowStore';

export interface TourStep {
  readonly view: ViewName;
  /** The control it points at; where it is not there, the step stands by itself. */
  readonly target: string;
  readonly title: string;
  readonly text: string;
}

export const tourSteps: readonly TourStep[] = [
  {
    view: 'experiment',
    target: '.data-card',
    title: 'The data',
    text: 'A scan says what it holds before anything runs: views, detector, volume, voxel size, and whether it has a reference to measure against. Open your own with Ctrl+O, or drop a file on the window.',
  },
  {
    view: 'experiment',
    target: '.text-panel',
    title: 'The experiment as text',
    text: 'The YAML of the public benchmark, unchanged. Problems are listed below with their line while you type.',
  },
  {
    view: 'experiment',
    target: '.grid-panel',
    title: 'The same experiment as rows',
    text: 'Every list in the text becomes rows here, and a cell changed here is written back into the text. The tick decides which rows run.',
  },
  {
    view: 'experiment',
    target: '.topbar .button.primary',
    title: 'Run',
    text: 'Press it now, or Ctrl+Enter: four rows on two workers, done in under two minutes on two processor cores. The tour goes on meanwhile.',
  },
  {
    view: 'runs',
    target: '.statusbar',
    title: 'What is running',
    text: 'Progress and the time that is left. "Finish now" ends a row and keeps its result, "Cancel" stops it, and a row that fails never stops the others.',
  },
  {
    view: 'runs',
    target: '.main',
    title: 'Runs',
    text: 'Status, quality and time of every run, and on the right the page of one: its curves as they grow, the time of every step, parameters with what differs marked, and what it was made with.',
  },
  {
    view: 'viewer',
    target: '.main',
    title: 'Look at volumes',
    text: 'Wheel: slice. Left drag: window and level, or "a" for automatic. The slider below goes through the iterates. "Compare" puts two volumes side by side with their difference.',
  },
  {
    view: 'charts',
    target: '.chart-panel, .main .empty',
    title: 'Charts',
    text: 'Quality, time and memory, live while rows run. A click on a point opens its iterate; Shift and click on two compares them. Enlarge "Memory against time" and set a budget to see what still fits.',
  },
  {
    view: 'charts',
    target: '.chart-panel .card-header, .main .empty',
    title: 'Figures for a paper',
    text: '"Export" writes one figure at the width of a journal column, "Paper set" all of them with their numbers and the table of results, as SVG, PDF or PNG.',
  },
  {
    view: 'charts',
    target: '.rail .help',
    title: 'That is all',
    text: 'Ctrl+K finds every command, chart and run by its name; ? lists the keys; F1 opens the user guide. Help > Open Example Results shows finished runs at once.',
  },
];
