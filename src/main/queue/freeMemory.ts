/** Memory that a device has left, and a worker's part of it; MiB. */
import { freemem } from 'node:os';
import type { MachineInfo } from '../../shared/workerMessages';
import { groupMemory } from '../processes/groupMemory';
import type { RankMemory, RowNeeds } from './rowNeeds';

const MIB = 2 ** 20;

/**
 * MiB that one worker of the row may take when all workers together take `share` of what there is: of its GPU where it has one, else of the machine's
 * memory and within its limit.
 */
export function workerBudget(needs: RowNeeds, machine: MachineInfo, limitMiB: number | null, share = 1): number {
  const { devices } = needs.plan;
  const device = devices[0] ?? 'cpu';
  const sharing = Math.max(1, devices.filter((each) => each === device).length);
  const freeMiB = share * freeOf(device, machine);
  if (device !== 'cpu') return freeMiB / sharing;
  return Math.min((freeMiB + countedTwiceMiB(needs, sharing)) / sharing, limitMiB === null ? Number.POSITIVE_INFINITY : share * limitMiB);
}

/**
 * What the resident memory of `sharing` workers on the processor counts more than once: the iterate, which all of them read whole, the network's two
 * volumes, over which the windows of each reach, and of each operator's part its sum's slab, which others than its owner read.
 */
export function countedTwiceMiB({ row, network, volumeMiB }: RowNeeds, sharing: number): number {
  const { distribute_physics } = row.solver;
  const whole = network?.solver.distribute_denoiser ? 3 : 1;
  const parts = distribute_physics ? row.dataset.num_operators / sharing : 0;
  return (sharing - 1) * volumeMiB * (whole + parts);
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
