// Proves that the layering rules can fail: one bad import per rule in a made-up tree, and a good tree that breaks none.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const configFile = join(root, '.dependency-cruiser.cjs');

interface Rule {
  readonly name: string;
}

interface Report {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly from: string; readonly rule: Rule }[];
  };
}

const ruleNames = (createRequire(import.meta.url)(configFile) as { readonly forbidden: readonly Rule[] }).forbidden.map(({ name }) => name);

/** For each rule the file that breaks it and its text. */
const badFiles: Readonly<Record<string, readonly [path: string, text: string]>> = {
  'layer-shared': ['src/shared/bad.ts', "import '../engine/good';"],
  'layer-engine': ['src/engine/bad.ts', "import '../native/binding';"],
  'layer-native': ['src/native/bad.ts', "import '../engine/good';"],
  'layer-worker': ['src/worker/bad.ts', "import '../main/queue/good';"],
  'layer-main': ['src/main/bad.ts', "import type { Door } from '../native/binding';\nexport type Mine = Door;"],
  'layer-cli': ['src/cli/bad.ts', "import '../main/app/good';"],
  'layer-preload': ['src/preload/bad.ts', "import '../engine/good';"],
  'layer-renderer': ['src/renderer/bad.tsx', "import '../engine/good';"],
  'package-electron': ['src/worker/electron.ts', "import 'electron';"],
  'package-kitwarevtkjs': ['src/renderer/vtk.ts', "import '@kitware/vtk.js/Rendering/Profiles/Volume';"],
  'package-plotlyjs': ['src/renderer/viewer/plotly.ts', "import 'plotly.js';"],
  'package-uplot': ['src/renderer/views/uplot.ts', "import 'uplot';"],
  'package-better-sqlite3': ['src/main/sqlite.ts', "import 'better-sqlite3';"],
  'package-onnxruntime-node': ['src/worker/device/onnx.ts', "import 'onnxruntime-node';"],
  'pure-shared': ['src/shared/node.ts', "import 'node:fs';"],
  'pure-engine': ['src/engine/node.ts', "import 'node:path';"],
  'page-without-node': ['src/renderer/node.ts', "import 'node:fs';"],
  'shared-packages': ['src/shared/packages.ts', "import 'react';"],
  'without-electron-main-queue': ['src/main/queue/bad.ts', "import '../app/window';"],
  'without-electron-main-coordinator': ['src/main/coordinator/bad.ts', "import 'electron';"],
  'without-electron-cli': ['src/cli/electron.ts', "import '../main/processes/utility';"],
  'native-door': ['src/worker/door.ts', "import '../../build/native/tomo_native.node';"],
  'no-cycles': ['src/engine/circle.ts', "import './circleBack';"],
  resolvable: ['src/engine/lost.ts', "import './nowhere';"],
};

/** Files that break nothing; the bad ones import them. */
const goodFiles: Readonly<Record<string, string>> = {
  'src/shared/good.ts': "import 'zod';\nexport const good = 1;",
  'src/engine/good.ts': "import '../shared/good';",
  'src/native/binding.ts':
    "import '../../build/native/tomo_native.node';\nimport '../shared/good';\nexport interface Door { open: boolean }",
  'src/worker/adapters/good.ts': "import 'onnxruntime-node';\nimport '../../engine/good';\nimport '../../native/binding';",
  'src/worker/store/good.ts': "import 'better-sqlite3';\nimport 'node:fs';",
  'src/main/queue/good.ts': "import '../../engine/good';",
  'src/main/app/good.ts': "import '../queue/good';",
  'src/main/app/window.ts': "import 'electron';",
  'src/main/processes/utility.ts': "import 'electron';",
  'src/cli/good.ts': "import '../main/queue/good';",
  'src/preload/good.ts': "import 'electron';\nimport '../shared/good';",
  'src/renderer/good.tsx': "import 'react';\nimport '../shared/good';",
  'src/renderer/viewer/good.ts': "import '@kitware/vtk.js/Rendering/Profiles/Volume';",
  'src/renderer/charts/good.ts': "import 'plotly.js';\nimport 'uplot';",
  'build/native/tomo_native.node': '',
};

/** Stand-ins: the rules look at where a package lies, not at what is in it. */
const packages = ['zod', 'react', 'electron', '@kitware/vtk.js', 'plotly.js', 'uplot', 'better-sqlite3', 'onnxruntime-node'];

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function makeTree(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-layering-'));
  made.push(folder);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  for (const name of packages) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
    write(`node_modules/${name}/Rendering/Profiles/Volume.js`, '');
  }
  const all = Object.fromEntries(packages.map((name) => [name, '1.0.0']));
  write('package.json', JSON.stringify({ name: 'tree', version: '1.0.0', dependencies: all }));
  return folder;
}

function cruise(folder: string): Report {
  const tool = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [tool, '--config', configFile, '--output-type', 'json', 'src'];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })) as Report;
}

test('every rule has a bad import here', () => {
  expect(Object.keys(badFiles).sort()).toEqual([...ruleNames].sort());
});

test('a tree that keeps the rules passes, and its files were looked at', () => {
  const { summary } = cruise(makeTree(goodFiles));
  expect(summary.violations).toEqual([]);
  expect(summary.totalCruised).toBeGreaterThanOrEqual(Object.keys(goodFiles).length - 1);
});

const bad = cruise(
  makeTree({
    ...goodFiles,
    'src/engine/circleBack.ts': "import './circle';",
    ...Object.fromEntries(Object.values(badFiles)),
  }),
);

test.each(Object.entries(badFiles))('rule %s refuses its bad import', (name, [path]) => {
  const refused = bad.summary.violations.filter((violation) => violation.rule.name === name).map((violation) => violation.from);
  expect(refused).toContain(path);
});

test('the layering tool parses the real sources', () => {
  const { summary } = cruise(root);
  expect(summary.totalCruised).toBeGreaterThan(30);
});
