/** A line profile of one or more volumes as a figure: distance in mm against value. The samples come from measure/lineProfile.ts. */
import type { ProfileSample } from '../measure/lineProfile';
import type { PlottedFigure } from './figure';

export interface ProfileCurve {
  /** Legend entry, e.g. "Reference volume". */
  readonly label: string;
  /** The volume's tomo:// reference. */
  readonly reference: string;
  readonly samples: readonly ProfileSample[];
}

/** `unit` of the values, e.g. "1/mm"; empty where it is not known. */
export function lineProfileFigure(curves: readonly ProfileCurve[], unit: string): PlottedFigure {
  return {
    name: 'line-profile',
    title: 'Line profile',
    xTitle: 'Distance (mm)',
    yTitle: unit === '' ? 'Value' : `Value (${unit})`,
    kind: 'lines',
    series: curves.map(({ label, reference, samples }) => ({
      label,
      points: samples.map(({ distanceMm, value }) => ({ x: distanceMm, y: value, runId: reference, iteration: null })),
    })),
    note: null,
  };
}
