/** Starts the built program with a workspace and a profile of its own, and gathers what must not happen in the page. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type ElectronApplication, _electron as electron, type Locator, type Page } from 'playwright-core';
import { z } from 'zod';

export const repository = resolve(import.meta.dirname, '../..');
export const samples = join(repository, 'resources', 'samples');
const resultsFolder = join(repository, 'test-results');

const runtimeSchema = z.object({ electronExecutable: z.string(), flags: z.array(z.string()), env: z.record(z.string(), z.string()) });

/** Folders that outlive a restart of the program. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'tomobench-e2e-'));

  get workspace(): string {
    return join(this.folder, 'workspace');
  }

  /** Puts finished runs into the workspace, before the program starts. */
  withExampleResults(): this {
    cpSync(join(repository, 'resources', 'examples', 'results'), this.workspace, { recursive: true });
    return this;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Program {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Errors of the page's console and uncaught exceptions; policy violations are among them. */
  readonly pageErrors: string[];
}

export async function startProgram(home: Home): Promise<Program> {
  const { electronExecutable, flags, env } = runtimeSchema.parse(
    JSON.parse(readFileSync(join(repository, 'build', 'runtime.json'), 'utf8')),
  );
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const app = await electron.launch({
    executablePath: electronExecutable,
    args: [...flags, repository],
    cwd: repository,
    env: { ...inherited, ...env, TOMOBENCH_WORKSPACE: join(home.folder, 'workspace'), TOMOBENCH_USER_DATA: join(home.folder, 'profile') },
    timeout: 60_000,
  });
  const page = await app.firstWindow();
  await answerQuitQuestion(app, 'last');
  const pageErrors: string[] = [];
  page.on('pageerror', (error) => pageErrors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') pageErrors.push(message.text());
  });
  // Either the window or the sentence that says why there is none.
  await page.waitForSelector('.shell, .empty');
  if ((await page.locator('.shell').count()) === 0) {
    const sentence = await page.locator('.empty').textContent();
    await app.close();
    throw new Error(`The program did not start: ${sentence}`);
  }
  return { app, page, pageErrors };
}

/** The question whether to quit over runs is answered with this button, so that closing never waits for somebody; other messages are shown. */
export async function answerQuitQuestion(app: ElectronApplication, button: number | 'last'): Promise<void> {
  await app.evaluate(({ dialog }, answer) => {
    const box = dialog as unknown as {
      showMessageBox: (...given: unknown[]) => Promise<{ response: number }>;
      asked?: object[];
      shown?: unknown;
    };
    const asked: object[] = [];
    box.asked = asked;
    box.shown ??= box.showMessageBox;
    box.showMessageBox = async (...given) => {
      const options = given.at(-1) as { buttons?: string[] };
      if (!options.buttons?.includes('Keep Running')) return (box.shown as typeof box.showMessageBox)(...given);
      asked.push(options);
      return { response: answer === 'last' ? options.buttons.length - 1 : answer };
    };
  }, button);
}

/** The messages of the questions that were asked since the answer to them was set. */
export function quitQuestions(app: ElectronApplication): Promise<string[]> {
  return app.evaluate(({ dialog }) => (dialog as unknown as { asked: { message: string }[] }).asked.map(({ message }) => message));
}

export async function setWindowSize({ app }: Program, width: number, height: number): Promise<void> {
  await app.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height), {
    width,
    height,
  });
}

/** The next open dialog answers with this file. */
export async function answerOpenDialog({ app }: Program, file: string): Promise<void> {
  await app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
  }, file);
}

/** The next save dialog answers with this file. */
export async function answerSaveDialog({ app }: Program, file: string): Promise<void> {
  await app.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath: path });
  }, file);
}

/** Clicks the n-th point of a figure's series, counted from 0. */
export async function clickPoint({ page }: Program, figure: string, index: number, modifiers: ('Shift' | 'Control')[] = []): Promise<void> {
  const point = page.locator(`[data-figure="${figure}"] .scatterlayer path.point`).nth(index);
  await point.waitFor({ timeout: 20_000 });
  const box = await point.boundingBox();
  if (box === null) throw new Error('The point has no place.');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x - 2, y - 2);
  await page.mouse.move(x, y);
  for (const key of modifiers) await page.keyboard.down(key);
  await page.mouse.click(x, y);
  for (const key of modifiers) await page.keyboard.up(key);
}

/** Chooses the format in the export dialog and writes. */
export async function saveAs({ page }: Program, format: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: format, exact: true }).click();
  await dialog.locator('.button.primary').click();
}

/** A picture for people in test-results/, which git ignores. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(resultsFolder, { recursive: true });
  await page.screenshot({ path: join(resultsFolder, `${name}.png`) });
}

export async function showView(page: Page, name: 'Experiment' | 'Runs' | 'Viewer' | 'Charts'): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name }).click();
}

/** Puts a text into the YAML editor as somebody who types over all of it. */
export async function typeConfig(page: Page, text: string): Promise<void> {
  await page.locator('.yaml-editor .cm-content').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** Opens the small walnut through the dialog and types a configuration; answers the button that runs its rows, once it can be pressed. */
export async function openTinyExperiment(program: Program, config: string, rows: number): Promise<Locator> {
  const { page } = program;
  await showView(page, 'Experiment');
  await answerOpenDialog(program, join(samples, 'walnut-tiny.pt'));
  await page.locator('.data-card').getByRole('button', { name: 'Open data...' }).click();
  await page.locator('.data-card', { hasText: 'walnut-tiny.pt' }).waitFor({ timeout: 20_000 });
  await typeConfig(page, config);
  const run = page.locator('.topbar .button.primary:enabled', { hasText: rows === 1 ? 'Run 1 row' : `Run ${rows} rows` });
  await run.waitFor({ timeout: 30_000 });
  return run;
}

/** What axe finds serious or critical: rule and place. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}
