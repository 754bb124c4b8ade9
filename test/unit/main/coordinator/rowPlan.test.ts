// How a row's ranks meet the machine's devices.
import { describe, expect, it } from 'vitest';
import { planRanks } from '../../../../src/main/coordinator/rowPlan';
import type { ExperimentRow } from '../../../../src/shared/experiment';

function row(ranks: number, gres: string): ExperimentRow {
  return { solver: { slurm_nodes: 1, slurm_ntasks_per_node: ranks, slurm_gres: gres } } as ExperimentRow;
}
const gpu = (index: number) => ({ index, name: `GPU ${index}`, totalMiB: 80_000 });

describe('planRanks', () => {
  it('runs gpu:2 on two CPU workers where there is no GPU, with the cores divided, and says so', () => {
    const plan = planRanks(row(2, 'gpu:2'), { logicalCores: 8, cuda: [] }, null);
    expect(plan.devices).toEqual(['cpu', 'cpu']);
    expect(plan.threadsPerRank).toBe(4);
    expect(plan.notes).toEqual(['No GPU found: gpu:2 ran on 2 CPU workers.']);
  });

  it('spreads ranks over the GPUs the row asks for, and says when there are fewer', () => {
    expect(planRanks(row(2, 'gpu:2'), { logicalCores: 8, cuda: [gpu(0), gpu(1), gpu(2)] }, null).devices).toEqual(['cuda:0', 'cuda:1']);
    const fewer = planRanks(row(2, 'gpu:2'), { logicalCores: 8, cuda: [gpu(0)] }, null);
    expect(fewer.devices).toEqual(['cuda:0', 'cuda:0']);
    expect(fewer.notes).toHaveLength(1);
  });

  it('gives ranks the GPUs by the numbers of those that answered, in turn, and shares the cores among all ranks', () => {
    const machine = { logicalCores: 8, cuda: [gpu(1), gpu(3)] };
    const plan = planRanks(row(4, 'gpu:2'), machine, null);
    expect(plan.devices).toEqual(['cuda:1', 'cuda:3', 'cuda:1', 'cuda:3']);
    expect(plan.threadsPerRank).toBe(2);
    expect(planRanks(row(3, 'gpu:1'), machine, null).devices).toEqual(['cuda:1', 'cuda:1', 'cuda:1']);
    expect(planRanks(row(2, 'gpu:2'), machine, ['cuda:3', 'cuda:1']).devices).toEqual(['cuda:3', 'cuda:1']);
  });

  it('takes the chosen devices as the ranks', () => {
    const plan = planRanks(row(2, 'gpu:2'), { logicalCores: 2, cuda: [] }, ['cpu', 'cpu', 'cpu']);
    expect(plan.devices).toHaveLength(3);
    expect(plan.threadsPerRank).toBe(1);
    expect(plan.notes.join(' ')).toMatch(/asks for 2 ranks; it ran on the 3 chosen.*3 CPU workers share 2 cores/);
  });
});
