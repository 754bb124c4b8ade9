// What is open is saved in other programs' formats, and a folder made that way opens as the same scan.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TomobenchApi } from '../../src/shared/contract';
import { answerOpenDialog, answerSaveDialog, Home, type Program, picture, samples, setWindowSize, showView, startProgram } from './program';

declare const window: { readonly tomobench: TomobenchApi };

describe('saving', () => {
  const home = new Home();
  let program: Program;
  const at = (name: string): string => join(home.folder, name);
  const choose = (id: string): Promise<void> =>
    program.app.evaluate(({ Menu }, entry) => Menu.getApplicationMenu()?.getMenuItemById(entry)?.click(), id);
  const note = (text: string) => expect.poll(() => program.page.locator('body').textContent(), { timeout: 30_000 }).toContain(text);

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
    await answerOpenDialog(program, join(samples, 'walnut-tiny.pt'));
    await choose('openData');
    await program.page
      .getByText(/40 views of 78/)
      .first()
      .waitFor({ timeout: 30_000 });
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  it('writes the volume on screen with its voxel size', async () => {
    await showView(program.page, 'Viewer');
    await expect.poll(() => program.page.locator('.viewer-main canvas').count(), { timeout: 30_000 }).toBeGreaterThan(2);
    await answerSaveDialog(program, at('walnut.nrrd'));
    await choose('saveVolume');
    await note(`Wrote ${at('walnut.nrrd')}`);
    await picture(program.page, 'saved');
    const header = readFileSync(at('walnut.nrrd')).subarray(0, 600).toString('latin1');
    expect(header).toMatch(/^NRRD/);
    expect(header).toContain('sizes: 40 40 40');
    expect(header).toContain('1.25');
    expect(statSync(at('walnut.nrrd')).size).toBeGreaterThan(4 * 40 ** 3);
  });

  it('refuses an ending it does not write, in one sentence', async () => {
    await answerSaveDialog(program, at('walnut.jpeg'));
    await choose('saveVolume');
    await note('volumes are not written as .jpeg');
    expect(existsSync(at('walnut.jpeg'))).toBe(false);
  });

  it('writes projections as TIFF slices and the geometry beside them, and opens the folder as the same scan', async () => {
    const { page } = program;
    const folder = at('stack');
    await answerOpenDialog(program, folder);
    const written = await page.evaluate(
      async (path) => {
        const inspected = await window.tomobench.request('data.inspect', { path });
        if (!inspected.ok) return inspected;
        return window.tomobench.request('volume.save', { ref: `data/${inspected.value.id}/sinogram`, folder: true });
      },
      join(samples, 'walnut-tiny.pt'),
    );
    expect(written).toMatchObject({ value: { file: `${folder}/` } });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tif'))).toHaveLength(40);
    await answerSaveDialog(program, join(folder, 'vecs.txt'));
    await choose('saveGeometry');
    await note('(40 views)');
    await choose('openFolder');
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 30_000 }).toMatch(/stack.*40 views of 78/s);
    expect(program.pageErrors).toEqual([]);
  });
});
