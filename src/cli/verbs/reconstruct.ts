/** `reconstruct`: one reconstruction from a scan to a volume file, scored where the data has a reference; nothing is recorded. */
import { executeRow, RowControl } from '../../main/coordinator/executeRow';
import { planRanks } from '../../main/coordinator/rowPlan';
import { findModelFile, modelArgument } from '../../main/queue/modelFile';
import { type ExperimentRow, type SolverParameters, usesNetwork } from '../../shared/experiment';
import type { Iteration } from '../../shared/runs';
import { commonOptions } from '../arguments';
import { parseDevices } from '../devices';
import { outputVolume } from '../files';
import { corrections, dataPath, inspectScan } from '../inputs';
import { overRanks } from '../runDocument';
import { type ChosenSolver, solverFromOptions, solverMethods } from '../setOptions';
import { numberCell } from '../textTable';
import type { ExitCode, Verb, VerbContext } from '../verb';

/**
 * The views are always split into so many operators, however many devices there are: partial results are added operator by operator, so the number
 * of devices changes no bit. More devices than this share the denoising and the arithmetic on volumes, not the projections.
 */
const OPERATORS = 4;

export const reconstruct: Verb = {
  name: 'reconstruct',
  summary: `one reconstruction: ${solverMethods.join(', ')}`,
  positional: { name: 'nothing but options', least: 0, most: 0 },
  options: {
    method: { value: solverMethods.join('|'), help: 'a solver by its name in the configuration' },
    set: {
      value: 'KEY=VALUE',
      help: 'a solver parameter by its name in the configuration, or max_iter; may be given again',
      repeatable: true,
    },
    data: commonOptions.data,
    views: commonOptions.views,
    out: commonOptions.outVolume,
    devices: commonOptions.devices,
    'memory-limit': commonOptions['memory-limit'],
    'voxel-size': commonOptions['voxel-size'],
    correct: commonOptions.correct,
    model: commonOptions.model,
    json: commonOptions.json,
  },
  finishesOnInterrupt: true,
  execute,
};

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output, session, interrupt } = context;
  args.required('method', solverMethods.join(', '));
  const method = args.choice('method', solverMethods) ?? '';
  const voxelSizeMm = args.positiveNumber('voxel-size');
  const views = args.wholeNumber('views', 1);
  const out = args.required('out', 'the file to write, for example .npy');
  // Patches for one volume at a time: in batches of four, so that memory stays small.
  const chosen = solverFromOptions(method, args.all('set'), { max_batch_size: 4 });
  const data = dataPath(args, context);
  const summary = await inspectScan(data, voxelSizeMm, context);
  const machine = await session.machine();
  const devices = parseDevices(args.text('devices'), machine);
  const row = rowOf(
    chosen,
    views,
    Math.min(OPERATORS, views ?? summary.geometry.views, summary.geometry.views),
    devices?.length ?? null,
    corrections(args),
  );
  const plan = planRanks(row, machine, devices);
  const model = args.text('model');
  const modelPath = usesNetwork(row.solver)
    ? (await findModelFile(model === null ? row.solver.denoiser : modelArgument(model), session.folders.models)).path
    : null;
  const file = await outputVolume(out);

  const control = new RowControl();
  interrupt.onFirst(() => {
    output.note('Finishing the current iteration; press Ctrl+C again to stop at once.');
    if (row.max_runs > 1) control.finishNow();
    else control.cancel();
  });
  interrupt.onSecond(() => control.cancel());

  const iterations: Iteration[] = [];
  let peakMemoryMb = 0;
  let setup = { lipschitz: null as number | null, stepSize: null as number | null, setupSeconds: 0 };
  let provider: string | null = null;
  const notes: string[] = [...plan.notes];
  const outcome = await executeRow(
    session.launcher,
    {
      row,
      plan,
      dataPath: data,
      voxelSizeMm,
      modelPath,
      memoryLimitMiB: args.positiveNumber('memory-limit'),
      // The first is kept only when the user stops before the second.
      keepAs: (iteration, isLast) => (isLast || (iteration === 0 && control.finishRequested) ? { path: file, record: file } : null),
      keepMemoryAs: null,
      from: null,
    },
    control,
    {
      prepared: async (information, found) => {
        provider = information.provider;
        notes.push(...found);
      },
      started: async (information) => {
        setup = information;
      },
      iteration: async (iteration) => {
        iterations.push(iteration);
        if (iteration.iteration > 0 && !output.interactive) {
          output.note(
            `Iteration ${iteration.iteration} of ${row.max_runs}: ${iteration.iteration_time_sec.toFixed(2)} s, PSNR ${numberCell(iteration.psnr, 2)} dB`,
          );
        }
      },
      progress: (step, fraction) => output.bar(step, Math.min(1, (iterations.length - 1 + fraction) / row.max_runs), null),
      log: () => {},
      timed: async () => {},
      stepEnded: (_step, ranks) => {
        peakMemoryMb = Math.max(peakMemoryMb, ...ranks.map(({ peak_mb }) => peak_mb));
      },
    },
  );
  const last = iterations.at(-1);
  const seconds = last?.time_sec ?? 0;
  const document = {
    file,
    method,
    shape: summary.geometry.volumeShape,
    views: views === null ? summary.geometry.views : Math.min(views, summary.geometry.views),
    psnr: last?.psnr ?? null,
    ssim: last?.ssim ?? null,
    mse: last?.mse ?? null,
    seconds,
    setup_time_sec: setup.setupSeconds,
    peak_memory_mb: peakMemoryMb,
    iterations_done: outcome.iterations,
    stop_reason: outcome.stopReason,
    lipschitz: setup.lipschitz,
    step_size: setup.stepSize,
    devices: plan.devices,
    provider,
    iterations: iterations.map((iteration) => ({ ...iteration, ...overRanks(iteration.ranks) })),
    notes: [...new Set(notes)],
  };
  output.clearBar();
  output.document(document);
  const done = row.max_runs === 1 ? '' : `, ${outcome.iterations} iterations`;
  output.print(`${file}: PSNR ${numberCell(document.psnr, 2)} dB, SSIM ${numberCell(document.ssim, 4)}, ${seconds.toFixed(2)} s${done}`);
  return interrupt.requested ? 130 : 0;
}

/** One row as a configuration would give it; several devices share operators and patches. */
function rowOf(
  { solver, iterations }: ChosenSolver,
  views: number | null,
  operators: number,
  devices: number | null,
  corrected: string | null,
): ExperimentRow {
  return {
    index: 0,
    objective: 'reconstruction_objective',
    dataset: {
      name: 'tomography_3d',
      num_operators: operators,
      num_projections: views,
      geometry_type: 'conebeam',
      use_dataset_sinogram: true,
      voxel_size: null,
      noise_photons: null,
      seed: 0,
      corrections: corrected,
    },
    solver: devices === null ? solver : sharedBy(solver, devices),
    max_runs: iterations,
    n_repetitions: 1,
  };
}

function sharedBy(solver: SolverParameters, devices: number): SolverParameters {
  const ranks = { slurm_nodes: 1, slurm_ntasks_per_node: devices, distribute_physics: true };
  return usesNetwork(solver) ? { ...solver, ...ranks, distribute_denoiser: true } : { ...solver, ...ranks };
}
