/** The geometry of the open scan, read once for each reference. */
import { useEffect, useState } from 'react';
import type { ScanGeometry } from '../../shared/geometry';
import { scanGeometry } from '../api/volumes';

interface GeometryState {
  readonly geometry: ScanGeometry | null;
  readonly failure: string | null;
}

/** `data`: an object that changes whenever the scan may have: it is then read again. */
export function useScanGeometry(reference: string, data: object): GeometryState {
  const [state, setState] = useState<GeometryState>({ geometry: null, failure: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `data` stands for what the reference does not say, as the voxel size
  useEffect(() => {
    let wanted = true;
    scanGeometry(reference).then(
      (geometry) => wanted && setState({ geometry, failure: null }),
      (error: unknown) => wanted && setState({ geometry: null, failure: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [reference, data]);
  return state;
}
