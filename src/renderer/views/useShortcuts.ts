/** Shortcuts that work everywhere. Menus of the program carry the same keys; here they also work where a menu has none. */
import { useEffect } from 'react';
import { commandOf } from '../../shared/commandKeys';
import { runCommand } from '../state/commands';
import { attempt } from '../state/windowStore';

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
      const { key, shiftKey, target } = event;
      const control = event.ctrlKey || event.metaKey;
      if (!control && key.length === 1 && isTyping(target)) return;
      const command = commandOf({ key, control, shift: shiftKey });
      if (command === undefined) return;
      event.preventDefault();
      void attempt(() => runCommand(command));
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
