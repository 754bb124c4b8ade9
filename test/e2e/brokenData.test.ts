/** Files that cannot be used are answered with a sentence, and the program goes on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOpenDialog, Home, type Program, picture, samples, startProgram } from './program';

describe('data that cannot be used', () => {
  const home = new Home();
  let program: Program;

  beforeAll(async () => {
    program = await startProgram(home);
  });
  afterAll(async () => {
    await program?.app.close();
    home.remove();
  });

  const open = async (path: string): Promise<void> => {
    await answerOpenDialog(program, path);
    await program.page.locator('.topbar .chip').first().click();
  };
  const sentence = (): Promise<string | null> => program.page.locator('.data-card .message.bad').first().textContent();

  it('says that a truncated file is damaged, and does not offer Run', async () => {
    const file = join(home.folder, 'truncated.pt');
    const whole = readFileSync(join(samples, 'walnut-tiny.pt'));
    writeFileSync(file, whole.subarray(0, Math.floor(whole.length * 0.6)));
    await open(file);
    await expect.poll(sentence, { timeout: 20_000 }).toContain('truncated.pt');
    expect(await program.page.locator('.topbar .primary').isDisabled()).toBe(true);
    await picture(program.page, 'broken-data');
  });

  it('says so for a file that is no data at all', async () => {
    const file = join(home.folder, 'notes.pt');
    writeFileSync(file, 'These are notes.');
    await open(file);
    await expect.poll(sentence, { timeout: 20_000 }).toContain('notes.pt');
  });

  it('goes on with good data afterwards', async () => {
    await open(join(samples, 'walnut-tiny.pt'));
    await expect.poll(() => program.page.locator('.data-card').textContent(), { timeout: 20_000 }).toContain('40 views of 78 x 61');
    expect(await program.page.locator('.data-card .message.bad').count()).toBe(0);
    await expect.poll(() => program.page.locator('.topbar .primary').isEnabled(), { timeout: 20_000 }).toBe(true);
    expect(program.pageErrors).toEqual([]);
  });
});
