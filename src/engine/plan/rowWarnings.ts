/** What is allowed but probably not meant: warnings on expanded rows, grouped so that a long grid gives a short list. */
import { type ExperimentRow, type Problem, rankCount, usesNetwork } from '../../shared/experiment';

/** What is wrong or doubtful about one parameter of one row. */
export interface Finding {
  readonly severity: Problem['severity'];
  readonly key: string;
  readonly message: string;
}

/** One problem for each different finding, on the first row that has it, with the number of further rows. Lines are left to the caller. */
export function rowProblems(rows: readonly ExperimentRow[]): Problem[] {
  const groups = new Map<string, { problem: Problem; count: number }>();
  for (const row of rows) {
    for (const finding of findings(row)) {
      const group = groups.get(finding.message);
      if (group === undefined) groups.set(finding.message, { problem: { ...finding, line: null, row: row.index }, count: 1 });
      else group.count++;
    }
  }
  return [...groups.values()].map(({ problem, count }) => {
    const others = count === 1 ? '' : ` (and ${count - 1} more ${count === 2 ? 'row' : 'rows'})`;
    return { ...problem, message: `${problem.message}${others}` };
  });
}

export function findings(row: ExperimentRow): Finding[] {
  const { dataset, solver } = row;
  const ranks = rankCount(solver);
  const network = usesNetwork(solver);
  const devices = Number(solver.slurm_gres.slice('gpu:'.length));
  const found: Finding[] = [];
  const warn = (key: string, message: string) => found.push({ severity: 'warning', key, message });
  if (network && solver.max_batch_size === 0) {
    warn(
      'max_batch_size',
      "max_batch_size is 0: all of a rank's patches go through the network in one batch, which needs the most memory.",
    );
  }
  if (dataset.num_projections !== null && dataset.num_operators > dataset.num_projections) {
    const message = `num_operators is ${dataset.num_operators}, more than the ${dataset.num_projections} views; some operators have no view. Use fewer.`;
    found.push({ severity: 'error', key: 'num_operators', message });
  }
  if (ranks > 1 && solver.distribute_physics && ranks > dataset.num_operators) {
    warn(
      'num_operators',
      `${ranks} ranks share ${dataset.num_operators} operators: ${ranks - dataset.num_operators} idle in the gradient step.`,
    );
  }
  if (ranks > 1 && !solver.distribute_physics && !(network && solver.distribute_denoiser)) {
    const keys = network ? 'distribute_physics and distribute_denoiser are' : 'distribute_physics is';
    warn('slurm_ntasks_per_node', `${ranks} ranks, but ${keys} false: only the first rank works.`);
  }
  if (devices === 0) warn('slurm_gres', 'slurm_gres asks for no device (gpu:0); each rank runs on one CPU worker.');
  else if (solver.slurm_ntasks_per_node > devices) {
    warn(
      'slurm_gres',
      `${solver.slurm_ntasks_per_node} ranks of a node share ${devices} ${devices === 1 ? 'device' : 'devices'} (slurm_gres).`,
    );
  } else if (solver.slurm_ntasks_per_node < devices) {
    warn('slurm_gres', `slurm_gres asks for ${devices} devices a node, but slurm_ntasks_per_node uses ${solver.slurm_ntasks_per_node}.`);
  }
  if (solver.torchrun_nproc_per_node > 1) {
    warn('torchrun_nproc_per_node', 'torchrun_nproc_per_node is not used; ranks are slurm_nodes x slurm_ntasks_per_node.');
  }
  if (dataset.use_dataset_sinogram && dataset.noise_photons !== null) {
    warn('noise_photons', 'noise_photons is not used with use_dataset_sinogram: true.');
  }
  return found;
}
