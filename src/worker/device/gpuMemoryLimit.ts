/** How much of a GPU's memory a worker may take: TOMOBENCH_GPU_MEMORY_MIB; what does not fit is projected in slabs by the native part. */
import { UserError } from '../../shared/errors';

/** MiB, null for all that is free. */
export function gpuMemoryLimitMiB(environment: Readonly<Record<string, string | undefined>>): number | null {
  const text = environment.TOMOBENCH_GPU_MEMORY_MIB?.trim();
  if (!text) return null;
  const limit = Number(text);
  if (!(limit > 0) || !Number.isFinite(limit)) {
    throw new UserError(`TOMOBENCH_GPU_MEMORY_MIB is "${text}"; it must be a positive number of MiB, for example 8000.`);
  }
  return limit;
}
