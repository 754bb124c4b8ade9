/** The viewer's keys: axes, slices, iterates, window, crosshair, interpolation. */
import { useMemo } from 'react';
import { clearMeasure, moveSlice, resetPaneViews, togglePlaying, toggleScan, toggleTool, useViewer } from '../../state/viewerStore';
import type { VolumeFacts } from '../../viewer/useVolume';
import { stepIterate } from './IterateBar';
import { useKeys } from './useKeys';

export function useViewerKeys(facts: VolumeFacts | null, automatic: () => void): void {
  const actions = useMemo(() => {
    const slice = (step: number): void => {
      if (facts === null) return;
      const { axis, slices } = useViewer.getState();
      moveSlice(axis, slices[axis] + step, facts.info.shape[axis]);
    };
    const plane = (axis: 0 | 1 | 2): void => useViewer.setState(({ maximised }) => ({ axis, maximised: maximised === null ? null : axis }));
    return {
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
      ' ': togglePlaying,
      g: toggleScan,
    };
  }, [facts, automatic]);
  useKeys(actions);
}
