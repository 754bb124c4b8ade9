/** Holds a worker to the memory it was given, by the kernel's own limit, and says what was asked for when that is reached. */
import { loadNative } from '../../native/binding';
import { type ErrorMessage, type MemoryShortage, toErrorMessage, UserError } from '../../shared/errors';

let limitMiB: number | null = null;

/**
 * From now on allocations fail that would take this process's resident memory past `mebibytes`. The kernel counts private memory that may be
 * written; what of it the process holds without ever having touched is allowed on top. Volumes shared between workers count once they are
 * attached, see `countShared`. False where the system cannot do that.
 */
export function limitMemory(mebibytes: number): boolean {
  const native = loadNative();
  const { privateMiB, residentMiB } = native.processMemory();
  const untouched = Math.max(0, privateMiB - residentMiB);
  limitMiB = mebibytes;
  return native.setMemoryLimit(mebibytes + untouched);
}

/** Volumes in shared memory are not private, but they are this worker's to hold: `mebibytes` of them leave so much less. Throws when nothing would be left. */
export function countShared(mebibytes: number): void {
  if (limitMiB === null) return;
  const native = loadNative();
  const { privateMiB, residentMiB } = native.processMemory();
  const left = limitMiB - mebibytes;
  if (left < residentMiB) {
    throw outOfMemory('attach', mebibytes, `The volumes of this row (${Math.round(mebibytes)} MiB) do not fit into the memory limit.`);
  }
  native.setMemoryLimit(left + Math.max(0, privateMiB - residentMiB));
}

function outOfMemory(step: string, requestedMiB: number | null, sentence: string): UserError {
  const error = new UserError(`${sentence} The limit is ${Math.round(limitMiB ?? 0)} MiB a worker.`, 'out_of_memory');
  error.shortage = shortage(step, requestedMiB);
  return error;
}

function shortage(step: string, requestedMiB: number | null): MemoryShortage {
  return { step, requestedMiB, peakMiB: loadNative().processMemory().peakResidentMiB, limitMiB };
}

/** Carries out one request; a failed allocation leaves with what was being done, what was asked for and how much there had been. */
export async function reportingShortage<T>(step: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = toErrorMessage(error);
    if (!lacksMemory(error, message)) throw error;
    const known = new UserError(
      message.code === 'out_of_memory' ? message.message : 'Not enough memory for this step. Use a smaller max_batch_size or patch_size.',
      'out_of_memory',
      message.details ?? message.message,
    );
    known.shortage = message.shortage ?? shortage(step, requestedMiB(`${message.message} ${message.details ?? ''}`));
    throw known;
  }
}

/** JavaScript's own arrays fail with a RangeError in words. */
function lacksMemory(error: unknown, { code }: ErrorMessage): boolean {
  if (code === 'out_of_memory') return true;
  if (error instanceof RangeError) return /allocation failed|invalid typed array length/i.test(error.message);
  // At a limit a thread's stack cannot be had either, and libraries say what the system said.
  return (
    limitMiB !== null && error instanceof Error && /Cannot allocate memory|Resource temporarily unavailable|bad_alloc/i.test(error.message)
  );
}

/** ONNX Runtime: "Failed to allocate memory for requested buffer of size 12345". */
function requestedMiB(text: string): number | null {
  const bytes = /buffer of size (\d+)/i.exec(text)?.[1];
  return bytes === undefined ? null : Number(bytes) / 2 ** 20;
}
