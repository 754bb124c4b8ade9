// A worker is given up only when it has been silent for the limit while this program was awake.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Heartbeat, hangLimitSeconds } from '../../../../src/main/processes/heartbeat';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks again and again, and gives up once, after the limit', () => {
  const [ask, giveUp] = [vi.fn(), vi.fn()];
  const heartbeat = new Heartbeat(ask, giveUp);
  vi.advanceTimersByTime(119_000);
  expect(ask.mock.calls.length).toBeGreaterThanOrEqual(7);
  expect(giveUp).not.toHaveBeenCalled();
  vi.advanceTimersByTime(600_000);
  expect(giveUp).toHaveBeenCalledOnce();
  expect(heartbeat.silentSeconds).toBeGreaterThan(120);
});

it('never gives up one that answers, however long its work takes', () => {
  const giveUp = vi.fn();
  const heartbeat: Heartbeat = new Heartbeat(() => heartbeat.heard(), giveUp);
  vi.advanceTimersByTime(3_600_000);
  expect(giveUp).not.toHaveBeenCalled();
  expect(heartbeat.silentSeconds).toBeNull();
  heartbeat.stop();
});

it('blames nobody for the time this program itself stood still', () => {
  const giveUp = vi.fn();
  const heartbeat = new Heartbeat(() => {}, giveUp);
  vi.advanceTimersByTime(60_000);
  // A suspended computer: the clock goes on, no timer fires.
  vi.setSystemTime(Date.now() + 3_600_000);
  const awake = performance.now() + 3_600_000;
  const clock = vi.spyOn(performance, 'now').mockReturnValue(awake);
  vi.advanceTimersByTime(15_000);
  clock.mockRestore();
  expect(giveUp).not.toHaveBeenCalled();
  heartbeat.stop();
});

it('the limit is a positive number of seconds', () => {
  expect(hangLimitSeconds({ TOMOBENCH_HANG_SECONDS: '2.5' })).toBe(2.5);
  for (const odd of [undefined, '', '0', '-3', 'soon']) expect(hangLimitSeconds({ TOMOBENCH_HANG_SECONDS: odd })).toBe(120);
});
