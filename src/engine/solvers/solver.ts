/** What every solver is: an async generator that yields where a step ends and where an iterate is ready. Clocks, scoring, saving and stopping sit at the yields. */
import { UserError } from '../../shared/errors';
import type { SolverParameters } from '../../shared/experiment';
import type { Ports, Volume } from '../ports/ports';

export type StepName = 'gradient' | 'denoise';

/** All a solver needs, besides x itself, to go on after an iterate as if it had never stopped: the same bits follow. */
export interface SolverMemory {
  /** Finite numbers; JSON keeps them exactly. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Volumes (residual, momentum ...), each under the name of the declared volume it has to be in when the solver goes on. */
  readonly volumes: Readonly<Record<string, Volume>>;
}

/** Where an interrupted run goes on: `x` and the volumes of the memory are filled again before the solver is asked for anything. */
export interface ResumePoint {
  /** Iterations that are done. */
  readonly iteration: number;
  readonly numbers: Readonly<Record<string, number>>;
}

export type SolverEvent =
  /** x0 is ready, or the iterate to go on from is back; nothing before this counts as solver time. */
  | {
      readonly kind: 'initial';
      readonly x: Volume;
      readonly lipschitz: number | null;
      readonly stepSize: number | null;
      readonly memory: SolverMemory;
    }
  | { readonly kind: 'step'; readonly step: StepName }
  /** One iteration is complete and x holds the new iterate. `last`: nothing is left to improve, the solver ends here. */
  | { readonly kind: 'iterate'; readonly x: Volume; readonly memory: SolverMemory; readonly last?: true };

export interface Solver<P extends SolverParameters = SolverParameters> {
  /** Names of the volumes it works on, besides the projector's own. The iterate to go on from is put into `x`. */
  readonly volumes: readonly string[];
  /** Names of the projections it works on, besides the measurements. */
  readonly projections: readonly string[];
  /** `from` null: from the start. Otherwise what its own memory at that iterate held, and no set-up is done a second time. */
  iterate(ports: Ports, parameters: P, from: ResumePoint | null): AsyncGenerator<SolverEvent, void, void>;
}

/** A number that the solver's memory must hold. Throws UserError where a record of another program version lacks it. */
export function keptNumber(from: ResumePoint, name: string): number {
  const value = from.numbers[name];
  if (value === undefined)
    throw new UserError(
      `The kept state of iteration ${from.iteration} lacks "${name}", so the run cannot go on from there. Run it again without --resume.`,
    );
  return value;
}
