/** Checks a request and its answer against the contract and turns every outcome into a value; knows nothing of Electron. */
import type { z } from 'zod';
import { type Outcome, type RequestAnswer, type RequestArguments, type RequestName, requests } from '../../shared/contract';
import { toErrorMessage } from '../../shared/errors';

export type RequestTable = { readonly [N in RequestName]: (argument: RequestArguments<N>) => Promise<RequestAnswer<N>> };

function defect(message: string, details?: string): Outcome<never> {
  return { ok: false, message, code: 'internal', details };
}

/** Never rejects. */
export async function dispatch(table: RequestTable, name: unknown, argument: unknown): Promise<Outcome<unknown>> {
  if (typeof name !== 'string' || !Object.hasOwn(requests, name)) {
    return defect(`The program knows no request "${String(name)}".`);
  }
  const known = name as RequestName;
  const checked = requests[known].arguments.safeParse(argument);
  if (!checked.success) return defect(`The request ${name} came with arguments of the wrong form.`, String(checked.error));
  try {
    const handler = table[known] as (argument: unknown) => Promise<unknown>;
    const answer = (requests[known].answer as z.ZodType).safeParse(await handler(checked.data));
    if (answer.success) return { ok: true, value: answer.data };
    return defect(`The answer to ${name} has the wrong form.`, String(answer.error));
  } catch (error) {
    return { ok: false, ...toErrorMessage(error) };
  }
}
