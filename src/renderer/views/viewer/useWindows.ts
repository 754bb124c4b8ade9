/** The windows in use: typed or dragged ones, else chosen from percentiles. Until one is chosen, the reference decides, so that iterates can be compared. */
import { useMemo } from 'react';
import { type GreyWindow, type Side, setWindow, useViewer } from '../../state/viewerStore';
import type { VolumeFacts } from '../../viewer/useVolume';

export interface Windows {
  readonly left: GreyWindow;
  readonly right: GreyWindow;
  /** From percentiles 0.1 and 99.9. */
  readonly automatic: () => void;
  readonly set: (side: Side, window: GreyWindow) => void;
}

/** Percentiles 0.1 and 99.9, or the whole range while the histogram is being counted. */
export function automaticWindow(facts: VolumeFacts | null): GreyWindow {
  if (facts === null) return { low: 0, high: 1 };
  const { info, histogram } = facts;
  const low = histogram?.percentiles.p01 ?? info.minimum;
  const high = histogram?.percentiles.p999 ?? info.maximum;
  return high > low ? { low, high } : { low: info.minimum, high: Math.max(info.maximum, info.minimum + 1e-6) };
}

/** `anchor`: the reference volume of the open data, where there is one. */
export function useWindows(left: VolumeFacts | null, right: VolumeFacts | null, anchor: VolumeFacts | null): Windows {
  const window = useViewer((state) => state.window);
  const own = useViewer((state) => state.rightWindow);
  return useMemo(() => {
    const decisive = anchor !== null && left?.info.unit === anchor.info.unit ? anchor : left;
    const shown = window ?? automaticWindow(decisive);
    return {
      left: shown,
      right: own ?? shown,
      automatic: () => {
        useViewer.setState(({ rightWindow }) => ({
          window: left === null ? null : automaticWindow(left),
          rightWindow: rightWindow === null ? null : automaticWindow(right),
        }));
      },
      set: (side, next) => setWindow(next, side),
    };
  }, [window, own, left, right, anchor]);
}
