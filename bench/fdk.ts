/**
 * npm run bench -- fdk [--json]: quality of FDK beside plastimatch's on the same simulated projections, exact integrals of ellipsoids and of smooth blobs with and
 * without noise. Each volume is also scaled to fit best, because plastimatch's has a scale of its own; ours must not be worse.
 */
import { loadNative } from '../src/native/binding';
import { type ScanGeometry, viewCount } from '../src/shared/geometry';
import { type Blob, blobIntegrals, type Ellipsoid, ellipsoidIntegrals, sampleBlobs, sampleEllipsoids } from '../test/native/scans';
import { plastimatchScan } from './projecting/plastimatchFdk';

const native = loadNative();
const density = 0.04;
/** Of an unattenuated pixel, as in the design's samples. */
const photons = 50_000;

const ellipsoids: readonly Ellipsoid[] = [
  { centreMm: [1, -1, 0.5], radiiMm: [15, 11, 14], turnRadians: 0.4 },
  { centreMm: [-8, 9, -5], radiiMm: [4, 5, 3], turnRadians: -0.7 },
  { centreMm: [9, 8, 6], radiiMm: [3, 2.5, 4], turnRadians: 1.1 },
];
const blobs: readonly Blob[] = [
  { centreMm: [5, -3, 4], sigmaMm: 3 },
  { centreMm: [-6, 6, -3], sigmaMm: 4 },
  { centreMm: [1, 1, -6], sigmaMm: 2.5 },
];

interface Quality {
  /** Against the true volume as it is, dB; only ours has the scale of the data. */
  readonly psnrAsIs: number;
  readonly psnrScaled: number;
  /** What the volume was multiplied by to fit best. */
  readonly scale: number;
}

/** Peak: the largest true value. */
function quality(volume: Float32Array, truth: Float32Array): Quality {
  let [product, square, peak] = [0, 0, 0];
  for (const [index, value] of volume.entries()) {
    product += value * (truth[index] ?? 0);
    square += value * value;
    peak = Math.max(peak, truth[index] ?? 0);
  }
  const psnr = (scale: number) => {
    let error = 0;
    for (const [index, value] of volume.entries()) error += (value * scale - (truth[index] ?? 0)) ** 2;
    return 10 * Math.log10((peak * peak * volume.length) / error);
  };
  const scale = product / square;
  return { psnrAsIs: psnr(1), psnrScaled: psnr(scale), scale };
}

async function ours(geometry: ScanGeometry, sinogram: Float32Array): Promise<Float32Array> {
  const [depth, height, width] = geometry.volumeShape;
  const [measured, target] = [native.createArray(sinogram.length), native.createArray(depth * height * width)];
  measured.write(0, sinogram);
  await native.fdk(geometry, measured, native.fdkWeights(geometry), target, { filter: 'ramp' });
  const volume = new Float32Array(target.length);
  target.read(0, volume);
  measured.close();
  target.close();
  return volume;
}

/** Poisson noise of the counts behind line integrals; for so many photons a normal distribution. */
async function noisy(sinogram: Float32Array): Promise<Float32Array> {
  const random = native.createArray(sinogram.length);
  await native.fillRandom(random, 7, 'normal', 0, random.length);
  const normal = new Float32Array(random.length);
  random.read(0, normal);
  random.close();
  return sinogram.map((value, index) => {
    const expected = photons * Math.exp(-value);
    return -Math.log(Math.max(expected + Math.sqrt(expected) * (normal[index] ?? 0), 1) / photons);
  });
}

async function main(): Promise<void> {
  const scan = plastimatchScan({ voxels: 128, voxelMm: 0.3914, views: 180, pixels: 192, pixelMm: 0.9048, sourceMm: 66, detectorMm: 133 });
  if (scan === null) throw new Error('plastimatch is not installed here (Debian package plastimatch).');
  const { geometry } = scan;
  const scaled = (values: ArrayLike<number>) => Float32Array.from(values, (value) => density * value);
  const phantoms = {
    ellipsoids: [scaled(ellipsoidIntegrals(geometry, ellipsoids)), scaled(sampleEllipsoids(geometry, ellipsoids))],
    blobs: [scaled(blobIntegrals(geometry, blobs)), scaled(sampleBlobs(geometry, blobs))],
  } as const;
  const rows: { phantom: string; noise: boolean; program: string; quality: Quality }[] = [];
  for (const [phantom, [clean, truth]] of Object.entries(phantoms)) {
    for (const noise of [false, true]) {
      const sinogram = noise ? await noisy(clean) : clean;
      rows.push({ phantom, noise, program: 'TomoBench', quality: quality(await ours(geometry, sinogram), truth) });
      rows.push({ phantom, noise, program: 'plastimatch', quality: quality(scan.reconstruct(sinogram), truth) });
    }
  }
  scan.close();
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ rows }, null, 2));
    return;
  }
  console.log(`128^3 voxels of 0.39 mm, ${viewCount(geometry)} views of 192 x 192, ramp filter, ${photons} photons where there is noise\n`);
  console.log('| phantom | noise | program | PSNR as it is, dB | PSNR scaled to fit, dB | scale |');
  console.log('|---|---|---|---|---|---|');
  for (const { phantom, noise, program, quality: found } of rows) {
    const cells = [
      phantom,
      noise ? 'yes' : 'no',
      program,
      found.psnrAsIs.toFixed(2),
      found.psnrScaled.toFixed(2),
      found.scale.toPrecision(4),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
