/** The volumes that are compared with the left one, in order. */
import { otherSides, type Side, useViewer } from '../../state/viewerStore';
import { useVolume, type VolumeFacts } from '../../viewer/useVolume';

export interface ComparedVolume {
  readonly side: Exclude<Side, 'left'>;
  /** null until it is read, and where nothing is chosen. */
  readonly facts: VolumeFacts | null;
  readonly failure: string | null;
}

/** The right one always, the third and the fourth where they are chosen; none while nothing is compared. */
export function useOthers(compares: boolean): readonly ComparedVolume[] {
  const right = useViewer((state) => state.right);
  const third = useViewer((state) => state.third);
  const fourth = useViewer((state) => state.fourth);
  const volumes = {
    right: useVolume(compares ? right : null),
    third: useVolume(compares ? third : null),
    fourth: useVolume(compares ? fourth : null),
  };
  const chosen = { right: true, third: third !== null, fourth: fourth !== null };
  return compares ? otherSides.filter((side) => chosen[side]).map((side) => ({ side, ...volumes[side] })) : [];
}
