/** CPU profiles of the program's two processes, taken while a benchmark goes on. */
import type { ElectronApplication, Page } from 'playwright-core';
import { busyStretches, type CpuProfile } from './busyStretches';
import { print } from './openWindow';

const stretchesShown = 10;

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

/** With --profile: the function returned prints what the processes were busy with since. */
export async function startProfiles(app: ElectronApplication, page: Page): Promise<() => Promise<void>> {
  if (!process.argv.includes('--profile')) return async () => {};
  const profilers = { main: profilerOfMain(app), page: await profilerOfPage(page) };
  for (const profiler of Object.values(profilers)) await profiler.start();
  return async () => {
    for (const [name, profiler] of Object.entries(profilers)) {
      for (const { ms, where } of busyStretches(await profiler.stop(), stretchesShown)) {
        print(`  ${name} busy for ${ms.toFixed(0)} ms: ${where}`);
      }
    }
  };
}
