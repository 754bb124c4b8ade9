/** The window's responsiveness: start to usable, and the longest time either of its processes is blocked while a grid runs. --profile names what they are busy with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright-core';
import { busyStretches, type CpuProfile } from './window/busyStretches';

const root = process.cwd();
const starts = 5;
const runSeconds = 60;
/** A press of a key or a frame that waits longer is felt. */
const feltMs = 50;
const tickMs = 4;
const restMs = 4000;

interface Runtime {
  readonly electronExecutable: string;
  readonly flags: string[];
  readonly env: Record<string, string>;
}

interface Blocks {
  readonly longestMs: number;
  readonly felt: number;
  readonly ticks: number;
}

const runtime = JSON.parse(readFileSync(join(root, 'build', 'runtime.json'), 'utf8')) as Runtime;
const profiles = process.argv.includes('--profile');

async function launch(folder: string): Promise<{ app: ElectronApplication; page: Page; usableMs: number }> {
  const begin = performance.now();
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const app = await electron.launch({
    executablePath: runtime.electronExecutable,
    args: [...runtime.flags, root],
    cwd: root,
    env: { ...inherited, ...runtime.env, TOMOBENCH_WORKSPACE: join(folder, 'workspace'), TOMOBENCH_USER_DATA: join(folder, 'profile') },
  });
  const page = await app.firstWindow();
  // Usable: the data is read, the grid is planned, and Run can be pressed.
  await page.locator('.topbar .button.primary:enabled').waitFor();
  return { app, page, usableMs: performance.now() - begin };
}

/** Starts a ticking clock in the main process and in the page; what is late by more than a tick was blocked. */
async function watch(app: ElectronApplication, page: Page): Promise<void> {
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
}

function blocksOf(late: readonly number[]): Blocks {
  return { longestMs: Math.max(0, ...late), felt: late.filter((ms) => ms > feltMs).length, ticks: late.length };
}

/** What the inspector of a process is asked; the answer to the second is its profile. */
interface Profiler {
  start(): Promise<void>;
  stop(): Promise<CpuProfile>;
}

function profilerOfMain(app: ElectronApplication): Profiler {
  return {
    start: () =>
      app.evaluate(async () => {
        const inspector: typeof import('node:inspector') = process.mainModule?.require('node:inspector');
        const session = new inspector.Session();
        session.connect();
        (globalThis as unknown as { profiling: typeof session }).profiling = session;
        await new Promise<void>((resolve) => session.post('Profiler.enable', () => session.post('Profiler.start', () => resolve())));
      }),
    stop: async () =>
      JSON.parse(
        await app.evaluate(
          () =>
            new Promise<string>((resolve) => {
              const { profiling } = globalThis as unknown as { profiling: import('node:inspector').Session };
              profiling.post('Profiler.stop', (_error, { profile }) => resolve(JSON.stringify(profile)));
            }),
        ),
      ) as CpuProfile,
  };
}

async function profilerOfPage(page: Page): Promise<Profiler> {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  return {
    start: async () => void (await session.send('Profiler.start')),
    stop: async () => (await session.send('Profiler.stop')).profile as CpuProfile,
  };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-bench-ui-'));
  try {
    const times: number[] = [];
    for (let start = 0; start < starts; start++) {
      const { app, usableMs } = await launch(folder);
      times.push(usableMs);
      await app.close();
    }
    const sorted = times.toSorted((a, b) => a - b);
    const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1000).toFixed(2);
    print(
      `start to usable window: median ${seconds(sorted[Math.floor(starts / 2)])} s, ${seconds(sorted[0])} to ${seconds(sorted.at(-1))} s (${starts} starts)`,
    );
    const { app, page } = await launch(folder);
    // A person needs a moment, too; the window reads its larger parts meanwhile.
    await page.waitForTimeout(restMs);
    await watch(app, page);
    const profilers = profiles ? { main: profilerOfMain(app), page: await profilerOfPage(page) } : {};
    for (const profiler of Object.values(profilers)) await profiler.start();
    await page.locator('.topbar .button.primary').click();
    await page.waitForTimeout(runSeconds * 1000);
    const late = { main: await app.evaluate(lateTicks), page: await page.evaluate(lateTicks) };
    const done = await page.locator('.run-row[data-status="done"]').count();
    print(`${runSeconds} s of the bundled grid, ${done} rows done meanwhile:`);
    for (const [name, ticks] of Object.entries(late)) {
      const { longestMs, felt, ticks: count } = blocksOf(ticks);
      print(`  ${name}: longest block ${longestMs.toFixed(0)} ms, ${felt} above ${feltMs} ms, ${count} ticks of ${tickMs} ms`);
    }
    for (const [name, profiler] of Object.entries(profilers)) {
      for (const { ms, where } of busyStretches(await profiler.stop(), 10)) print(`  ${name} busy for ${ms.toFixed(0)} ms: ${where}`);
    }
    await app.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lateTicks(): number[] {
  return (globalThis as unknown as { lateTicks: number[] }).lateTicks;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main();
