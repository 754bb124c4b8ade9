/** What concerns the window as a whole: the view shown, theme, dialogs, messages, and the program's own state. */
import { create } from 'zustand';
import type { ApplicationState, Session } from '../../shared/contract';
import { UserError } from '../../shared/errors';
import { request } from '../api/client';

export type ViewName = Session['view'];
export type Theme = Session['theme'];
export type DialogName = 'shortcuts' | 'about' | 'palette' | 'guide' | 'templates' | 'results' | null;

export interface Toast {
  readonly id: number;
  readonly kind: 'note' | 'bad';
  readonly message: string;
  readonly details: string | null;
  /** What can be done about it with one press, which also closes the message. */
  readonly offer?: Offer;
}

export interface Offer {
  readonly label: string;
  readonly act: () => Promise<unknown>;
}

export type Application = Omit<ApplicationState, 'session'>;

interface WindowState {
  application: Application | null;
  /** Why the program did not answer at the start. */
  startFailure: string | null;
  view: ViewName;
  theme: Theme;
  /** Of everything in the window: 1 is 100 %. */
  scale: number;
  /** Where the borders between panels stand: shares in % of each pair. */
  panels: Session['panels'];
  /** The step of the tour that is shown; null: none is under way. */
  tourStep: number | null;
  dialog: DialogName;
  toasts: readonly Toast[];
}

export const useWindow = create<WindowState>(() => ({
  application: null,
  startFailure: null,
  view: 'experiment',
  theme: 'system',
  scale: 1,
  panels: {},
  tourStep: null,
  dialog: null,
  toasts: [],
}));

export function showView(view: ViewName): void {
  useWindow.setState({ view });
}

export function setTheme(theme: Theme): void {
  useWindow.setState({ theme });
}

/** 100 to 200 %, in quarters where it is stepped. */
export async function setScale(scale: number): Promise<void> {
  const within = Math.min(2, Math.max(1, scale));
  useWindow.setState({ scale: within });
  await request('app.setScale', { scale: within });
}

export function setPanels(name: string, shares: Readonly<Record<string, number>>): void {
  useWindow.setState(({ panels }) => ({ panels: { ...panels, [name]: { ...shares } } }));
}

export function showTourStep(tourStep: number | null): void {
  useWindow.setState({ tourStep });
}

export function showDialog(dialog: DialogName): void {
  useWindow.setState({ dialog });
}

let nextToastId = 1;
const noteSeconds = 6;

function addToast(toast: Omit<Toast, 'id'>): number {
  const id = nextToastId++;
  // The same sentence twice is one message.
  useWindow.setState(({ toasts }) => ({
    toasts: [...toasts.filter(({ message }) => message !== toast.message).slice(-3), { id, ...toast }],
  }));
  return id;
}

export function dismissToast(id: number): void {
  useWindow.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/** Says something that needs no answer; goes away by itself. */
export function showNote(message: string): void {
  const id = addToast({ kind: 'note', message, details: null });
  setTimeout(() => dismissToast(id), noteSeconds * 1000);
}

/** Says something that waits for an answer: it stays until the offer is taken or the message closed. */
export function showOffer(message: string, offer: Offer): void {
  addToast({ kind: 'note', message, details: null, offer });
}

/** Shows a failure until it is closed. */
export function showError(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof UserError ? (error.details ?? null) : error instanceof Error ? (error.stack ?? null) : null;
  addToast({ kind: 'bad', message, details: details === message ? null : details });
}

/** Runs an action of the user; its failure becomes a message. That it was cancelled is what the user wanted: a note. */
export async function attempt(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError && error.code === 'cancelled') showNote(error.message);
    else showError(error);
  }
}
