/** Opening, saving and editing the configuration; every edit answers the whole text. */
import { dialog } from 'electron';
import { readConfigTree } from '../../../engine/plan/configTree';
import { deleteRow, duplicateRow, setCell } from '../../../engine/plan/editConfig';
import { addRunRow, giveRowsOwn, pasteRows, setCells, sweepKey } from '../../../engine/plan/editGrid';
import { type ParameterValue, plainValueOf } from '../../../engine/plan/parameterTable';
import { toErrorMessage, UserError } from '../../../shared/errors';
import type { RequestTable } from '../../ipc/dispatch';
import { writeFileWhole } from '../../processes/writeFileWhole';
import { isConfigName } from '../commandLine';
import { readConfigFile } from './configFile';
import type { RequestContext } from './requestContext';
import { readTemplates } from './templates';

const filters = [{ name: 'Configuration', extensions: ['yml', 'yaml'] }];

type ConfigRequests = Pick<
  RequestTable,
  | 'config.openDialog'
  | 'config.read'
  | 'config.save'
  | 'config.plan'
  | 'config.setCell'
  | 'config.setCells'
  | 'config.pasteRows'
  | 'config.addParameter'
  | 'config.addRow'
  | 'config.duplicateRow'
  | 'config.deleteRow'
  | 'config.templates'
>;

/** An edit that cannot be made leaves the text as it is and says why. */
function edited(text: string, edit: () => string): { text: string; problem: string | null } {
  try {
    return { text: edit(), problem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { text, problem: toErrorMessage(error).message };
  }
}

/** What was typed into a cell, read as the YAML value it looks like. */
function cellValue(typed: string): ParameterValue {
  const value = plainValueOf(readConfigTree(typed.trim() === '' ? 'null' : typed, 'the cell'));
  if (value === undefined) throw new UserError(`"${typed}" is neither a single value nor a list of them.`);
  return value as ParameterValue;
}

export function configRequests({ window, program, sessions, folders }: RequestContext): ConfigRequests {
  const read = async (path: string): Promise<{ text: string; path: string }> => {
    const config = await readConfigFile(path);
    await sessions.remember('recentConfigs', path);
    return config;
  };
  return {
    'config.openDialog': async () => {
      const { filePaths } = await dialog.showOpenDialog(window, { title: 'Open configuration', properties: ['openFile'], filters });
      return filePaths[0] === undefined ? null : read(filePaths[0]);
    },
    'config.read': ({ path }) => read(path),
    'config.save': async ({ text, path }) => {
      const chosen =
        path ?? (await dialog.showSaveDialog(window, { title: 'Save configuration', defaultPath: 'experiment.yml', filters })).filePath;
      if (!chosen) return null;
      const file = isConfigName(chosen) ? chosen : `${chosen}.yml`;
      await writeFileWhole(file, text);
      await sessions.remember('recentConfigs', file);
      return { path: file };
    },
    'config.plan': async ({ text, dataPath }) => {
      const summary =
        dataPath === null ? null : await program.data.call('inspect', { path: dataPath, voxelSizeMm: null }).catch(() => null);
      // In the data process: a grid of 100,000 rows takes a moment, and this one must not stand still.
      return program.data.call('planRows', { text, volumeShape: summary?.geometry.volumeShape ?? null });
    },
    'config.setCell': async ({ text, rowIndex, key, value }) => edited(text, () => setCell(text, rowIndex, key, cellValue(value))),
    'config.setCells': async ({ text, edits }) =>
      edited(text, () =>
        setCells(
          text,
          edits.map((edit) => ({ ...edit, value: cellValue(edit.value) })),
        ),
      ),
    'config.pasteRows': async ({ text, rowIndex, keys, values }) =>
      edited(text, () =>
        pasteRows(
          text,
          rowIndex,
          keys,
          values.map((cells) => cells.map((cell) => (cell.trim() === '' ? undefined : cellValue(cell)))),
        ),
      ),
    'config.addParameter': async ({ text, rowIndex, key, values }) =>
      edited(text, () => (values === null ? giveRowsOwn(text, rowIndex, key) : sweepKey(text, rowIndex, key, values.map(cellValue)))),
    'config.addRow': async ({ text, row }) => edited(text, () => addRunRow(text, row)),
    'config.templates': () => readTemplates(folders.configs),
    'config.duplicateRow': async ({ text, rowIndex }) => edited(text, () => duplicateRow(text, rowIndex)),
    'config.deleteRow': async ({ text, rowIndex }) => edited(text, () => deleteRow(text, rowIndex)),
  };
}
