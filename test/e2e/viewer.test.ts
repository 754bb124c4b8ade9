/** Files dropped on the window, and the viewer's habits: the crosshair that links the views, typed windows, an own window for the right volume. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, type Program, picture, repository, samples, setWindowSize, showView, startProgram } from './program';

describe('the viewer', () => {
  const home = new Home().withExampleResults();
  let program: Program;
  const pane = (axis: 0 | 1 | 2, place = 0) => program.page.locator(`canvas[data-pane="${axis}"]`).nth(place);
  /** Grey of the middle of the slice, as it is drawn. */
  const brightness = (axis: 0 | 1 | 2, place = 0): Promise<number> =>
    pane(axis, place).evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) sum += data[at] ?? 0;
      return sum;
    });
  const sliceNumber = (plane: string): Promise<string> => program.page.getByLabel(`${plane} slice number`).inputValue();
  const type = async (label: string, value: string): Promise<void> => {
    const field = program.page.getByLabel(label);
    await field.fill(value);
    await field.press('Enter');
  };

  beforeAll(async () => {
    program = await startProgram(home);
    await setWindowSize(program, 1280, 800);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  /** The events of the desktop with a file of the disk, which a file field takes so that it keeps its place. */
  const drop = async (file: string): Promise<void> => {
    const { page } = program;
    await page.evaluate(() => {
      const field = document.createElement('input');
      field.type = 'file';
      field.id = 'dropped';
      document.body.append(field);
    });
    await page.setInputFiles('#dropped', file);
    await page.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('#dropped');
      const dataTransfer = new DataTransfer();
      for (const one of field?.files ?? []) dataTransfer.items.add(one);
      for (const kind of ['dragenter', 'dragover', 'drop']) {
        const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true });
        document.querySelector('main')?.dispatchEvent(event);
        if (kind === 'dragover' && !event.defaultPrevented) throw new Error('The window does not take the file.');
      }
      field?.remove();
    });
  };

  it('shows where to drop a file that is dragged over the window', async () => {
    const { page } = program;
    const drag = (kind: string): Promise<void> =>
      page.evaluate((name) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['x'], 'scan.pt'));
        document.querySelector('main')?.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
      }, kind);
    await drag('dragenter');
    await drag('dragover');
    await page.getByText('Drop a data file, a folder of images or a configuration').waitFor();
    await picture(page, 'drop');
    await drag('dragleave');
    await expect.poll(() => page.getByText('Drop a data file, a folder of images or a configuration').count()).toBe(0);
  });

  it('takes data and configurations that are dropped on the window, also while another view is shown', async () => {
    const { page } = program;
    await showView(page, 'Charts');
    await drop(join(samples, 'walnut-tiny.pt'));
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('walnut-tiny.pt');
    await drop(join(repository, 'configs', 'baselines.yml'));
    await expect.poll(() => page.locator('.text-panel h2').textContent(), { timeout: 20_000 }).toBe('baselines.yml');
    await drop(join(repository, 'README.md'));
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toMatch(/README\.md/);
    await drop(join(samples, 'walnut-tiny.pt'));
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('40 x 40 x 40 voxels');
  });

  it('remembers the files that were used, in the menu and in the palette', async () => {
    const { app, page } = program;
    const recent = await app.evaluate(({ Menu }) =>
      (Menu.getApplicationMenu()?.getMenuItemById('openRecent')?.submenu?.items ?? []).map(({ label }) => label),
    );
    expect(recent).toContain(join(samples, 'walnut-tiny.pt'));
    await page.keyboard.press('Control+K');
    await page.keyboard.type('baselines.yml');
    await expect.poll(() => page.getByRole('listbox').getByRole('option').count()).toBe(1);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.text-panel h2').textContent(), { timeout: 20_000 }).toBe('baselines.yml');
  });

  it('opens 4 GiB of projections without reading them, and goes on answering', async () => {
    const { page } = program;
    const folder = join(home.folder, 'large');
    mkdirSync(folder);
    const views = 1024;
    writeFileSync(
      join(folder, 'scan.mhd'),
      `ObjectType = Image\nNDims = 3\nDimSize = 1024 1024 ${views}\nElementSpacing = 0.1 0.1 1\nElementType = MET_FLOAT\nElementDataFile = scan.raw\n`,
    );
    const vectors = Array.from({ length: views }, (_, view) => {
      const [c, s] = [Math.cos((2 * Math.PI * view) / views), Math.sin((2 * Math.PI * view) / views)];
      return [66 * s, -66 * c, 0, -133 * s, 133 * c, 0, 0.1 * c, 0.1 * s, 0, 0, 0, 0.1].map((value) => value.toFixed(6)).join(' ');
    });
    writeFileSync(join(folder, 'vecs.txt'), `${vectors.join('\n')}\n`);
    // A hole in the file system: as large as a scan, and nothing to write.
    writeFileSync(join(folder, 'scan.raw'), '');
    truncateSync(join(folder, 'scan.raw'), 4 * 1024 * 1024 * views);
    await drop(join(folder, 'scan.mhd'));
    await showView(page, 'Runs');
    await page.locator('.run-row').first().click();
    await showView(page, 'Experiment');
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('1024 views of 1024 x 1024');
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('4.0 GiB');
    await page.locator('.data-card').getByRole('slider').fill('700');
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('View 700 of 0 to 1023');
    await picture(page, 'viewer-large');
    expect(program.pageErrors).toEqual([]);
    await drop(join(samples, 'walnut-tiny.pt'));
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('40 x 40 x 40 voxels');
  });

  it('moves all views to the voxel that is clicked with Ctrl', async () => {
    const { page } = program;
    await showView(page, 'Viewer');
    await page.getByRole('button', { name: 'Four views' }).click();
    await pane(0).waitFor({ timeout: 20_000 });
    await page.locator('.side-panel select').first().selectOption('Reference volume');
    await expect.poll(() => sliceNumber('Axial'), { timeout: 20_000 }).toBe('21');
    const box = await pane(0).boundingBox();
    if (box === null) throw new Error('The axial view has no place.');
    const before = [await sliceNumber('Coronal'), await sliceNumber('Sagittal')].map(Number);
    await page.keyboard.down('Control');
    await page.mouse.click(box.x + 0.4 * box.width, box.y + 0.35 * box.height);
    await page.keyboard.up('Control');
    await expect.poll(async () => Number(await sliceNumber('Coronal'))).toBeLessThan(before[0] ?? 0);
    expect(Number(await sliceNumber('Sagittal'))).toBeLessThan(before[1] ?? 0);
    expect(await sliceNumber('Axial')).toBe('21');
    await pane(0).hover();
    await page.mouse.wheel(0, 100);
    await expect.poll(() => sliceNumber('Axial')).not.toBe('21');
    await type('Axial slice number', '5');
    await expect.poll(() => pane(0).getAttribute('aria-label')).toContain('slice 5 of 40');
  });

  it('draws through the window that is typed, and refuses one that is upside down', async () => {
    await type('Axial slice number', '21');
    const before = await brightness(0);
    await type('Left: white at', '0.2');
    await expect.poll(() => brightness(0), { timeout: 10_000 }).toBeLessThan(0.7 * before);
    const dark = await brightness(0);
    await type('Left: black at', '0.3');
    await program.page.waitForTimeout(300);
    expect(await brightness(0)).toBe(dark);
    await program.page.keyboard.press('Escape');
    await program.page.getByRole('button', { name: 'Auto' }).click();
    await expect.poll(() => brightness(0), { timeout: 10_000 }).toBeGreaterThan(dark);
  });

  it('compares volumes of other voxel sizes in the same place: slices, crosshair, value and profile', async () => {
    const { page } = program;
    await drop(join(samples, 'walnut-mini.pt'));
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('100 x 100 x 100 voxels');
    await showView(page, 'Viewer');
    await page.locator('.side-panel select').first().selectOption('Reference volume');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    // What is likeliest to be compared with the reference is there at once.
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBe(2);
    await page.locator('.side-panel select').nth(1).selectOption('FISTA-TV');
    const shown = (place: number) => pane(0, place).getAttribute('aria-label');
    await type('Axial slice number', '26');
    await expect.poll(() => shown(0), { timeout: 20_000 }).toContain('slice 26 of 100');
    await expect.poll(() => shown(1), { timeout: 20_000 }).toContain('slice 11 of 40');
    const box = await pane(0, 1).boundingBox();
    if (box === null) throw new Error('The right view has no place.');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const readout = page.getByRole('region', { name: 'Voxel' });
    await expect.poll(() => readout.textContent(), { timeout: 10_000 }).toMatch(/Left0 1\/mmRight0\.0\d+ 1\/mm.*Voxelx 52, y 52, z 26/);
    await page.getByRole('button', { name: 'Profile' }).click();
    await page.mouse.move(box.x + 0.3 * box.width, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.7 * box.width, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => page.locator('.measure-panel .scatterlayer .trace').count(), { timeout: 20_000 }).toBe(2);
    await page.waitForTimeout(500);
    await picture(page, 'viewer-other-voxels');
    await page.keyboard.press('Escape');
    await drop(join(samples, 'walnut-tiny.pt'));
    await expect.poll(() => page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('40 x 40 x 40 voxels');
    await showView(page, 'Viewer');
    await page.locator('.side-panel select').first().selectOption('Reference volume');
    await page.getByRole('button', { name: 'Four views' }).click();
    await type('Axial slice number', '21');
  });

  it('gives the right volume a window of its own', async () => {
    const { page } = program;
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.locator('.side-panel select').nth(1).selectOption('SIRT');
    await expect.poll(() => page.locator('canvas[data-pane="0"]').count(), { timeout: 20_000 }).toBe(2);
    await expect.poll(() => brightness(0, 1), { timeout: 20_000 }).toBeGreaterThan(0);
    await page.getByRole('checkbox', { name: 'Own window for the right volume' }).check();
    const [left, right] = [await brightness(0, 0), await brightness(0, 1)];
    await type('Right: white at', '0.5');
    await expect.poll(() => brightness(0, 1), { timeout: 10_000 }).toBeLessThan(0.7 * right);
    expect(await brightness(0, 0)).toBe(left);
    await page.getByRole('checkbox', { name: 'Own window for the right volume' }).uncheck();
    await expect.poll(() => brightness(0, 1), { timeout: 10_000 }).toBe(right);
    expect(program.pageErrors).toEqual([]);
  });
});
