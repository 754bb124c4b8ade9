/** Memory that a device has left, and a worker's part of it; MiB. */
import { freemem } from 'node:os';
import type { MachineInfo } from '../../shared/workerMessages';
import { groupMemory } from '../processes/groupMemory';
import type { RowNeeds } from './rowNeeds';

const MIB = 2 ** 20;

/** MiB that one worker of the row may take. */
export function workerBudget(needs: RowNeeds, machine: MachineInfo, limitMiB: number | null): number {
  const sharing = Math.max(1, needs.plan.devices.filter((device) => device === needs.plan.devices[0]).length);
  const freeMiB = (freeOf(needs.plan.devices[0] ?? 'cpu', machine) + (sharing - 1) * needs.volumeMiB) / sharing;
  return Math.min(freeMiB, limitMiB ?? Number.POSITIVE_INFINITY);
}

/** Free memory of a device, MiB; of a GPU all of it, because asking what is free would take some of it. */
export function freeOf(device: string, machine: MachineInfo): number {
  const index = /^cuda:(\d+)$/.exec(device)?.[1];
  if (index !== undefined) return machine.cuda.find((gpu) => gpu.index === Number(index))?.totalMiB ?? 0;
  return Math.min(freemem() / MIB, groupMemory().freeMiB ?? Number.POSITIVE_INFINITY);
}
