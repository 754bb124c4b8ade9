/** The Telemetry tab of a run's page, in the real program: a run that goes on, the drawing in both themes, CSV, and runs that have none. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTelemetry } from '../../src/worker/store/telemetryTable';
import {
  answerOpenDialog,
  answerSaveDialog,
  Home,
  type Program,
  picture,
  samples,
  seriousViolations,
  setWindowSize,
  showView,
  startProgram,
  typeConfig,
} from './program';

const config = `# One row that takes some seconds.
objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 50
      geometry_type: conebeam
      use_dataset_sinogram: true
solver:
  - PnP:
      denoiser: drunet
      slurm_gres, slurm_ntasks_per_node, distribute_physics, distribute_denoiser, patch_size, overlap, max_batch_size: [
        ["gpu:2", 2, true, true, [32,48,48], [8,8,8], 1],
      ]
max-runs: 6
n-repetitions: 1
`;

/** Ten seconds of one worker on one of two GPUs, for machines that have none. */
function addGpuTelemetry(workspace: string): void {
  const database = new Sqlite(join(workspace, 'tomobench.sqlite'));
  // As runs of earlier versions are.
  database.exec('DELETE FROM telemetry');
  const run = database.prepare<[], { id: string }>("SELECT id FROM runs WHERE label = 'SIRT'").get();
  const seconds = Array.from({ length: 20 }, (_, moment) => 0.5 * (moment + 1));
  addTelemetry(database, run?.id ?? '', {
    columns: [
      'rank0_memory_mib',
      'rank0_cpu_percent',
      'disk_read_mib_per_sec',
      'disk_written_mib_per_sec',
      ...[0, 1].flatMap((gpu) =>
        ['memory_mib', 'utilisation_percent', 'power_watt', 'temperature_celsius'].map((what) => `gpu${gpu}_${what}`),
      ),
    ],
    time_sec: seconds,
    values: seconds.map((time) => [900, 100, time < 2 ? 400 : 0, 0, 9000 + 10 * time, 97, 310 + time, 50 + time, 500, 0, 60, 35]),
    steps: [
      { time_sec: 0, step: 'open' },
      { time_sec: 2, step: 'gradient' },
    ],
  });
  database.close();
}

describe('telemetry', () => {
  const home = new Home().withExampleResults();
  let program: Program;

  beforeAll(async () => {
    addGpuTelemetry(home.workspace);
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  const tab = () => program.page.locator('.run-page').getByRole('button', { name: 'Telemetry' }).click();
  const menu = (id: string): Promise<void> =>
    program.app.evaluate(({ Menu }, name) => Menu.getApplicationMenu()?.getMenuItemById(name)?.click(), id);

  it('of runs of earlier versions is said to be missing', async () => {
    const { page } = program;
    await showView(page, 'Runs');
    await page.locator('.run-row', { hasText: 'CGLS' }).click();
    await tab();
    await expect.poll(() => page.locator('.run-tab').textContent(), { timeout: 20_000 }).toContain('This run has no telemetry');
  });

  it('of GPUs has panels of its own, with the time below the last of them', async () => {
    const { page } = program;
    await page.locator('.run-row', { hasText: 'SIRT' }).click();
    const plot = page.locator('.telemetry-plot');
    await expect.poll(() => plot.locator('.annotation-text').allTextContents(), { timeout: 20_000 }).toHaveLength(7);
    expect((await plot.locator('.annotation-text').allTextContents()).slice(3)).toEqual([
      'GPU memory (MiB)',
      'GPU utilisation (%)',
      'GPU power (W)',
      'GPU temperature (\u00b0C)',
    ]);
    await setWindowSize(program, 1280, 1400);
    await page.waitForTimeout(900);
    await picture(page, 'telemetry-gpu');
    await setWindowSize(program, 1280, 800);
  });

  it('of a run is drawn while it goes on: steps, memory, processor and disk on one axis', async () => {
    const { page } = program;
    await showView(page, 'Experiment');
    await answerOpenDialog(program, join(samples, 'walnut-mini.pt'));
    await page.keyboard.press('Control+O');
    await expect.poll(() => page.locator('.data-card h2').textContent(), { timeout: 20_000 }).toBe('walnut-mini.pt');
    await typeConfig(page, config);
    const run = page.getByRole('button', { name: 'Run 1 row' });
    await expect.poll(() => run.isEnabled(), { timeout: 20_000 }).toBe(true);
    await run.click();
    await showView(page, 'Runs');
    await page.locator('.run-row', { hasText: 'Running' }).first().click();
    await tab();
    const plot = page.locator('.telemetry-plot');
    await expect.poll(() => plot.locator('g.subplot').count(), { timeout: 60_000 }).toBe(4);
    expect(await page.locator('.run-page .status').textContent()).toContain('Running');
    await expect.poll(() => page.locator('.run-page .status').textContent(), { timeout: 120_000 }).toContain('Done');
    const readings = async (): Promise<number> => Number(/: (\d+) readings/.exec((await plot.getAttribute('aria-label')) ?? '')?.[1]);
    await expect.poll(readings, { timeout: 20_000 }).toBeGreaterThan(10);
    await expect
      .poll(() => plot.locator('.annotation-text').allTextContents())
      .toEqual([expect.stringContaining('Memory of each worker'), expect.stringContaining('Processor'), expect.stringContaining('Disk')]);
    expect(await plot.locator('.barlayer .point').count()).toBeGreaterThan(10);
    // Memory and processor of two ranks, the processor of the rest of the machine, reading and writing.
    expect(await plot.locator('.scatterlayer .trace').count()).toBe(7);
  });

  it.each(['light', 'dark'] as const)('has no serious accessibility problem, %s', async (theme) => {
    const { page } = program;
    await menu(theme === 'dark' ? 'themeDark' : 'themeLight');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
    await page.waitForTimeout(900);
    await picture(page, `telemetry-${theme}`);
    expect(await seriousViolations(page)).toEqual([]);
    // All tabs are in sight.
    const right = async (place: string): Promise<number> =>
      page.locator(place).evaluate((element) => element.getBoundingClientRect().right);
    expect(await right('.run-tabs button:last-child')).toBeLessThan(await right('.run-page'));
  });

  it('is written as CSV, with the step under way at each reading', async () => {
    const { page } = program;
    const file = join(home.folder, 'telemetry');
    await answerSaveDialog(program, file);
    await page.getByRole('button', { name: 'Save as CSV...' }).click();
    await expect.poll(() => page.locator('.toast').allTextContents(), { timeout: 20_000 }).toEqual([expect.stringContaining('Wrote')]);
    const [header, ...lines] = readFileSync(`${file}.csv`, 'utf8').trimEnd().split('\n');
    expect(header).toContain('time_sec,step,rank0_memory_mib,rank1_memory_mib');
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.some((line) => line.includes(',denoise,'))).toBe(true);
    expect(program.pageErrors).toEqual([]);
  });

  it('stands beside what the run was made with: configuration as written, digests, versions, seeds, warm-up apart', async () => {
    const page = program.page.locator('.run-page');
    await page.getByRole('button', { name: 'Provenance' }).click();
    await page.getByText('Configuration as written').click();
    expect(await page.locator('details pre').textContent()).toBe(config);
    const facts = Object.fromEntries(
      await page
        .locator('table.plain-table tr')
        .evaluateAll((lines) =>
          lines.map((line) => [line.querySelector('th')?.textContent ?? '', line.querySelector('td')?.textContent ?? '']),
        ),
    );
    expect(facts).toMatchObject({
      'Data SHA-256': expect.stringMatching(/^[0-9a-f]{64}$/),
      'Network SHA-256': expect.stringMatching(/^[0-9a-f]{64}$/),
      'Devices by rank': 'cpu, cpu',
      "The network's warm-up": expect.stringMatching(/^\d+\.\d\d s$/),
      'Seed of the norm': expect.stringMatching(/^\d+$/),
    });
    for (const version of ['tomobench', 'native_api', 'onnxruntime']) expect(facts[version]).toMatch(/\d/);
    await picture(program.page, 'provenance');
  });
});
