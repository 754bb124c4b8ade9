/** What a verb is: its arguments, its help, and what it does with them. */
import type { ArgumentSpec, Arguments } from './arguments';
import type { Interrupt } from './interrupt';
import type { Output } from './output';
import type { Session } from './session';

export interface VerbContext {
  readonly args: Arguments;
  readonly output: Output;
  readonly session: Session;
  readonly interrupt: Interrupt;
  readonly version: string;
}

/** 0 all done, 1 something failed, 130 stopped by Ctrl+C. Usage and bad input are thrown as UserError and end with 2. */
export type ExitCode = 0 | 1 | 130;

export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  readonly positional: ArgumentSpec['positional'];
  readonly options: ArgumentSpec['options'];
  /** True where the verb itself listens to Ctrl+C; otherwise its workers are ended at once. */
  readonly finishesOnInterrupt?: boolean;
  execute(context: VerbContext): Promise<ExitCode>;
}
