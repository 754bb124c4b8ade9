/** Writing figures and results to files the user chooses. */
import { extname } from 'node:path';
import { dialog } from 'electron';
import { resultsCsv, resultsJson } from '../../../engine/results/table';
import { UserError } from '../../../shared/errors';
import type { RequestTable } from '../../ipc/dispatch';
import { writeFileWhole } from '../../processes/writeFileWhole';
import type { RequestContext } from './requestContext';

const PNG_PREFIX = 'data:image/png;base64,';

/** The bytes of a figure as the page made it: SVG as text, PNG as a data address. */
function figureBytes(format: 'svg' | 'png', content: string): string | Uint8Array {
  if (format === 'svg') return content;
  const bytes = content.startsWith(PNG_PREFIX) ? Buffer.from(content.slice(PNG_PREFIX.length), 'base64') : null;
  if (!bytes || bytes.length === 0) throw new UserError('The figure could not be drawn as PNG. Save it as SVG.', 'internal');
  return bytes;
}

/** `path` ending in `extension`; `plain` is the same without it. */
function withExtension(path: string, extension: string): { file: string; plain: string } {
  const plain = extname(path).toLowerCase() === extension ? path.slice(0, -extension.length) : path;
  return { file: `${plain}${extension}`, plain };
}

export function exportRequests({ window, program }: RequestContext): Pick<RequestTable, 'figures.save' | 'results.export'> {
  return {
    'figures.save': async ({ name, format, content, csv }) => {
      const bytes = figureBytes(format, content);
      const { filePath } = await dialog.showSaveDialog(window, {
        title: 'Export figure',
        defaultPath: `${name.replaceAll(/[^\w.-]+/g, '-')}.${format}`,
        filters: [{ name: format.toUpperCase(), extensions: [format] }],
      });
      if (!filePath) return null;
      const { file, plain } = withExtension(filePath, `.${format}`);
      await writeFileWhole(file, bytes);
      await writeFileWhole(`${plain}.csv`, csv);
      return { files: [file, `${plain}.csv`] };
    },
    'results.export': async ({ runIds, format }) => {
      const { filePath } = await dialog.showSaveDialog(window, {
        title: 'Export results',
        defaultPath: `results.${format}`,
        filters: [{ name: format.toUpperCase(), extensions: [format] }],
      });
      if (!filePath) return null;
      const runs = [];
      for (const id of runIds) runs.push(await program.store.call('getRun', { id }));
      const { file } = withExtension(filePath, `.${format}`);
      await writeFileWhole(file, format === 'csv' ? resultsCsv(runs) : resultsJson(runs));
      return { file };
    },
  };
}
