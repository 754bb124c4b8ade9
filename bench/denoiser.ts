/**
 * npm run bench -- denoiser [speed] [quality] [DATA.pt] [MODEL.onnx] [--json]: how fast the network runs beside the reference's pipeline in PyTorch at equal
 * windows and threads, and its PSNR by noise level beside best-tuned 3D total variation. Without a word: both.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { measureQuality, printQuality } from './denoising/quality';
import { measureSpeed, printSpeed } from './denoising/speed';

async function main(args: readonly string[]): Promise<void> {
  const words = args.filter((arg): boolean => arg === 'speed' || arg === 'quality');
  const files = args.filter((arg) => !arg.startsWith('--') && !words.includes(arg));
  const wants = (word: string): boolean => words.length === 0 || words.includes(word);
  const dataPath = files[0] ?? join('resources', 'samples', 'walnut-mini.pt');
  const modelPath = files[1] ?? join('resources', 'models', 'drunet-small.onnx');
  if (!existsSync(dataPath)) throw new Error(`${dataPath} does not exist. Name a .pt file: npm run bench -- denoiser DATA.pt`);
  const threads = availableParallelism();
  const speed = wants('speed') ? await measureSpeed(modelPath, threads) : null;
  if (speed && !args.includes('--json')) printSpeed(speed, threads);
  const quality = wants('quality') ? await measureQuality(dataPath, modelPath, threads) : null;
  if (quality && !args.includes('--json')) printQuality(quality);
  if (args.includes('--json')) console.log(JSON.stringify({ threads, speed, quality }));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
