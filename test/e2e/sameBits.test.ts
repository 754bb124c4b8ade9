/** The same row on one worker and on two: the same bits, seen in the window and in the files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, openTinyExperiment, type Program, picture, setWindowSize, startProgram } from './program';

const iterations = 3;
const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
solver:
  - PnP:
      denoiser: drunet
      patch_size: [[10, 20, 20]]
      overlap: [[3, 6, 6]]
      max_batch_size: 4
      denoiser_lambda_relaxation: 3000.0
      slurm_gres, slurm_ntasks_per_node: [["gpu:1", 1], ["gpu:2", 2]]
max-runs: ${iterations}
`;

describe('one worker and two', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('run the same row', async () => {
    const { page } = program;
    const run = await openTinyExperiment(program, config, 2);
    await run.click();
    await expect.poll(() => page.locator('.run-row[data-status="done"]').count(), { timeout: 120_000 }).toBe(2);
    await page.locator('.run-page').getByRole('button', { name: 'Provenance' }).click();
    await expect.poll(() => page.locator('.run-page').textContent()).toContain('Network runs onnative fp32');
  });

  it('leave the same volume, bit by bit', async () => {
    const ids = await program.page.locator('.run-row').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.run ?? ''));
    const [one, two] = ids.map((id) => readFileSync(join(home.workspace, 'runs', id, `iterate-000${iterations}.npy`)));
    expect(one?.length).toBeGreaterThan(4 * 40 ** 3);
    expect(two !== undefined && one?.equals(two)).toBe(true);
  });

  it('show a difference of nothing in the viewer', async () => {
    const { page } = program;
    await page.locator('.runs-list').getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('checkbox', { name: 'Difference (d)' }).check();
    await page.locator('.side-panel').getByLabel('Differences end at').waitFor();
    await expect.poll(() => page.locator('canvas[data-drawn^="difference"]').count(), { timeout: 20_000 }).toBe(1);
    const colours = await page.locator('canvas[data-drawn^="difference"]').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')?.getImageData(0, Math.round(canvas.height * 0.45), canvas.width, 1) ?? { data: [] };
      const seen = new Set<string>();
      for (let at = 0; at < data.length; at += 4) seen.add([data[at], data[at + 1], data[at + 2]].join());
      return [...seen];
    });
    // The ground and the colour of no difference; the crosshair's vertical line in the middle adds its own.
    expect(colours.length).toBeLessThan(8);
    await page.keyboard.press('s');
    const box = await page.locator('canvas[data-pane="0"]').first().boundingBox();
    const at = (part: number): [number, number] => [(box?.x ?? 0) + part * (box?.width ?? 0), (box?.y ?? 0) + part * (box?.height ?? 0)];
    await page.mouse.move(...at(0.42));
    await page.mouse.down();
    await page.mouse.move(...at(0.58), { steps: 4 });
    await page.mouse.up();
    const statistics = page.getByRole('region', { name: 'Region statistics' }).locator('tbody tr');
    await expect.poll(() => statistics.count(), { timeout: 20_000 }).toBe(3);
    const numbers = await statistics.evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '').join(' ')),
    );
    expect(numbers[0]).toMatch(/\d/);
    expect(numbers[0]).toBe(numbers[1]);
    await picture(page, 'same-bits');
    expect(program.pageErrors).toEqual([]);
  });
});
