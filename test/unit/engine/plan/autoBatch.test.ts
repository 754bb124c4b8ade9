// The batch of `max_batch_size: auto`: doubled while it pays and fits.
import { describe, expect, it } from 'vitest';
import { growBatch } from '../../../../src/engine/plan/autoBatch';

/** Tries batches whose seconds are given; records which were asked for. */
async function grow(largest: number, seconds: (batch: number) => number | null) {
  const tried: number[] = [];
  const choice = await growBatch(largest, async (batch) => {
    tried.push(batch);
    return seconds(batch);
  });
  return { choice, tried };
}

describe('growBatch', () => {
  it('stops at the first batch whose speed gains less than 3 %, and takes the one before', async () => {
    const { choice, tried } = await grow(64, (batch) => 1 + batch * (batch > 4 ? 1.1 : 1));
    expect(tried).toEqual([1, 2, 4, 8]);
    expect(choice?.batch).toBe(4);
    expect(choice?.reason).toBe('max_batch_size 4: 8 windows at once are only 2 % faster.');
  });

  it('says so where a larger batch is slower', async () => {
    const { choice } = await grow(8, (batch) => batch ** 1.5);
    expect(choice?.reason).toBe('max_batch_size 1: 2 windows at once are 29 % slower.');
  });

  it('counts a batch that gains more than 3 %', async () => {
    const { choice } = await grow(2, (batch) => (batch === 1 ? 1 : 2 / 1.031));
    expect(choice?.batch).toBe(2);
  });

  it('stops where memory ends', async () => {
    const { choice, tried } = await grow(64, (batch) => (batch > 2 ? null : 1));
    expect(tried).toEqual([1, 2, 4]);
    expect(choice?.batch).toBe(2);
    expect(choice?.reason).toContain('4 windows at once do not fit into memory');
  });

  it('never tries more windows than a worker has', async () => {
    const { choice, tried } = await grow(6, () => 1);
    expect(tried).toEqual([1, 2, 4, 6]);
    expect(choice).toEqual({ batch: 6, reason: 'max_batch_size 6: all patches of a worker fit into one batch.' });
    expect((await grow(1, () => 1)).tried).toEqual([1]);
  });

  it('answers null where not even one window fits', async () => {
    expect((await grow(8, () => null)).choice).toBeNull();
  });
});
