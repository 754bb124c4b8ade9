/** `simulate`: a phantom with its projections, as a .pt file; the arithmetic is a device worker's. */
import { type PhantomName, phantomNames } from '../../engine/phantom/phantoms';
import { UserError } from '../../shared/errors';
import { commonOptions } from '../arguments';
import { outputFile } from '../files';
import { bytesText } from '../output';
import type { ExitCode, Verb, VerbContext } from '../verb';

/** Larger ones would not fit into any memory they are used in. */
const largestSize = 2048;
const mostViews = 10_000;
/** Pixels; beyond, a detector would see nothing. */
const largestBlur = 20;
const largestJitter = 45;

export const simulate: Verb = {
  name: 'simulate',
  summary: 'a phantom with its exact projections and photon noise, in the layout of the published data',
  positional: { name: 'nothing but options', least: 0, most: 0 },
  options: {
    size: { value: 'N', help: 'voxels along each edge of the volume of 50 mm' },
    views: { value: 'N', help: 'projections over a full circle' },
    noise: { value: 'PHOTONS', help: 'photons per pixel without an object; default: no noise' },
    phantom: { value: 'NAME', help: `${phantomNames.join(', ')}; default: walnut` },
    blur: { value: 'PIXELS', help: 'standard deviation of the detector blur in its pixels; default: none' },
    jitter: { value: 'DEGREES', help: 'standard deviation of the angles from those the file tells; default: none' },
    seed: { value: 'N', help: 'which walnut or blobs, which noise and jitter; default 0' },
    out: commonOptions.out,
    json: commonOptions.json,
  },
  execute,
};

async function execute({ args, output, session }: VerbContext): Promise<ExitCode> {
  const size = required(args.wholeNumber('size', 1), 'size', largestSize);
  const views = required(args.wholeNumber('views', 1), 'views', mostViews);
  const photons = args.positiveNumber('noise');
  const seed = args.wholeNumber('seed', 0) ?? 0;
  const phantom = phantomOf(args.text('phantom'));
  const blurPixels = within(args.positiveNumber('blur'), 'blur', largestBlur);
  const jitterDegrees = within(args.positiveNumber('jitter'), 'jitter', largestJitter);
  const out = await outputFile(args.required('out', 'the .pt file to write'));
  const worker = session.device();
  worker.onNotice((name, payload) => {
    if (name === 'progress') output.bar('simulating', (payload as { fraction: number }).fraction, null);
  });
  const answer = await worker.call('simulateFile', { size, views, phantom, photons, blurPixels, jitterDegrees, seed, out });
  const { volumeShape, sinogramShape, voxelSizeMm, bytes } = answer;
  output.document({
    file: out,
    volume_shape: volumeShape,
    sinogram_shape: sinogramShape,
    voxel_size_mm: voxelSizeMm,
    phantom,
    noise: photons,
    blur_pixels: blurPixels,
    jitter_degrees: jitterDegrees,
    seed,
    bytes,
  });
  output.print(
    `${out}: volume (${volumeShape.join(', ')}) of ${voxelSizeMm} mm, sinogram (${sinogramShape.join(', ')}), ${bytesText(bytes)}`,
  );
  return 0;
}

function required(value: number | null, name: string, most: number): number {
  if (value === null) throw new UserError(`--${name} is missing: simulate --size N --views M --out F.pt`);
  if (value > most) throw new UserError(`--${name} is ${value}; it can be at most ${most}.`);
  return value;
}

function phantomOf(name: string | null): PhantomName {
  const found = phantomNames.find((known) => known === (name ?? 'walnut'));
  if (found === undefined) throw new UserError(`There is no phantom "${name}"; there are ${phantomNames.join(', ')}.`);
  return found;
}

function within(value: number | null, name: string, most: number): number {
  if (value !== null && value > most) throw new UserError(`--${name} is ${value}; it can be at most ${most}.`);
  return value ?? 0;
}
