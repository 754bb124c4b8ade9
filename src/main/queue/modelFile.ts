/** Finds the file of a denoiser by the name a configuration or --model gives it. */
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../../shared/errors';

/** `drunet` is the name the reference's configurations use for its network; `drunet-ct` was trained on with what PnP-fast gives its denoiser. */
export const shippedModels: ReadonlyMap<string, string> = new Map([
  ['drunet', 'drunet-small.onnx'],
  ['drunet-ct', 'drunet-ct.onnx'],
]);

/** What --model names: a shipped network by its name, else a file as seen from the current folder. */
export function modelArgument(text: string): string {
  return shippedModels.has(text) ? text : resolve(text);
}

/** The name of a shipped network or a path. Throws UserError where there is no such file. */
export async function findModelFile(name: string, modelsFolder: string): Promise<{ path: string; name: string }> {
  const shipped = shippedModels.get(name);
  const path = shipped === undefined ? name : join(modelsFolder, shipped);
  if (shipped === undefined && !isAbsolute(path) && !path.endsWith('.onnx')) {
    const names = [...shippedModels.keys()].map((known) => `"${known}"`).join(', ');
    throw new UserError(`The denoiser "${name}" is not known. Use ${names} or the path of a model file (.onnx).`);
  }
  await stat(path).catch(() => {
    throw new UserError(`The model file ${path} does not exist. Name another with "denoiser" or --model.`, 'not_found');
  });
  return { path, name: basename(path) };
}
