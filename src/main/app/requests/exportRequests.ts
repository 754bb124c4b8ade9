/** Writing figures and results to files the user chooses. */
import { extname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { dialog } from 'electron';
import { telemetryCsv } from '../../../engine/results/telemetry';
import { drawingBytes } from '../../figures/drawing';
import type { RequestTable } from '../../ipc/dispatch';
import { writeFileWhole } from '../../processes/writeFileWhole';
import { writeResults } from '../../queue/resultFiles';
import type { RequestContext } from './requestContext';

/** `path` ending in `extension`; `plain` is the same without it. */
function withExtension(path: string, extension: string): { file: string; plain: string } {
  const plain = extname(path).toLowerCase() === extension ? path.slice(0, -extension.length) : path;
  return { file: `${plain}${extension}`, plain };
}

/** A file name for the figure `name`; anything that could lead out of the folder is replaced. */
function plainName(name: string): string {
  return name.replaceAll(/[^\w-]+/g, '-');
}

type ExportName = 'figures.save' | 'figures.saveSet' | 'results.export' | 'runs.saveTelemetry';

export function exportRequests({ window, program, folders, jobs, version }: RequestContext): Pick<RequestTable, ExportName> {
  return {
    'figures.save': async ({ figure, drawing }) => {
      const bytes = await drawingBytes(figure.svg, figure.title, drawing, folders.root);
      const { filePath } = await dialog.showSaveDialog(window, {
        title: 'Export figure',
        defaultPath: `${plainName(figure.name)}.${drawing.format}`,
        filters: [{ name: drawing.format.toUpperCase(), extensions: [drawing.format] }],
      });
      if (!filePath) return null;
      const { file, plain } = withExtension(filePath, `.${drawing.format}`);
      await writeFileWhole(file, bytes);
      await writeFileWhole(`${plain}.csv`, figure.csv);
      return { files: [file, `${plain}.csv`] };
    },
    'figures.saveSet': async ({ figures, drawing, tables }) => {
      const { filePaths } = await dialog.showOpenDialog(window, {
        title: 'Folder for the figures',
        buttonLabel: 'Write here',
        properties: ['openDirectory', 'createDirectory'],
      });
      const folder = filePaths[0];
      if (folder === undefined) return null;
      return jobs.run('Writing the paper set', async ({ signal, report }) => {
        const files = new Map<string, string | Uint8Array>([
          ['results.tex', tables.latex],
          ['results.md', tables.markdown],
        ]);
        for (const [index, { name, title, svg, csv }] of figures.entries()) {
          files.set(`${plainName(name)}.${drawing.format}`, await drawingBytes(svg, title, drawing, folders.root));
          files.set(`${plainName(name)}.csv`, csv);
          report((index + 1) / figures.length);
          // Lets Cancel in between two figures.
          await setImmediate();
          signal.throwIfAborted();
        }
        for (const [name, content] of files) await writeFileWhole(join(folder, name), content);
        return { folder, files: [...files.keys()] };
      });
    },
    'runs.saveTelemetry': async ({ id }) => {
      const { filePath } = await dialog.showSaveDialog(window, {
        title: 'Save telemetry',
        defaultPath: 'telemetry.csv',
        filters: [{ name: 'CSV', extensions: ['csv'] }],
      });
      if (!filePath) return null;
      const { file } = withExtension(filePath, '.csv');
      await writeFileWhole(file, telemetryCsv(await program.store.call('getTelemetry', { id })));
      return { file };
    },
    'results.export': async ({ runIds, format }) => {
      const extension = format === 'bundle' ? 'zip' : format;
      const { filePath } = await dialog.showSaveDialog(window, {
        title: 'Export results',
        defaultPath: `${format === 'bundle' ? 'bundle' : 'results'}.${extension}`,
        filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
      });
      if (!filePath) return null;
      const { file } = withExtension(filePath, `.${extension}`);
      return jobs.run('Writing results', async (progress) => {
        const runs = [];
        for (const id of runIds) runs.push(await program.store.call('getRun', { id }));
        await writeResults(format, runs, file, { store: program.store, workspace: program.workspace, appVersion: version, progress });
        return { file };
      });
    },
  };
}
