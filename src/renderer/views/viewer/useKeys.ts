/** Single keys of a page, where nothing is being typed and no dialog is open. */
import { useEffect } from 'react';
import { useWindow } from '../../state/windowStore';
import { isTyping } from '../useShortcuts';

/** Actions by key, letters in lower case. The object must stay the same while the actions do. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(event.target) ||
        useWindow.getState().dialog !== null
      )
        return;
      const { target } = event;
      const slider = target instanceof HTMLInputElement && target.type === 'range';
      if (slider && event.key.startsWith('Arrow')) return;
      // Space presses what has the focus.
      if (event.key === ' ' && (target instanceof HTMLButtonElement || target instanceof HTMLInputElement)) return;
      const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [actions]);
}
