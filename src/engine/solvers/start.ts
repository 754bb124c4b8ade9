/** What solvers have in common before their first iteration: where they start and which range of values they expect. */
import { UserError } from '../../shared/errors';
import type { Ports, Volume } from '../ports/ports';
import { squaredOperatorNorm } from './operatorNorm';

export type StartMethod = 'pseudo_inverse' | 'zeros' | 'adjoint';

/** Percentiles of the FDK that stand for its range where there is no reference. */
const ROBUST_RANGE = [0.001, 0.999] as const;
const SMALLEST_SCALE = 1e-10;

/** x = FDK of the chosen views, 0, or A^T y (not scaled). */
export async function initialise(ports: Ports, method: StartMethod, x: Volume): Promise<void> {
  switch (method) {
    case 'zeros':
      return ports.vectors.combine(x, []);
    case 'adjoint':
      return ports.projector.adjoint(x);
    case 'pseudo_inverse':
      return ports.projector.pseudoInverse(x);
  }
}

/** L = ||A||^2. Throws UserError where no ray meets the volume. Uses the three volumes as scratch. */
export async function positiveSquaredNorm(ports: Ports, scratch: readonly [Volume, Volume, Volume]): Promise<number> {
  const lipschitz = await squaredOperatorNorm(ports, scratch);
  if (lipschitz === 0) throw nothingToReconstruct();
  return lipschitz;
}

export function nothingToReconstruct(): UserError {
  return new UserError(
    'No ray of the chosen views meets the volume, so there is nothing to reconstruct. Check the geometry and voxel_size.',
  );
}

/**
 * m and M: the range of the reference, else the 0.1 and 99.9 percentiles of the FDK; `scratch` takes that FDK where x0 is not it already.
 * Values in 1/mm.
 */
export async function dynamicRange(
  ports: Ports,
  start: { readonly method: StartMethod; readonly x0: Volume },
  scratch: Volume,
): Promise<{ m: number; M: number }> {
  if (ports.referenceRange) return { m: ports.referenceRange.minimum, M: ports.referenceRange.maximum };
  let fdk = start.x0;
  if (start.method !== 'pseudo_inverse') {
    fdk = scratch;
    await ports.projector.pseudoInverse(fdk);
  }
  const [m, M] = await ports.vectors.percentiles(fdk, ROBUST_RANGE);
  return { m: m ?? 0, M: M ?? 0 };
}

/** M - m, never zero. */
export function scaleOf({ m, M }: { readonly m: number; readonly M: number }): number {
  return Math.max(M - m, SMALLEST_SCALE);
}
