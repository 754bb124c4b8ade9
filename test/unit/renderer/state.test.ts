/** The window's own logic: caches, row windows, order of runs, gathered events, texts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBudgetCache } from '../../../src/renderer/api/byteBudgetCache';
import { offerInterrupted } from '../../../src/renderer/state/runActions';
import { nextSort, sortRuns } from '../../../src/renderer/state/runSort';
import { applyRunEvents, chartRunIds, orderRuns, setSelected, tickRange, useRuns } from '../../../src/renderer/state/runsStore';
import { useWindow } from '../../../src/renderer/state/windowStore';
import { changedSpan } from '../../../src/renderer/views/experiment/changedSpan';
import { bytesText, durationText, measuredTimeText, valueText } from '../../../src/renderer/views/parts/text';
import { rowWindow } from '../../../src/renderer/views/parts/useRowWindow';
import { makeIteration, makeRow, makeRun, withIterations } from './runs';

it('changedSpan turns one text into the other, and is null for equal ones', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const span = changedSpan(before, after);
      if (span === null) expect(after).toBe(before);
      else expect(before.slice(0, span.from) + span.insert + before.slice(span.to)).toBe(after);
    }),
  );
});

it('a cache drops what was used longest ago and stays within its bytes', () => {
  const cache = new ByteBudgetCache<string>(10, (text) => text.length);
  cache.set('a', 'aaaa');
  cache.set('b', 'bbbb');
  cache.get('a');
  cache.set('c', 'cccc');
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toBe('aaaa');
  expect(cache.usedBytes).toBe(8);
});

it('only rows around the screen are in the page, and the heights add up', () => {
  for (const top of [0, 320, 31_000, 1e9]) {
    const { first, last, before, after } = rowWindow(top, 600, 1000, 32);
    expect(last - first).toBeLessThanOrEqual(50);
    expect(before + (last - first) * 32 + after).toBe(32_000);
  }
  expect(rowWindow(0, 600, 3, 32)).toEqual({ first: 0, last: 3, before: 0, after: 0 });
});

describe('runs', () => {
  const older = makeRun('old', makeRow(0, 4), { experiment_id: 'one', created_at: '2026-01-01T10:00:00.000Z' });
  const second = makeRun('new-2', makeRow(1, 2), { experiment_id: 'two', created_at: '2026-01-02T10:00:00.000Z', status: 'running' });
  const first = makeRun('new-1', makeRow(0, 4), { experiment_id: 'two', created_at: '2026-01-02T10:00:00.000Z' });

  it('are ordered by experiment, newest first, and by row inside', () => {
    expect(orderRuns([second, older, first])).toEqual(['new-1', 'new-2', 'old']);
  });

  it('are drawn as ticked, else the newest experiment', () => {
    const runs = new Map([older, first, second].map((run) => [run.id, run]));
    const order = orderRuns(runs.values());
    expect(chartRunIds({ order, runs, selected: new Set() })).toEqual(['new-1', 'new-2']);
    expect(chartRunIds({ order, runs, selected: new Set(['old']) })).toEqual(['old']);
  });

  it('are sorted by a column, those without a value last in both directions', () => {
    const measured = [
      makeRun('b', makeRow(0, 4), { psnr: 20, label: 'batch 10' }),
      makeRun('none', makeRow(1, 4), { psnr: null, label: 'batch 3' }),
      makeRun('a', makeRow(2, 4), { psnr: 30, label: 'batch 2' }),
      makeRun('c', makeRow(3, 4), { psnr: 20, label: 'batch 1' }),
    ];
    const runs = new Map(measured.map((run) => [run.id, run]));
    const order = measured.map(({ id }) => id);
    expect(sortRuns(order, runs, { column: 'psnr', descending: true })).toEqual(['a', 'b', 'c', 'none']);
    expect(sortRuns(order, runs, { column: 'psnr', descending: false })).toEqual(['b', 'c', 'a', 'none']);
    expect(sortRuns(order, runs, { column: 'name', descending: false })).toEqual(['c', 'a', 'none', 'b']);
    expect(sortRuns(order, runs, null)).toBe(order);
  });

  it('are sorted best first, then the other way round, then not at all', () => {
    const bySeconds = nextSort(null, 'time');
    expect(bySeconds).toEqual({ column: 'time', descending: false });
    expect(nextSort(bySeconds, 'time')).toEqual({ column: 'time', descending: true });
    expect(nextSort({ column: 'time', descending: true }, 'time')).toBeNull();
    expect(nextSort(bySeconds, 'psnr')).toEqual({ column: 'psnr', descending: true });
  });

  it('are ticked as a range, and unticked as one', () => {
    const order = ['a', 'b', 'c', 'd', 'e'];
    setSelected([]);
    tickRange(order, 'b', 'b');
    tickRange(order, 'b', 'd');
    expect([...useRuns.getState().selected]).toEqual(['b', 'c', 'd']);
    tickRange(order, 'd', 'c');
    expect([...useRuns.getState().selected]).toEqual(['b']);
    // What was ticked before has been filtered away since.
    tickRange(order, 'gone', 'e');
    expect([...useRuns.getState().selected]).toEqual(['b', 'e']);
    setSelected([]);
  });

  it('that a dead program left are offered once: those under way, those waiting, none that ended otherwise', () => {
    const left = { stop_reason: null, error: { message: 'The program ended.', details: null } };
    const underWay = makeRun('under-way', makeRow(0, 4), { ...left, status: 'failed' });
    const waiting = ['w1', 'w2'].map((id, index) => makeRun(id, makeRow(index + 1, 4), { ...left, status: 'cancelled' }));
    const offered = (ids: string[], all = [underWay, ...waiting, older]): string[] => {
      useWindow.setState({ toasts: [] });
      useRuns.setState({ runs: new Map(all.map((run) => [run.id, run])), order: all.map(({ id }) => id) });
      offerInterrupted(ids);
      return useWindow.getState().toasts.map(({ message, offer }) => `${message} [${offer?.label}]`);
    };
    const sentence = (what: string): string => `TomoBench ended unexpectedly with ${what}. Iterates that were kept are still here.`;
    expect(offered(['under-way', 'w1', 'w2'])).toEqual([`${sentence('1 run under way and 2 runs waiting')} [Go on with all 3]`]);
    expect(offered(['under-way'])).toEqual([`${sentence('1 run under way')} [Go on with it]`]);
    expect(offered(['w1', 'w2'])).toEqual([`${sentence('2 runs waiting')} [Go on with all 2]`]);
    expect(offered(['old', 'gone'])).toEqual([]);
    expect(offered(['under-way'], [{ ...underWay, status: 'running' }])).toEqual([]);
  });

  it('take events in one step: changes, iterations once each, removal', () => {
    useRuns.setState({
      runs: new Map([[second.id, second]]),
      order: ['new-2'],
      details: new Map([[second.id, withIterations(second, [])]]),
    });
    const none = { changed: new Map(), iterations: [], progress: new Map(), log: [], removed: [] };
    applyRunEvents({
      ...none,
      changed: new Map([[second.id, { ...second, psnr: 30 }]]),
      iterations: [makeIteration(1, 21), makeIteration(0, 20), makeIteration(1, 21)].map((iteration) => ({ runId: second.id, iteration })),
      log: [{ runId: second.id, line: 'a line' }],
    });
    const detail = useRuns.getState().details.get(second.id);
    expect(detail?.iterations.map(({ iteration }) => iteration)).toEqual([0, 1]);
    expect(detail?.psnr).toBe(30);
    expect(detail?.log).toEqual(['a line']);
    applyRunEvents({ ...none, removed: [second.id] });
    expect(useRuns.getState().order).toEqual([]);
    expect(useRuns.getState().details.size).toBe(0);
  });
});

it('numbers read well', () => {
  expect(durationText(0.01234)).toBe('12 ms');
  expect(durationText(3.24)).toBe('3.2 s');
  expect(durationText(64)).toBe('1 min 04 s');
  expect(durationText(7800)).toBe('2 h 10 min');
  expect([0, 0.00742, 0.1418, 0.9996, 1.678, 9.996, 12.34, 59.96].map(measuredTimeText)).toEqual([
    '0 ms',
    '7.4 ms',
    '142 ms',
    '1.00 s',
    '1.68 s',
    '10.0 s',
    '12.3 s',
    '1 min 00 s',
  ]);
  expect(bytesText(4.2e9)).toBe('3.9 GiB');
  expect(valueText(0.0234567)).toBe('0.02346');
});
