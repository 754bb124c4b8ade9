/** Finds the file of a denoiser by the name a configuration or --model gives it. */
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { UserError } from '../../shared/errors';

/** The name the reference's configurations use for its network; here the shipped one. */
const SHIPPED_MODEL = { name: 'drunet', file: 'drunet-small.onnx' };

/** `drunet` is the shipped network; anything else is a path. Throws UserError where there is no such file. */
export async function findModelFile(name: string, modelsFolder: string): Promise<{ path: string; name: string }> {
  const shipped = name === SHIPPED_MODEL.name;
  const path = shipped ? join(modelsFolder, SHIPPED_MODEL.file) : name;
  if (!shipped && !isAbsolute(path) && !path.endsWith('.onnx')) {
    throw new UserError(`The denoiser "${name}" is not known. Use "drunet" or the path of a model file (.onnx).`);
  }
  await stat(path).catch(() => {
    throw new UserError(`The model file ${path} does not exist. Name another with "denoiser" or --model.`, 'not_found');
  });
  return { path, name: shipped ? SHIPPED_MODEL.file : basename(path) };
}
