/** What every solver is: an async generator that yields where a step ends and where an iterate is ready. Clocks, scoring, saving and stopping sit at the yields. */
import type { SolverParameters } from '../../shared/experiment';
import type { Ports, Volume } from '../ports/ports';

export type StepName = 'gradient' | 'denoise';

export type SolverEvent =
  /** x0 is ready; nothing before this counts as solver time. */
  | { readonly kind: 'initial'; readonly x: Volume; readonly lipschitz: number | null; readonly stepSize: number | null }
  | { readonly kind: 'step'; readonly step: StepName }
  /** One iteration is complete and x holds the new iterate. */
  | { readonly kind: 'iterate'; readonly x: Volume };

export interface Solver<P extends SolverParameters = SolverParameters> {
  /** Names of the volumes it works on, besides the projector's own. */
  readonly volumes: readonly string[];
  iterate(ports: Ports, parameters: P): AsyncGenerator<SolverEvent, void, void>;
}
