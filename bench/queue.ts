/** A thousand rows queued in the window: until the queue is seen, how long either process is blocked meanwhile, and how soon a result is on disk. --profile names what they are busy with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Page } from 'playwright-core';
import type { EventPayload, TomobenchApi } from '../src/shared/contract';
import { endProgram, openWindow, print, printBlocks, watchBlocks } from './window/openWindow';
import { startProfiles } from './window/profilers';

const sigmas = 40;
const lambdas = 25;
const rows = sigmas * lambdas;
const restMs = 4000;
const afterMs = 5000;
const runSeconds = 30;
const lookMs = 5;

const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
solver:
  - PnP:
      denoiser: drunet
      denoiser_sigma: [${Array.from({ length: sigmas }, (_, index) => (0.02 + index * 0.001).toFixed(3)).join(', ')}]
      denoiser_lambda_relaxation: [${Array.from({ length: lambdas }, (_, index) => 100 * (index + 1)).join(', ')}]
      max_batch_size: 4
      patch_size: [[20, 24, 24]]
      overlap: [[6, 4, 4]]
max-runs: 5
`;

interface Told {
  readonly runId: string;
  readonly iteration: number;
  /** When the page last heard of its denoising, which is the last step but one; milliseconds since 1970. */
  readonly computedAt: number;
}

/** Presses Run and counts, in the page itself, until the frame that shows the queue. Milliseconds. */
function pressRun(page: Page): Promise<number> {
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const begin = performance.now();
        document.querySelector<HTMLButtonElement>('.topbar .button.primary')?.click();
        const look = (): void => {
          const shown = document.querySelector('.runs-list h2')?.textContent?.startsWith(`${wanted} runs`);
          if (shown && document.querySelector('.run-row') !== null) resolve(performance.now() - begin);
          else requestAnimationFrame(look);
        };
        look();
      }),
    rows,
  );
}

/** Gathers in the page when each iterate was computed. */
function gatherIterations(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { tomobench } = window as unknown as { tomobench: TomobenchApi };
    const told: Told[] = [];
    let computedAt = 0;
    (globalThis as unknown as { told: Told[] }).told = told;
    tomobench.on('run.progress', ({ step }: EventPayload<'run.progress'>) => {
      if (step === 'denoise') computedAt = Date.now();
    });
    tomobench.on('run.iteration', ({ runId, iteration }: EventPayload<'run.iteration'>) => {
      told.push({ runId, iteration: iteration.iteration, computedAt });
    });
  });
}

/** When a reader of its own first finds each iteration in the database, milliseconds since 1970. */
async function watchDatabase(file: string, seconds: number): Promise<ReadonlyMap<string, number>> {
  const database = new Sqlite(file, { readonly: true });
  const all = database.prepare<[], { run_id: string; iteration: number }>('SELECT run_id, iteration FROM iterations');
  // What was there before it was looked at has no time of its own.
  const known = new Set(all.all().map(({ run_id, iteration }) => `${run_id} ${iteration}`));
  const found = new Map<string, number>();
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    for (const { run_id, iteration } of all.all()) {
      const name = `${run_id} ${iteration}`;
      if (known.has(name)) continue;
      known.add(name);
      found.set(name, Date.now());
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  database.close();
  return found;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-bench-queue-'));
  try {
    const configFile = join(folder, 'thousand.yml');
    writeFileSync(configFile, config);
    const { app, page } = await openWindow(folder, [join(process.cwd(), 'resources', 'samples', 'walnut-tiny.pt'), configFile]);
    await page.locator('.topbar .button.primary:enabled', { hasText: `${rows} rows` }).waitFor();
    // What the rows need is foretold meanwhile, as before a person presses Run.
    await page.waitForTimeout(restMs);
    await gatherIterations(page);
    const blocks = await watchBlocks(app, page);
    const printProfiles = await startProfiles(app, page);
    const shownMs = await pressRun(page);
    await page.waitForTimeout(afterMs);
    const found = await blocks();
    print(`${rows} rows queued: shown after ${shownMs.toFixed(0)} ms (target below 100)`);
    print(`from pressing Run to ${afterMs / 1000} s after the queue is shown (target at most 50 ms):`);
    printBlocks(found);
    await printProfiles();

    const onDisk = await watchDatabase(join(folder, 'workspace', 'tomobench.sqlite'), runSeconds);
    const told = await page.evaluate(() => (globalThis as unknown as { told: Told[] }).told);
    const delays = told
      // The start of a run is not denoised.
      .filter(({ iteration }) => iteration > 0)
      .flatMap(({ runId, iteration, computedAt }) => {
        const seen = onDisk.get(`${runId} ${iteration}`);
        return seen === undefined ? [] : [seen - computedAt];
      })
      .toSorted((a, b) => a - b);
    const ms = (value: number | undefined): string => (value === undefined ? 'unknown' : `${value.toFixed(0)} ms`);
    print(
      `from the end of denoising to a record that others can read, scored and with its volume saved: median ${ms(delays[Math.floor(delays.length / 2)])}, longest ${ms(delays.at(-1))} of ${delays.length} iterations (target at most 1000 ms)`,
    );
    await endProgram(app);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
