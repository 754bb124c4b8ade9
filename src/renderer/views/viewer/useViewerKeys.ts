/** The viewer's keys: axes, slices, iterates, window, crosshair, interpolation. */
import { useEffect } from 'react';
import { clearMeasure, moveSlice, resetPaneViews, toggleTool, useViewer } from '../../state/viewerStore';
import { useWindow } from '../../state/windowStore';
import type { VolumeFacts } from '../../viewer/useVolume';
import { isTyping } from '../useShortcuts';
import { stepIterate } from './IterateBar';

export function useViewerKeys(facts: VolumeFacts | null, automatic: () => void): void {
  useEffect(() => {
    const slice = (step: number): void => {
      if (facts === null) return;
      const { axis, slices } = useViewer.getState();
      moveSlice(axis, slices[axis] + step, facts.info.shape[axis]);
    };
    const plane = (axis: 0 | 1 | 2): void => useViewer.setState(({ maximised }) => ({ axis, maximised: maximised === null ? null : axis }));
    const actions: Record<string, () => void> = {
      x: () => plane(2),
      y: () => plane(1),
      z: () => plane(0),
      a: automatic,
      c: () => useViewer.setState(({ crosshair }) => ({ crosshair: !crosshair })),
      i: () => useViewer.setState(({ smooth }) => ({ smooth: !smooth })),
      d: () => useViewer.setState(({ difference }) => ({ difference: !difference, layout: 'compare' })),
      l: () => toggleTool('profile'),
      s: () => toggleTool('region'),
      Escape: clearMeasure,
      r: resetPaneViews,
      ArrowUp: () => slice(1),
      ArrowDown: () => slice(-1),
      PageUp: () => slice(10),
      PageDown: () => slice(-10),
      ArrowLeft: () => stepIterate(-1),
      ArrowRight: () => stepIterate(1),
    };
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || useWindow.getState().dialog !== null) return;
      const slider = event.target instanceof HTMLInputElement && event.target.type === 'range';
      const action =
        slider && event.key.startsWith('Arrow') ? undefined : actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [facts, automatic]);
}
