/** The window's responsiveness: start to usable, and the longest time either of its processes is blocked while a grid runs. --profile names what they are busy with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProgram, openWindow, print, printBlocks, watchBlocks } from './window/openWindow';
import { startProfiles } from './window/profilers';

const starts = 5;
const runSeconds = 60;
const restMs = 4000;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-bench-ui-'));
  try {
    const times: number[] = [];
    for (let start = 0; start < starts; start++) {
      const { app, usableMs } = await openWindow(folder);
      times.push(usableMs);
      await app.close();
    }
    const sorted = times.toSorted((a, b) => a - b);
    const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1000).toFixed(2);
    print(
      `start to usable window: median ${seconds(sorted[Math.floor(starts / 2)])} s, ${seconds(sorted[0])} to ${seconds(sorted.at(-1))} s (${starts} starts)`,
    );
    const { app, page } = await openWindow(folder);
    // A person needs a moment, too; the window reads its larger parts meanwhile.
    await page.waitForTimeout(restMs);
    const blocks = await watchBlocks(app, page);
    const printProfiles = await startProfiles(app, page);
    await page.locator('.topbar .button.primary').click();
    await page.waitForTimeout(runSeconds * 1000);
    const found = await blocks();
    const done = await page.locator('.run-row[data-status="done"]').count();
    print(`${runSeconds} s of the bundled grid, ${done} rows done meanwhile:`);
    printBlocks(found);
    await printProfiles();
    await endProgram(app);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
