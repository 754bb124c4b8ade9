/** What is known of a volume before its voxels: shape, voxel size, histogram. */
import { useEffect, useState } from 'react';
import type { Histogram, VolumeInfo } from '../../shared/contract';
import { histogramAsked, volumeHistogram, volumeInfo } from '../api/volumes';
import { nextArrival } from '../state/viewerStore';

export interface VolumeFacts {
  readonly reference: string;
  readonly info: VolumeInfo;
  /** null until it is counted, which may take a moment for a large volume. */
  readonly histogram: Histogram | null;
}

interface FactsState {
  readonly facts: VolumeFacts | null;
  readonly failure: string | null;
}

export function useVolume(reference: string | null): FactsState {
  const [state, setState] = useState<FactsState>({ facts: null, failure: null });
  useEffect(() => {
    let wanted = true;
    if (reference === null) {
      setState({ facts: null, failure: null });
      return;
    }
    const load = async (): Promise<void> => {
      const info = await volumeInfo(reference);
      // The histogram of the volume before stays for the blink in between: its window is nearly right.
      if (wanted) setState(({ facts }) => ({ facts: { reference, info, histogram: facts?.histogram ?? null }, failure: null }));
      // Counting keeps the reader of a large volume busy: the first slice is fetched before.
      if (!histogramAsked(reference)) await nextArrival();
      if (!wanted) return;
      const histogram = await volumeHistogram(reference);
      if (wanted) setState({ facts: { reference, info, histogram }, failure: null });
    };
    load().catch((error: unknown) => {
      if (wanted) setState({ facts: null, failure: error instanceof Error ? error.message : String(error) });
    });
    return () => {
      wanted = false;
    };
  }, [reference]);
  return state;
}
