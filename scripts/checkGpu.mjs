// npm run check:gpu [-- --device cuda:N]: a GPU against the CPU operation by operation, the same under compute-sanitizer where it is found, and the GPU bench.
// Exit code 0: all of it passed; 1: something failed; 2: nothing was checked, because there is no GPU.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setUp } from './bootstrap/index.mjs';
import { nativeBinary } from './bootstrap/native.mjs';
import { findProgram, runInForeground } from './bootstrap/processes.mjs';
import { runMain, SetUpError } from './bootstrap/report.mjs';
import { root } from './bootstrap/state.mjs';
import { runSuite } from './suites.mjs';

const tests = 'test/native/cudaDevice.test.ts';
/** MiB: less than the table's larger scans need, so that they go through the GPU in slabs. */
const littleMemoryMiB = '2';

/** @param {string[]} args */
function askedDevices(args) {
  if (args.length === 0) return null;
  if (args.length !== 2 || args[0] !== '--device')
    throw new SetUpError('check:gpu knows one option: npm run check:gpu -- --device cuda:0.');
  return [args[1] ?? ''];
}

/** @param {NodeJS.ProcessEnv} env */
function findSanitizer(env) {
  const folders = [env.PATH, env.CUDA_HOME && join(env.CUDA_HOME, 'bin'), '/usr/local/cuda/bin'];
  return findProgram('compute-sanitizer', { PATH: folders.filter(Boolean).join(':') });
}

await runMain(async () => {
  const asked = askedDevices(process.argv.slice(2));
  const { node, env } = await setUp('terminal');
  /** @type {{ cuda: { index: number, name: string }[], cudaReason: string | null }} */
  const machine = createRequire(nativeBinary)(nativeBinary).deviceInfo();
  if (machine.cuda.length === 0) {
    process.stdout.write(`Nothing was checked. ${machine.cudaReason ?? 'No CUDA device.'}\n`);
    return 2;
  }
  const devices = asked ?? machine.cuda.map(({ index }) => `cuda:${index}`);
  const total = { passed: 0, failed: 0 };
  /** @param {{ passed: number, failed: number }} count */
  const add = ({ passed, failed }) => {
    total.passed += passed;
    total.failed += failed;
  };
  /** @param {number} code */
  const addCode = (code) => add(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  const sanitizer = findSanitizer(env);
  for (const device of devices) {
    const named = { ...env, TOMOBENCH_CHECK_DEVICE: device };
    process.stdout.write(`\n== ${device} against the CPU, then with ${littleMemoryMiB} MiB ==\n`);
    add(await runSuite(node, named, 'native', [tests]));
    add(await runSuite(node, { ...named, TOMOBENCH_GPU_MEMORY_MIB: littleMemoryMiB }, 'native', [tests]));
    if (sanitizer) {
      const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'native', '--testTimeout=0', tests];
      for (const tool of ['memcheck', 'racecheck', 'synccheck']) {
        process.stdout.write(`\n== compute-sanitizer ${tool}, ${device} ==\n`);
        const args = ['--tool', tool, '--target-processes', 'all', '--error-exitcode', '3', node, ...vitest];
        addCode(await runInForeground(sanitizer, args, { cwd: root, env: named }));
      }
    }
    process.stdout.write(`\n== bench, ${device} ==\n`);
    addCode(
      await runInForeground(node, [join(root, 'scripts', 'bench.mjs'), 'projector', 'mini', 'big', 'full', '--device', device], {
        cwd: root,
        env,
      }),
    );
  }
  if (!sanitizer)
    process.stdout.write('\nskipped: compute-sanitizer was not found beside the CUDA compiler, so memory and races were not checked.\n');
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
});
