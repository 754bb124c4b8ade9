/** The window's program is killed at each step of an iteration; each next start offers to go on, and the run ends with the bits of one that nobody disturbed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Home, openTinyExperiment, type Program, picture, setWindowSize, showView, startProgram } from './program';

const iterations = 24;
const config = `dataset:
  - tomography_3d: {num_operators: 2, num_projections: 20}
solver:
  - PnP: {slurm_gres: "gpu:1", denoiser_sigma: 0.05, denoiser_lambda_relaxation: 1000.0, max_batch_size: 4, patch_size: [[20, 24, 24]], overlap: [[6, 4, 4]]}
max-runs: ${iterations}
`;

/** The program kills itself, as kill -9 does, just before it sends the n-th request of a method to a worker. */
function killBefore({ app }: Program, method: string, nth: number): Promise<void> {
  return app.evaluate(
    ({ utilityProcess }, wanted) => {
      const { fork } = utilityProcess;
      let seen = 0;
      let watching = false;
      utilityProcess.fork = (...parts: Parameters<typeof fork>) => {
        const child = fork(...parts);
        // Workers that run already share the prototype.
        const kind = Object.getPrototypeOf(child) as typeof child;
        const { postMessage } = kind;
        if (!watching)
          kind.postMessage = function (message: { method?: string }, ...rest) {
            if (message.method === wanted.method && ++seen === wanted.nth) process.kill(process.pid, 'SIGKILL');
            return postMessage.call(this, message, ...rest);
          };
        watching = true;
        return child;
      };
    },
    { method, nth },
  );
}

describe("the window's program killed", () => {
  const home = new Home();
  let program: Program | undefined;
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  /** Newest experiment first. */
  const statuses = ({ page }: Program): Promise<string[]> => page.locator('.run-row .status').allTextContents();
  const lastIterates = (): Buffer[] => {
    const folder = join(home.workspace, 'runs');
    const name = `iterate-${String(iterations).padStart(4, '0')}.npy`;
    return readdirSync(folder).map((run) => readFileSync(join(folder, run, name)));
  };

  it('at each step of an iteration goes on with the same bits when it is asked to', async () => {
    let current = await startProgram(home);
    program = current;
    await setWindowSize(current, 1280, 800);
    const run = await openTinyExperiment(current, config, 1);
    await run.click();
    await showView(current.page, 'Runs');
    await expect.poll(() => statuses(current), { timeout: 60_000 }).toEqual(['Done']);
    await showView(current.page, 'Experiment');

    let begin = (): Promise<void> => run.click();
    for (const [method, nth] of [
      ['updateRun', 1],
      ['prepare', 1],
      ['warmUp', 1],
      ['project', 10],
      ['reduce', 10],
      ['combine', 20],
      ['denoise', 3],
      ['score', 3],
      ['save', 3],
      ['addIteration', 3],
    ] as const) {
      await killBefore(current, method, nth);
      const killed = current.app.waitForEvent('close', { timeout: 60_000 });
      await begin();
      await killed;
      current = await startProgram(home);
      program = current;
      await setWindowSize(current, 1280, 800);
      const offer = current.page.locator('.toast', { hasText: 'TomoBench ended unexpectedly' });
      await expect.poll(() => offer.textContent(), { timeout: 20_000 }).toContain('with 1 run under way.');
      await showView(current.page, 'Runs');
      await expect.poll(() => statuses(current), { timeout: 20_000 }).toEqual(['Failed', 'Done']);
      if (method === 'denoise') await picture(current.page, 'killed-offer');
      begin = () => offer.getByRole('button', { name: 'Go on with it' }).click();
    }
    await begin();
    await expect.poll(() => statuses(current), { timeout: 60_000 }).toEqual(['Done', 'Done']);
    expect(await current.page.locator('.toast').count()).toBe(0);
    const [undisturbed, killedOften] = lastIterates();
    expect(killedOften).toBeDefined();
    expect(killedOften?.equals(undisturbed ?? Buffer.alloc(0))).toBe(true);
    expect(current.pageErrors).toEqual([]);
  });
});
