/** The rule of `max_batch_size: auto`: grow while it pays and fits; running the batches is the caller's. */

/** A batch that gains less than this in throughput is not worth its memory. */
const LEAST_GAIN = 0.03;

export interface BatchChoice {
  readonly batch: number;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Doubles the batch from 1 to at most `largest` (all patches of a rank). `measure` answers the seconds of one, or null where it does not fit.
 * Answers the last batch that was worth its memory; null where not even a single window fits.
 */
export async function growBatch(largest: number, measure: (batch: number) => Promise<number | null>): Promise<BatchChoice | null> {
  let best: { batch: number; throughput: number } | null = null;
  for (let batch = 1; ; batch = Math.min(2 * batch, largest)) {
    const seconds = await measure(batch);
    if (seconds === null)
      return best && { batch: best.batch, reason: `max_batch_size ${best.batch}: ${batch} windows at once do not fit into memory.` };
    const throughput = batch / seconds;
    if (best !== null && throughput < best.throughput * (1 + LEAST_GAIN)) {
      const gainPercent = Math.round(100 * (throughput / best.throughput - 1));
      const change = gainPercent < 0 ? `are ${-gainPercent} % slower` : `are only ${gainPercent} % faster`;
      return { batch: best.batch, reason: `max_batch_size ${best.batch}: ${batch} windows at once ${change}.` };
    }
    best = { batch, throughput };
    if (batch >= largest) return { batch, reason: `max_batch_size ${batch}: all patches of a worker fit into one batch.` };
  }
}
