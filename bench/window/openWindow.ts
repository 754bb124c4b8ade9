/** The built program with folders of its own, and clocks that tell how long its two processes were blocked. What is done meanwhile is the benchmark's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright-core';

const root = process.cwd();
/** A press of a key or a frame that waits longer is felt. */
export const feltMs = 50;
export const tickMs = 4;

interface Runtime {
  readonly electronExecutable: string;
  readonly flags: string[];
  readonly env: Record<string, string>;
}

export interface Blocks {
  readonly longestMs: number;
  readonly felt: number;
  readonly ticks: number;
}

/** Returns when the data is read, the grid is planned, and Run can be pressed. `files` are opened at the start. */
export async function openWindow(
  folder: string,
  files: readonly string[] = [],
): Promise<{ app: ElectronApplication; page: Page; usableMs: number }> {
  const runtime = JSON.parse(readFileSync(join(root, 'build', 'runtime.json'), 'utf8')) as Runtime;
  const begin = performance.now();
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const app = await electron.launch({
    executablePath: runtime.electronExecutable,
    args: [...runtime.flags, root, ...files],
    cwd: root,
    env: { ...inherited, ...runtime.env, TOMOBENCH_WORKSPACE: join(folder, 'workspace'), TOMOBENCH_USER_DATA: join(folder, 'profile') },
  });
  const page = await app.firstWindow();
  await page.locator('.topbar .button.primary:enabled').waitFor();
  return { app, page, usableMs: performance.now() - begin };
}

/** Ends the program also in the middle of a run: a signal is asked nothing. */
export async function endProgram(app: ElectronApplication): Promise<void> {
  const ended = app.waitForEvent('close');
  app.process().kill('SIGTERM');
  await ended;
}

/** Starts a ticking clock in the main process and in the page; what is late by more than a tick was blocked. */
export async function watchBlocks(app: ElectronApplication, page: Page): Promise<() => Promise<{ main: Blocks; page: Blocks }>> {
  const tick = (every: number): void => {
    const late: number[] = [];
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      late.push(now - last - every);
      last = now;
    }, every);
    (globalThis as unknown as { lateTicks: number[] }).lateTicks = late;
  };
  await app.evaluate(
    (_electron, source) => {
      // biome-ignore lint/security/noGlobalEval: the same function in two processes
      globalThis.eval(`(${source.text})(${source.every})`);
    },
    { text: tick.toString(), every: tickMs },
  );
  await page.evaluate(tick, tickMs);
  return async () => ({ main: blocksOf(await app.evaluate(lateTicks)), page: blocksOf(await page.evaluate(lateTicks)) });
}

function lateTicks(): number[] {
  return (globalThis as unknown as { lateTicks: number[] }).lateTicks;
}

function blocksOf(late: readonly number[]): Blocks {
  return { longestMs: Math.max(0, ...late), felt: late.filter((ms) => ms > feltMs).length, ticks: late.length };
}

export function printBlocks(blocks: Readonly<Record<string, Blocks>>): void {
  for (const [name, { longestMs, felt, ticks }] of Object.entries(blocks)) {
    print(`  ${name}: longest block ${longestMs.toFixed(0)} ms, ${felt} above ${feltMs} ms, ${ticks} ticks of ${tickMs} ms`);
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
