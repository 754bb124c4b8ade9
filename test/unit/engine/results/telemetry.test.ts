// Telemetry as it is shown and exported.
import { expect, it } from 'vitest';
import { stepSpans, telemetryCsv, telemetryPanels, thinTelemetry } from '../../../../src/engine/results/telemetry';
import type { Telemetry } from '../../../../src/shared/runs';

const telemetry: Telemetry = {
  columns: ['rank10_memory_mib', 'rank2_memory_mib', 'disk_written_mib_per_sec', 'gpu0_power_watt'],
  time_sec: [0.5, 1, 1.25, 2],
  values: [
    [100, 90, null, 60.5],
    [110, 95, 4, 61],
    [300, 95, null, 62],
    [120, 95, 2, null],
  ],
  steps: [
    { time_sec: 0.75, step: 'gradient' },
    { time_sec: 1.1, step: 'denoise' },
  ],
};

it('has a panel for each kind of value, with its series in the order of their numbers and without what is not known', () => {
  expect(telemetryPanels(telemetry).map(({ title, unit, series }) => [title, unit, series.map(({ label }) => label)])).toEqual([
    ['Memory of each worker', 'MiB', ['rank 2', 'rank 10']],
    ['Disk', 'MiB/s', ['written']],
    ['GPU power', 'W', ['GPU 0']],
  ]);
  expect(telemetryPanels(telemetry)[1]?.series[0]).toEqual({ label: 'written', time_sec: [1, 2], values: [4, 2] });
  expect(telemetryPanels({ columns: [], time_sec: [], values: [], steps: [] })).toEqual([]);
});

it('lets a step last until the next one begins, and the last until the last reading', () => {
  expect(stepSpans(telemetry)).toEqual([
    { step: 'gradient', start: 0.75, end: 1.1 },
    { step: 'denoise', start: 1.1, end: 2 },
  ]);
});

it('leaves out what was not known yet of a step that has ended since', () => {
  const steps = [...telemetry.steps.slice(0, 1), { time_sec: 1.1, step: 'unfinished' }, ...telemetry.steps.slice(1)];
  expect(stepSpans({ ...telemetry, steps })).toEqual(stepSpans(telemetry));
  expect(stepSpans({ ...telemetry, time_sec: [] }).map(({ step }) => step)).toEqual(['gradient']);
});

it('keeps every peak when there are more moments than a screen has room for', () => {
  expect(thinTelemetry(telemetry, 4)).toEqual(telemetry);
  expect(thinTelemetry(telemetry, 2)).toEqual({
    ...telemetry,
    time_sec: [0.5, 1.25],
    values: [
      [110, 95, 4, 61],
      [300, 95, 2, 62],
    ],
  });
  expect(thinTelemetry(telemetry, 1).steps).toEqual([{ time_sec: 1.1, step: 'denoise' }]);
});

it('is written as CSV with the step under way at each moment', () => {
  expect(telemetryCsv(telemetry)).toBe(
    [
      'time_sec,step,rank10_memory_mib,rank2_memory_mib,disk_written_mib_per_sec,gpu0_power_watt',
      '0.500,,100,90,,60.5',
      '1.000,gradient,110,95,4,61',
      '1.250,denoise,300,95,,62',
      '2.000,denoise,120,95,2,',
      '',
    ].join('\n'),
  );
});
