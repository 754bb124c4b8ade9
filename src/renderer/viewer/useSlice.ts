/** The slice to show now: read once, kept in the cache, the newest request wins, neighbours are read ahead. */
import { useEffect, useState } from 'react';
import { type Axis, cachedSlice, readSlice } from '../api/volumes';
import { noteArrival } from '../state/viewerStore';

export interface LoadedSlice {
  readonly values: Float32Array;
  readonly reference: string;
  readonly axis: Axis;
  readonly index: number;
}

interface SliceState {
  readonly slice: LoadedSlice | null;
  readonly failure: string | null;
}

/** While a slice is on its way the one before stays on screen. `size`: slices along the axis; 0 while unknown. */
export function useSlice(reference: string | null, axis: Axis, index: number, size: number): SliceState {
  const [state, setState] = useState<SliceState>({ slice: null, failure: null });
  useEffect(() => {
    if (reference === null || size === 0 || index < 0 || index >= size) {
      if (reference === null) setState({ slice: null, failure: null });
      return;
    }
    const known = cachedSlice(reference, axis, index);
    if (known !== undefined) {
      setState({ slice: { values: known, reference, axis, index }, failure: null });
    }
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const values = await readSlice(reference, axis, index, stop.signal);
        if (stop.signal.aborted) return;
        if (known === undefined) {
          setState({ slice: { values, reference, axis, index }, failure: null });
          noteArrival();
        }
        for (const near of [index + 1, index - 1]) {
          if (near >= 0 && near < size) await readSlice(reference, axis, near, stop.signal);
        }
      } catch (error) {
        if (!stop.signal.aborted) setState({ slice: null, failure: error instanceof Error ? error.message : String(error) });
      }
    };
    void load();
    return () => stop.abort();
  }, [reference, axis, index, size]);
  return state;
}
