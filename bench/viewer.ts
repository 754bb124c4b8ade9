/** The viewer on an iterate of 501^3 voxels: from View to its first slice, and from a notch of the wheel to the next slice, on each axis. --profile names what the processes are busy with. */
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { endProgram, openWindow, print, printBlocks, watchBlocks } from './window/openWindow';
import { startProfiles } from './window/profilers';

const size = 501;
const notches = 40;
const restMs = 4000;
const planes = ['axial', 'coronal', 'sagittal'] as const;

/** A .npy file of float32 (size, size, size); no slice is like its neighbour. */
function writeVolume(file: string): void {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${size}, ${size}, ${size}), }`;
  const padded = `${header.padEnd(128 - 10 - 1)}\n`;
  const start = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from(Uint16Array.of(padded.length).buffer),
    Buffer.from(padded),
  ]);
  const out = openSync(file, 'w');
  writeSync(out, start);
  const slice = new Float32Array(size * size);
  for (let z = 0; z < size; z++) {
    for (let i = 0; i < slice.length; i++) slice[i] = 0.02 + 0.02 * Math.sin(0.05 * (i % size) + 0.11 * z) * Math.cos(0.0001 * i);
    writeSync(out, new Uint8Array(slice.buffer));
  }
  closeSync(out);
}

/** Presses the button and counts, in the page itself, until the frame after the first slice is drawn. Milliseconds. */
function firstSlice(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const begin = performance.now();
        document.querySelector<HTMLButtonElement>('.run-page .card-header button:has(.lucide-layers)')?.click();
        const look = (): void => {
          const drawn = document.querySelector('canvas[data-pane="0"]')?.getAttribute('data-drawn') ?? '';
          if (drawn !== '') requestAnimationFrame(() => resolve(performance.now() - begin));
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

/** Turns the wheel over one pane, each notch after a short rest, and counts until the frame that shows another slice. Milliseconds. */
function wheel(page: Page, axis: number): Promise<number[]> {
  return page.evaluate(
    async ({ pane, count }) => {
      const canvas = document.querySelector(`canvas[data-pane="${pane}"]`);
      if (canvas === null) return [];
      const taken: number[] = [];
      for (let notch = 0; notch < count; notch++) {
        const before = canvas.getAttribute('data-drawn');
        const begin = performance.now();
        canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: 100, bubbles: true, cancelable: true }));
        await new Promise<void>((resolve) => {
          const look = (): void => {
            if (canvas.getAttribute('data-drawn') !== before || performance.now() - begin > 5000) resolve();
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        });
        taken.push(performance.now() - begin);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      return taken;
    },
    { pane: axis, count: notches },
  );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-bench-viewer-'));
  try {
    const workspace = join(folder, 'workspace');
    cpSync(join('resources', 'examples', 'results'), workspace, { recursive: true });
    const database = new Sqlite(join(workspace, 'tomobench.sqlite'));
    const kept = database
      .prepare<[], { volume_file: string }>(
        "SELECT i.volume_file FROM iterations i JOIN runs r ON r.id = i.run_id WHERE r.label = 'FDK' AND i.volume_file IS NOT NULL ORDER BY i.iteration DESC",
      )
      .get();
    database.close();
    if (kept === undefined) throw new Error('The example results have no FDK volume.');
    writeVolume(join(workspace, kept.volume_file));
    const { app, page } = await openWindow(folder);
    await page.waitForTimeout(restMs);
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Runs' }).click();
    await page.locator('.run-row', { hasText: 'FDK' }).first().click();
    await page.locator('.run-page h2', { hasText: 'FDK' }).waitFor();
    const blocks = await watchBlocks(app, page);
    const printProfiles = await startProfiles(app, page);
    print(`${size}^3 voxels, four views, drawn by the processor`);
    print(`from View to the first slice: ${(await firstSlice(page)).toFixed(0)} ms (target at most 500)`);
    print('while the histogram is counted and the 3D view read:');
    await page.waitForTimeout(restMs);
    printBlocks(await blocks());
    await printProfiles();
    for (const [axis, plane] of planes.entries()) {
      const taken = (await wheel(page, axis)).toSorted((a, b) => a - b);
      const at = (part: number): string => (taken[Math.min(taken.length - 1, Math.floor(part * taken.length))] ?? Number.NaN).toFixed(0);
      print(
        `wheel to ${plane} slice: median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms of ${taken.length} (target at most 50)`,
      );
    }
    await endProgram(app);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
