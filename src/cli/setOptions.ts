/** `--set key=value` as solver parameters: the same names, checks and sentences as in a configuration. */
import { readConfigTree } from '../engine/plan/configTree';
import { suggestion } from '../engine/plan/nearestName';
import { type ParameterValue, plainValueOf, solverTables } from '../engine/plan/parameterTable';
import { UserError } from '../shared/errors';
import { type SolverParameters, solverParametersSchema } from '../shared/experiment';

/** Of a solver run alone, enough for a usable result; a configuration says max-runs. */
const defaultIterations: Readonly<Record<SolverParameters['name'], number>> = {
  PnP: 10,
  'PnP-fast': 6,
  FDK: 1,
  SIRT: 100,
  CGLS: 15,
  'FISTA-TV': 50,
};

export interface ChosenSolver {
  readonly solver: SolverParameters;
  readonly iterations: number;
}

/** Names of the solvers as `--method` takes them. */
export const solverMethods: readonly string[] = solverTables.map(({ name }) => name.toLowerCase());

/** `method`: one of solverMethods. Every parameter not set has the configuration's default. Throws UserError naming the key. */
export function solverFromOptions(
  method: string,
  settings: readonly string[],
  ownDefaults: Readonly<Record<string, ParameterValue>>,
): ChosenSolver {
  const table = solverTables.find(({ name }) => name.toLowerCase() === method);
  if (!table) throw new Error(`There is no solver called ${method}.`);
  const values: Record<string, ParameterValue> = { name: table.name };
  for (const [name, { default: value }] of table.parameters) values[name] = ownDefaults[name] ?? value;
  let asked: number | null = null;
  const known = [...table.parameters.keys(), 'max_iter'];
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 1) throw new UserError(`--set "${setting}" must be key=value, for example --set max_iter=20.`);
    const key = setting.slice(0, at).trim();
    const text = setting.slice(at + 1).trim();
    if (key === 'max_iter') {
      if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw new UserError(`max_iter is "${text}"; it must be a whole number from 1.`);
      asked = Number(text);
      continue;
    }
    const spec = table.parameters.get(key);
    if (!spec) throw new UserError(`--set does not know "${key}" for --method ${method}.${suggestion(key, known)}`);
    const value = spec.read(plainValueOf(readConfigTree(text === '' ? 'null' : text, `--set ${key}`)));
    if (value === undefined) throw new UserError(`${key} is "${text}"; it must be ${spec.allowed}.`);
    values[key] = value;
  }
  const solver = solverParametersSchema.parse(values);
  return { solver, iterations: solver.name === 'FDK' ? 1 : (asked ?? defaultIterations[solver.name]) };
}
