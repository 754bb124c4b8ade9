/** The rule of `max_batch_size: auto`: grow while it pays and fits; running the batches is the caller's. */

/** A batch that gains less than this in throughput is not worth its memory. */
export const LEAST_GAIN = 0.03;

export interface BatchMeasurement {
  readonly seconds: number;
  readonly memoryMiB: number;
}

export interface BatchChoice {
  readonly batch: number;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Doubles the batch from 1 to at most `largest` (all patches of a rank). `measure` runs one, or answers null where memory ran out; `fits` says
 * beforehand whether one can be tried. Answers the last batch that was worth its memory; null where not even a single window fits.
 */
export async function growBatch(
  largest: number,
  fits: (batch: number) => boolean,
  measure: (batch: number) => Promise<BatchMeasurement | null>,
): Promise<BatchChoice | null> {
  let best: { batch: number; throughput: number } | null = null;
  for (let batch = 1; ; batch = Math.min(2 * batch, largest)) {
    const measured = fits(batch) ? await measure(batch) : null;
    if (measured === null) {
      return best && { batch: best.batch, reason: `${batch} windows at once do not fit into memory.` };
    }
    const throughput = batch / measured.seconds;
    if (best !== null && throughput < best.throughput * (1 + LEAST_GAIN)) {
      const gain = (100 * (throughput / best.throughput - 1)).toFixed(0);
      return { batch: best.batch, reason: `${batch} windows at once change the speed by ${gain} % only.` };
    }
    best = { batch, throughput };
    if (batch >= largest) return { batch, reason: 'All patches of a worker fit into one batch.' };
  }
}
