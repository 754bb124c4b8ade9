/** Reads a configuration from disk within limits; what it means is left to engine/plan. */
import { open } from 'node:fs/promises';
import { UserError } from '../../../shared/errors';
import { isConfigName } from '../commandLine';

/** Far more than any hand-written grid has. */
const LARGEST_BYTES = 1024 * 1024;

export async function readConfigFile(path: string): Promise<{ text: string; path: string }> {
  if (!isConfigName(path)) throw new UserError(`${path} is no configuration: its name must end in .yml or .yaml.`);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > LARGEST_BYTES)
      throw new UserError(`${path} has ${Math.ceil(size / LARGEST_BYTES)} MiB; a configuration may have 1 MiB. Choose a YAML file.`);
    const bytes = await file.readFile();
    try {
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), path };
    } catch {
      throw new UserError(`${path} is not a text file in UTF-8. Choose a YAML file.`);
    }
  } finally {
    await file.close();
  }
}
