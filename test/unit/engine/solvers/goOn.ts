// Interrupts a solver after some iterations and lets it go on from what it said it needs, beside a run that was never interrupted.
import type { ResumePoint, SolverEvent } from '../../../../src/engine/solvers/solver';
import { type MatrixProblem, matrixPorts } from './matrixPorts';

type Iterate = (ports: ReturnType<typeof matrixPorts>['ports'], from: ResumePoint | null) => AsyncGenerator<SolverEvent, void, void>;

/** Iterates 1 to `iterations`: those of a run in one go, and those of a run that was interrupted after `interruptedAfter`. */
export async function goOn(
  problem: MatrixProblem,
  iterate: Iterate,
  iterations: number,
  interruptedAfter: number,
): Promise<{ readonly inOneGo: number[][]; readonly interrupted: number[][]; readonly secondCalls: readonly string[] }> {
  const whole = matrixPorts(problem);
  const inOneGo = await collect(iterate(whole.ports, null), whole.values, iterations);
  const first = matrixPorts(problem);
  const before = await collect(iterate(first.ports, null), first.values, interruptedAfter);
  const { memory } = before.last;
  const second = matrixPorts(problem);
  second.put('x', before.values.at(-1) ?? []);
  for (const [name, volume] of Object.entries(memory.volumes)) second.put(name, first.values(volume.name));
  // As the record keeps it.
  const from: ResumePoint = { iteration: interruptedAfter, numbers: JSON.parse(JSON.stringify(memory.numbers)) };
  const after = await collect(iterate(second.ports, from), second.values, iterations - interruptedAfter);
  return { inOneGo: inOneGo.values, interrupted: [...before.values, ...after.values], secondCalls: second.calls };
}

async function collect(
  events: AsyncGenerator<SolverEvent, void, void>,
  read: (name: string) => number[],
  iterations: number,
): Promise<{ values: number[][]; last: Extract<SolverEvent, { kind: 'iterate' }> }> {
  const values: number[][] = [];
  for await (const event of events) {
    if (event.kind !== 'iterate') continue;
    values.push([...read(event.x.name)]);
    if (values.length === iterations) return { values, last: event };
  }
  throw new Error(`The solver ended after ${values.length} iterations.`);
}
