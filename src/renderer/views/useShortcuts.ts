/** Shortcuts that work everywhere. Menus of the program carry the same keys; here they also work where a menu has none. */
import { useEffect } from 'react';
import { type Command, runCommand } from '../state/commands';
import { attempt } from '../state/windowStore';

const withControl: Readonly<Record<string, Command>> = {
  '1': 'showExperiment',
  '2': 'showRuns',
  '3': 'showViewer',
  '4': 'showCharts',
  '0': 'scale100',
  '=': 'larger',
  '+': 'larger',
  '-': 'smaller',
  e: 'exportFigure',
  k: 'palette',
  Enter: 'run',
  n: 'newFromTemplate',
  o: 'openData',
  s: 'saveConfig',
};
const withControlShift: Readonly<Record<string, Command>> = { o: 'openConfig', s: 'saveConfigAs' };

/** True where letters belong to what is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const inner = target.shadowRoot?.activeElement ?? target;
  if (inner instanceof HTMLElement && inner.isContentEditable) return true;
  return (
    inner instanceof HTMLTextAreaElement || inner instanceof HTMLSelectElement || (inner instanceof HTMLInputElement && isTextInput(inner))
  );
}

function isTextInput(input: HTMLInputElement): boolean {
  return !['checkbox', 'range', 'radio', 'button'].includes(input.type);
}

export function useShortcuts(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const control = event.ctrlKey || event.metaKey;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const command = control ? (event.shiftKey ? withControlShift[key] : withControl[key]) : undefined;
      const plain = event.key === 'F1' ? 'guide' : event.key === '?' && !isTyping(event.target) ? 'shortcuts' : undefined;
      const named = command ?? plain;
      if (named === undefined) return;
      event.preventDefault();
      void attempt(() => runCommand(named));
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
