/** Arguments of the window: files by kind, the workspace, and Chromium's switches in between. */
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readArguments } from '../../../../src/main/app/commandLine';

const none = { workspace: null, dataPath: null, configPath: null };

it.each([
  ['nothing', [], none],
  ['the folder of the app itself', ['/app'], none],
  ['Chromium switches', ['--no-sandbox', '--disable-gpu', ''], none],
  ['data relative to the current folder', ['/app', 'scan.pt'], { ...none, dataPath: resolve('/here/scan.pt') }],
  ['a configuration by its ending', ['grid.YAML'], { ...none, configPath: resolve('/here/grid.YAML') }],
  ['both kinds', ['a.yml', '/x/b.h5'], { ...none, configPath: resolve('/here/a.yml'), dataPath: resolve('/x/b.h5') }],
  ['the last of each kind', ['a.yml', 'b.yml'], { ...none, configPath: resolve('/here/b.yml') }],
  ['a workspace', ['--workspace', 'runs', 'a.pt'], { workspace: resolve('/here/runs'), dataPath: resolve('/here/a.pt'), configPath: null }],
  ['a workspace with an equals sign', ['--workspace=/w'], { ...none, workspace: resolve('/w') }],
  ['a workspace without a folder', ['--workspace'], none],
])('reads %s', (_name, argv, expected) => {
  expect(readArguments(argv as string[], '/app', '/here')).toEqual(expected);
});
