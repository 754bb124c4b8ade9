/** The window is closed over runs: what is asked, and what each answer does, read back after the next start. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answerQuitQuestion,
  Home,
  openTinyExperiment,
  type Program,
  quitQuestions,
  setWindowSize,
  showView,
  startProgram,
} from './program';

const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 2
      num_projections: 20
solver:
  - PnP:
      denoiser: drunet
      denoiser_sigma: [0.05, 0.1]
      max_batch_size: 4
      patch_size: [[20, 24, 24]]
      overlap: [[6, 4, 4]]
max-runs: 500
`;

describe('closing the window over runs', () => {
  const home = new Home();
  let program: Program;

  /** Two rows of 500 iterations, the first of which is under way. */
  const runTwoRows = async (): Promise<void> => {
    const { page } = program;
    await (await openTinyExperiment(program, config, 2)).click();
    await showView(page, 'Runs');
    await expect.poll(() => page.locator('.run-page .outcome').textContent(), { timeout: 60_000 }).toMatch(/Iteration[1-9]\d* of 500/);
  };
  const closeWindow = (): Promise<void> => program.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  const statuses = async (): Promise<string[]> => {
    program = await startProgram(home);
    await showView(program.page, 'Runs');
    await expect.poll(() => program.page.locator('.run-row').count(), { timeout: 20_000 }).toBeGreaterThan(0);
    return program.page.locator('.run-row .status').allTextContents();
  };

  beforeEach(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
    await runTwoRows();
  });
  afterEach(async () => {
    await program.app.close();
  });
  afterAll(() => home.remove());

  it('asks; "Keep Running" keeps both, "Finish This Iteration and Quit" keeps the first as done', async () => {
    await answerQuitQuestion(program.app, 0);
    await closeWindow();
    await expect.poll(() => quitQuestions(program.app)).toEqual(['A run is under way and 1 run is waiting.']);
    expect(await program.page.locator('.run-page .outcome').textContent()).toMatch(/Iteration\d+ of 500/);

    await answerQuitQuestion(program.app, 1);
    const ended = program.app.waitForEvent('close', { timeout: 60_000 });
    await closeWindow();
    await ended;
    expect((await statuses()).slice(0, 2).sort()).toEqual(['Cancelled', 'Done early']);
  });

  it('"Cancel the Run and Quit" cancels both; a signal ends the program without a question', async () => {
    await answerQuitQuestion(program.app, 2);
    const ended = program.app.waitForEvent('close', { timeout: 60_000 });
    await closeWindow();
    await ended;
    expect((await statuses()).slice(0, 2)).toEqual(['Cancelled', 'Cancelled']);

    await runTwoRows();
    const killed = program.app.waitForEvent('close', { timeout: 60_000 });
    await answerQuitQuestion(program.app, 0);
    program.app.process().kill('SIGTERM');
    await killed;
    expect((await statuses()).slice(0, 2)).toEqual(['Cancelled', 'Cancelled']);
  });
});
