/** Decides how one row meets this machine: how many ranks, on which devices, with how many threads each. */
import type { ExperimentRow } from '../../shared/experiment';
import { rankCount } from '../../shared/experiment';
import type { MachineInfo } from '../../shared/workerMessages';

export interface RankPlan {
  /** One device a rank: cpu or cuda:N. */
  readonly devices: readonly string[];
  readonly threadsPerRank: number;
  /** Sentences for the run's record where the machine differs from what the row asks for. */
  readonly notes: readonly string[];
}

/** Devices a node of the row asks for: N of slurm_gres "gpu:N". */
function devicesAskedFor(row: ExperimentRow): number {
  return Number(row.solver.slurm_gres.split(':')[1] ?? 1) * row.solver.slurm_nodes;
}

/**
 * `chosen` (--devices, in rank order) wins and sets the number of ranks; otherwise the row's ranks go over the CUDA devices in turn,
 * or run as CPU workers where there are none.
 */
export function planRanks(
  row: ExperimentRow,
  machine: Pick<MachineInfo, 'logicalCores' | 'cuda'>,
  chosen: readonly string[] | null,
): RankPlan {
  const asked = rankCount(row.solver);
  const notes: string[] = [];
  let devices: string[];
  if (chosen) {
    devices = [...chosen];
    if (chosen.length !== asked) notes.push(`The row asks for ${asked} ranks; it ran on the ${chosen.length} chosen.`);
  } else if (machine.cuda.length > 0) {
    const usable = machine.cuda.slice(0, Math.max(1, devicesAskedFor(row)));
    devices = Array.from({ length: asked }, (_, rank) => `cuda:${usable[rank % usable.length]?.index ?? 0}`);
    if (usable.length < devicesAskedFor(row))
      notes.push(`The row asks for ${row.solver.slurm_gres}; this machine has ${usable.length} GPU.`);
  } else {
    devices = Array.from({ length: asked }, () => 'cpu');
    notes.push(`No GPU found: ${row.solver.slurm_gres} ran on ${asked} CPU ${asked === 1 ? 'worker' : 'workers'}.`);
  }
  const onCpu = devices.filter((device) => device === 'cpu').length;
  // Ranks on GPUs use the processor too: for arithmetic on the shared volumes and for filling what is copied, all at the same time.
  const threadsPerRank = Math.max(1, Math.floor(machine.logicalCores / devices.length));
  if (onCpu > machine.logicalCores) notes.push(`${onCpu} CPU workers share ${machine.logicalCores} cores.`);
  return { devices, threadsPerRank, notes };
}
