/** Reads --devices and checks it against the machine; how rows are spread over devices is the coordinator's. */
import { UserError } from '../shared/errors';
import type { MachineInfo } from '../shared/workerMessages';

/** More workers than any machine has cores for. */
const MOST_WORKERS = 256;

/**
 * One device a rank: `cpu:2` is two CPU workers, `cuda:0,cuda:1` one rank on each GPU; null for `auto` (or nothing): as the row asks.
 * A part may be repeated to put several ranks on one device.
 */
export function parseDevices(text: string | null, machine: Pick<MachineInfo, 'cuda' | 'cudaReason'>): readonly string[] | null {
  if (text === null || text === 'auto') return null;
  const devices = text.split(',').flatMap((part) => readPart(part.trim(), text, machine));
  if (devices.length > MOST_WORKERS) throw new UserError(`--devices asks for ${devices.length} workers; at most ${MOST_WORKERS} can run.`);
  return devices;
}

function readPart(part: string, text: string, machine: Pick<MachineInfo, 'cuda' | 'cudaReason'>): string[] {
  const match = /^(cpu|cuda)(?::(\d{1,4}))?$/.exec(part);
  if (!match) throw new UserError(`--devices is "${text}"; it must be auto, cpu, cpu:2 (two CPU workers) or GPUs such as cuda:0,cuda:1.`);
  const number = match[2] === undefined ? null : Number(match[2]);
  if (match[1] === 'cpu') {
    if (number === 0) throw new UserError('--devices cpu:0 asks for no worker; use cpu:1 or more.');
    return Array.from({ length: Math.min(number ?? 1, MOST_WORKERS + 1) }, () => 'cpu');
  }
  const index = number ?? 0;
  if (machine.cuda.some((gpu) => gpu.index === index)) return [`cuda:${index}`];
  const offer =
    machine.cuda.length === 0
      ? `this machine offers no GPU (${machine.cudaReason ?? 'none found'})`
      : `the GPUs here are ${machine.cuda.map((gpu) => `cuda:${gpu.index}`).join(', ')}`;
  throw new UserError(`--devices asks for cuda:${index}, but ${offer}.`);
}
