// Rules on the text of tracked files that neither compiler nor layering tool knows: length, opening comment, doors, leaked paths and hosts.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, normalize, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const isCode = (path: string): boolean => /^(src|test|bench|scripts)\/.*\.(ts|tsx|mjs|cjs|js|cpp|hpp|cu|cuh|py|css)$/.test(path);
const code = tracked.filter((path) => isCode(path) && !path.startsWith('test/fixtures/'));
const typescript = code.filter((path) => /^src\/.*\.tsx?$/.test(path));

test('there is code to look at', () => {
  expect(typescript.length).toBeGreaterThan(30);
});

test('no file is longer than 500 lines', () => {
  const tooLong = code.flatMap((path) => {
    const lines = read(path).split('\n').length - 1;
    return lines > 500 ? [`${path}: ${lines} lines`] : [];
  });
  expect(tooLong).toEqual([]);
});

test('every file opens with a comment that says what it does', () => {
  const opening = /^(#!.*\n)?\s*(\/\/|\/\*|#|""")\s?\S|^#pragma once\s+\/\//;
  expect(code.filter((path) => !opening.test(read(path)))).toEqual([]);
});

test('file names follow the habits: camelCase.ts, PascalCase or camelCase .tsx, snake_case.cpp', () => {
  const wrong = code.filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (/\.(cpp|hpp|cu|cuh|py)$/.test(name)) return !/^[a-z0-9_]+\.[a-z]+$/.test(name);
    if (name.endsWith('.tsx')) return !/^[A-Za-z0-9]+(\.test)?\.tsx$/.test(name);
    if (/\/migrations\/\d{4}-[a-z-]+\.ts$/.test(path)) return false;
    return name.endsWith('.ts') && !/^[a-z][A-Za-z0-9]*(\.test|\.d)?\.ts$/.test(name);
  });
  expect(wrong).toEqual([]);
});

test('no folder is called utils or helpers', () => {
  expect(tracked.filter((path) => /(^|\/)(utils?|helpers?)(\/|\.[a-z]+$)/.test(path))).toEqual([]);
});

test('only src/native/binding.ts loads the native binary', () => {
  const loaders = typescript.filter((path) => /tomo_native\.node|\bdlopen\b|createRequire\([^)]*\)\(/.test(read(path)));
  expect(loaders).toEqual(['src/native/binding.ts']);
});

test("only src/main/ipc and src/preload use Electron's IPC", () => {
  const users = typescript.filter((path) => /\b(ipcMain|ipcRenderer|webContents\.send)\b/.test(read(path)));
  expect(users.filter((path) => !/^src\/(main\/ipc|preload)\//.test(path))).toEqual([]);
  expect(users.length).toBeGreaterThan(0);
});

test('tracked text holds no path of one machine and no registry host', () => {
  // Written in pieces, so that this file does not match itself.
  const places = ['/home/', '/root/', '/Users/', '/work/'].join('|');
  const hosts = ['registry\\.[a-z0-9-]+\\.[a-z]+', 'arti' + 'factory', '[a-z0-9.-]*nexus[a-z0-9.-]*\\.[a-z]+'].join('|');
  const leak = new RegExp(`(?:^|[\\s"'\`=:(])(?:${places})[a-z0-9_.-]+|\\b(?:${hosts})`, 'i');
  const text = tracked.filter((path) =>
    /\.(ts|tsx|mjs|cjs|js|json|md|yml|yaml|py|cpp|hpp|cu|txt|css|html)$|(^|\/)(run|CMakeLists\.txt|\.npmrc)$/.test(path),
  );
  const leaking = text.flatMap((path) => {
    const found = leak.exec(read(path));
    return found ? [`${path}: ${found[0].trim()}`] : [];
  });
  expect(leaking).toEqual([]);
});

test('links between documents lead to tracked files', () => {
  const documents = tracked.filter((path) => path.endsWith('.md'));
  const known = new Set(tracked);
  const broken = documents.flatMap((document) => {
    const folder = document.includes('/') ? document.slice(0, document.lastIndexOf('/')) : '.';
    const targets = [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)/g)].map((match) => normalize(join(folder, match[1]!)));
    return targets
      .filter((target) => !known.has(target) && !tracked.some((path) => path.startsWith(`${target}/`)))
      .map((target) => `${document}: ${target}`);
  });
  expect(broken).toEqual([]);
});

test('no unfinished marks', () => {
  const marks = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
  expect(code.filter((path) => marks.test(read(path)))).toEqual([]);
});

test('generated output is not tracked', () => {
  expect(tracked.filter((path) => /^(out|build|dist|node_modules|test-results)\//.test(path))).toEqual([]);
});
