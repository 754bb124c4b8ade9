/** The page's files come with the policy, and nothing outside their folder comes at all. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerPageFile, pageFile } from '../../../../src/main/protocol/pageFiles';

let parent: string;
let folder: string;
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'tomobench-page-'));
  folder = join(parent, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'a b.js'), 'export {}');
  writeFileSync(join(parent, 'secret.txt'), 'secret');
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

it('answers the page with a strict policy', async () => {
  for (const path of ['/', '/index.html']) {
    const response = await answerPageFile(folder, path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(await response.text()).toBe('<!doctype html>');
  }
});

it('decodes names', async () => {
  const response = await answerPageFile(folder, '/assets/a%20b.js');
  expect(response.headers.get('content-type')).toContain('text/javascript');
});

it.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/assets/../../secret.txt',
  '/..%5csecret.txt',
  '/a%00.html',
  '/%zz',
  '/.',
  '',
])('refuses %j', async (path) => {
  expect(pageFile(folder, path)).toBeNull();
  expect((await answerPageFile(folder, path)).status).toBe(404);
});

it.each(['/missing.html', '/assets', '/index.html/x.js', '/data.bin'])('answers 404 for %j', async (path) => {
  expect((await answerPageFile(folder, path)).status).toBe(404);
});
