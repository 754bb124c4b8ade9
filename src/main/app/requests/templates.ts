/** The shipped experiments as templates: their first comment says what they are. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { planConfig } from '../../../engine/plan/planConfig';
import type { RequestAnswer } from '../../../shared/contract';
import { readConfigFile } from './configFile';

type Template = RequestAnswer<'config.templates'>[number];

/** In this order; what else lies in the folder follows by name. */
const titles: readonly (readonly [name: string, title: string])[] = [
  ['quickstart', 'The walnut experiment, bundled size'],
  ['tomography_3d', 'The published walnut experiment'],
  ['patch_sweep', 'Patch sweep'],
  ['sigma_by_lambda', 'Sigma by lambda'],
  ['baselines', 'Baselines'],
];

export async function readTemplates(folder: string): Promise<Template[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yml')).map((name) => name.slice(0, -'.yml'.length));
  const places = new Map(titles.map(([name], place) => [name, place]));
  const place = (name: string): number => places.get(name) ?? titles.length;
  names.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
  return Promise.all(
    names.map(async (name) => {
      const { text } = await readConfigFile(join(folder, `${name}.yml`));
      const title = titles.find(([known]) => known === name)?.[1] ?? name;
      return { name, title, summary: firstComment(text), text, rows: planConfig(text, name).rows.length };
    }),
  );
}

/** The comment lines a file begins with, as one sentence or more. */
export function firstComment(text: string): string {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => line.replace(/^#\s*/, ''))
    .join(' ')
    .trim();
}
