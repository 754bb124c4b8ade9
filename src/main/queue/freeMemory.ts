/** Memory that a device has left, and a worker's part of it; MiB. */
import { freemem } from 'node:os';
import type { MachineInfo } from '../../shared/workerMessages';
import { groupMemory } from '../processes/groupMemory';
import type { RankMemory, RowNeeds } from './rowNeeds';

const MIB = 2 ** 20;

/** MiB that one worker of the row may take: of its GPU where it has one, else of the machine's memory and within its limit. */
export function workerBudget({ plan, volumeMiB }: RowNeeds, machine: MachineInfo, limitMiB: number | null): number {
  const device = plan.devices[0] ?? 'cpu';
  const sharing = Math.max(1, plan.devices.filter((each) => each === device).length);
  if (device !== 'cpu') return freeOf(device, machine) / sharing;
  // The iterate, which all workers read, counts once.
  const freeMiB = (freeOf(device, machine) + (sharing - 1) * volumeMiB) / sharing;
  return Math.min(freeMiB, limitMiB ?? Number.POSITIVE_INFINITY);
}

/** What a worker needs of that budget, MiB; a limit counts what is reserved, not only what is used. */
export function budgetedMiB({ plan }: RowNeeds, { peakMiB, reservedMiB, deviceMiB }: RankMemory, limitMiB: number | null): number {
  if (plan.devices[0] !== undefined && plan.devices[0] !== 'cpu') return deviceMiB;
  return limitMiB === null ? peakMiB : Math.max(peakMiB, reservedMiB);
}

/** Free memory of a device, MiB; of a GPU all of it, because asking what is free would take some of it. */
export function freeOf(device: string, machine: MachineInfo): number {
  const index = /^cuda:(\d+)$/.exec(device)?.[1];
  if (index !== undefined) return machine.cuda.find((gpu) => gpu.index === Number(index))?.totalMiB ?? 0;
  return Math.min(freemem() / MIB, groupMemory().freeMiB ?? Number.POSITIVE_INFINITY);
}
