/** `doctor`: what this machine and this installation offer, what is missing and how to get it. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { shippedModels } from '../../main/queue/modelFile';
import { toErrorMessage } from '../../shared/errors';
import type { MachineInfo } from '../../shared/workerMessages';
import { commonOptions } from '../arguments';
import { bytesText } from '../output';
import { workspaceFolder } from '../session';
import type { ExitCode, Verb, VerbContext } from '../verb';

export const doctor: Verb = {
  name: 'doctor',
  summary: 'devices, memory, runtimes, versions; what is missing and how to get it',
  positional: { name: 'nothing but options', least: 0, most: 0 },
  options: { workspace: commonOptions.workspace, json: commonOptions.json },
  execute,
};

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do; null where nothing is missing. */
  readonly remedy: string | null;
}

/** A 501^3 experiment shares about six volumes and two operators' partial sums of half a GiB each. */
const SHARED_MEMORY_WANTED = 4 * 2 ** 30;

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output, session, version } = context;
  const checks: Check[] = [];
  const machine = await session.machine().catch((error: unknown) => {
    checks.push({
      name: 'native code',
      ok: false,
      found: toErrorMessage(error).message,
      remedy: 'Run "npm start" once; it builds what is missing.',
    });
    return null;
  });
  if (machine !== null) checks.push(...machineChecks(machine));
  checks.push(...(await memoryChecks()));
  for (const file of shippedModels.values()) checks.push(await modelCheck(join(session.folders.models, file), context));
  checks.push(await storeCheck(context), await workspaceCheck(workspaceFolder(args.text('workspace'))));
  const missing = checks.filter(({ ok }) => !ok);
  output.document({
    version,
    devices: devicesOf(machine),
    memory: machine && { total_mib: machine.memoryMiB, free_mib: machine.freeMiB },
    versions: { tomobench: version, node: process.versions.node, ...machine?.versions },
    checks,
    missing: missing.map(({ name, found, remedy }) => ({ name, found, remedy })),
  });
  output.print(`TomoBench ${version}`);
  for (const { name, ok, found, remedy } of checks) {
    output.print(`${ok ? 'ok     ' : 'MISSING'} ${name.padEnd(16)} ${found}`);
    if (remedy !== null) output.print(`${' '.repeat(25)}${remedy}`);
  }
  if (machine !== null)
    output.print(
      `versions: ${Object.entries(machine.versions)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
  return 0;
}

function devicesOf(machine: MachineInfo | null) {
  if (machine === null) return [];
  return [
    {
      id: 'cpu',
      name: machine.cpuName,
      cores: machine.logicalCores,
      simd: machine.simd,
      memory_mib: machine.memoryMiB,
      free_mib: machine.freeMiB,
    },
    ...machine.cuda.map((gpu) => ({ id: `cuda:${gpu.index}`, name: gpu.name, memory_mib: gpu.totalMiB })),
  ];
}

function machineChecks(machine: MachineInfo): Check[] {
  const gpus = machine.cuda.map((gpu) => `cuda:${gpu.index} ${gpu.name} (${Math.round(gpu.totalMiB)} MiB)`);
  // A GPU that did not answer is said beside those that did.
  if (gpus.length > 0 && machine.cudaReason !== null) gpus.push(machine.cudaReason);
  return [
    { name: 'processor', ok: true, found: `${machine.cpuName}, ${machine.logicalCores} cores, ${machine.simd}`, remedy: null },
    {
      name: 'memory',
      ok: true,
      found: `${bytesText(machine.memoryMiB * 2 ** 20)}, ${bytesText(machine.freeMiB * 2 ** 20)} free`,
      remedy: null,
    },
    gpus.length > 0
      ? { name: 'GPU', ok: true, found: gpus.join('; '), remedy: null }
      : {
          name: 'GPU',
          ok: false,
          found: machine.cudaReason ?? 'No CUDA device.',
          remedy:
            'Everything runs on the processor. For an NVIDIA GPU install its driver and the CUDA toolkit (nvcc), then run "npm start" again.',
        },
  ];
}

/** Volumes that ranks share lie in /dev/shm, which containers often make small. */
async function memoryChecks(): Promise<Check[]> {
  if (process.platform !== 'linux') return [];
  const { bavail, bsize } = await statfs('/dev/shm').catch(() => ({ bavail: 0, bsize: 0 }));
  const free = bavail * bsize;
  const ok = free >= SHARED_MEMORY_WANTED;
  const remedy = ok
    ? null
    : 'Volumes of 501^3 voxels need about 4 GiB of /dev/shm; make it larger ("mount -o remount,size=8G /dev/shm", or --shm-size in a container).';
  return [{ name: 'shared memory', ok, found: `${bytesText(free)} free in /dev/shm`, remedy }];
}

/** A run of a shipped network on a small window, in a worker of its own. */
async function modelCheck(path: string, { session }: VerbContext): Promise<Check> {
  if (!existsSync(path)) {
    return {
      name: 'network',
      ok: false,
      found: `${path} is missing`,
      remedy: 'Get the file from the repository again, or name a model with --model.',
    };
  }
  try {
    const { provider, form } = await session.device().call('describeModel', { path });
    return { name: 'network', ok: true, found: `${basename(path)} (${form}) runs on ${provider}`, remedy: null };
  } catch (error) {
    return {
      name: 'network',
      ok: false,
      found: toErrorMessage(error).message,
      remedy: 'Run "npm ci" again, so that onnxruntime-node is complete.',
    };
  }
}

/** Opens and closes a record file in a temporary folder: proves that the database works without touching anybody's records. */
async function storeCheck({ session }: VerbContext): Promise<Check> {
  const folder = await mkdtemp(join(tmpdir(), 'tomobench-doctor-'));
  try {
    const store = await session.store(folder);
    await store.call('listRuns', {});
    return { name: 'records', ok: true, found: 'the database (SQLite) works', remedy: null };
  } catch (error) {
    return {
      name: 'records',
      ok: false,
      found: toErrorMessage(error).message,
      remedy: 'Run "npm start" once; it provides the database for this Node.',
    };
  } finally {
    await session.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function workspaceCheck(workspace: string): Promise<Check> {
  const status = await statfs(workspace).catch(() => null);
  const found = status === null ? `${workspace} (made by the first run)` : `${workspace}, ${bytesText(status.bavail * status.bsize)} free`;
  return { name: 'workspace', ok: true, found, remedy: null };
}
