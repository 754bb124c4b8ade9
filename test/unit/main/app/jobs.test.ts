/** Long work is listed while it lasts, says how long it still takes, and stops when asked. */
import { expect, it, vi } from 'vitest';
import { Jobs } from '../../../../src/main/app/jobs';
import { UserError } from '../../../../src/shared/errors';
import type { Job } from '../../../../src/shared/jobs';

function watched(): { jobs: Jobs; told: Job[][]; clock: { ms: number } } {
  const told: Job[][] = [];
  const clock = { ms: 0 };
  return {
    jobs: new Jobs(
      (list) => told.push(list),
      () => clock.ms,
    ),
    told,
    clock,
  };
}

it('tells progress with the time that is left, and nothing once the work is done', async () => {
  const { jobs, told, clock } = watched();
  const answer = await jobs.run('Copying', async ({ report }) => {
    clock.ms = 2000;
    report(0.25);
    // Too soon after the last one to be told.
    clock.ms = 2010;
    report(0.3);
    return 7;
  });
  expect(answer).toBe(7);
  expect(told.map((list) => list.map(({ fraction, etaSec }) => [fraction, etaSec]))).toEqual([[[null, null]], [[0.25, 6]], []]);
  expect(jobs.list()).toEqual([]);
});

it('stops one of two when asked, and says that it was cancelled whatever the work said', async () => {
  const { jobs } = watched();
  let finishOther = (): void => {};
  const other = jobs.run('Other', () => new Promise<void>((resolve) => (finishOther = resolve)));
  const stopped = jobs.run(
    'Saving',
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('EINTR')))),
  );
  const id = jobs.list().find(({ title }) => title === 'Saving')?.id ?? '';
  jobs.cancel(id);
  expect(jobs.list().find((job) => job.id === id)?.stopping).toBe(true);
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled', message: 'Saving was cancelled.' });
  expect(jobs.list().map(({ title }) => title)).toEqual(['Other']);
  jobs.cancel('job-99');
  finishOther();
  await other;
});

it('passes failures on as they are', async () => {
  const { jobs, told } = watched();
  await expect(jobs.run('Saving', () => Promise.reject(new UserError('The disk is full.', 'no_space')))).rejects.toMatchObject({
    code: 'no_space',
  });
  expect(told.at(-1)).toEqual([]);
});

it('lists work that may be short only once it has lasted', async () => {
  vi.useFakeTimers();
  try {
    const { jobs, told, clock } = watched();
    await jobs.run('Short', async ({ report }) => report(0.5), 300);
    expect(told).toEqual([]);
    let finish = (): void => {};
    const long = jobs.run(
      'Long',
      ({ report }) => {
        clock.ms = 200;
        report(0.5);
        return new Promise<void>((resolve) => (finish = resolve));
      },
      300,
    );
    expect(jobs.list()).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(told.map((list) => list.map(({ title, fraction }) => [title, fraction]))).toEqual([[['Long', 0.5]]]);
    finish();
    await long;
    expect(told.at(-1)).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
