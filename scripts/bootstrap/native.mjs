// Builds the native addon with CMake, with CUDA where nvcc compiles it, and keeps the binary in the user's cache by the digest of everything it depends on.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { aptLine } from './debian.mjs';
import { contentKey, listFiles, quickKey } from './fingerprint.mjs';
import { capture, findProgram, runLogged } from './processes.mjs';
import { SetUpError, say, step } from './report.mjs';
import { buildFolder, readState, recordState, root } from './state.mjs';

/** Where the product finds the addon. */
export const nativeBinary = join(buildFolder, 'native', 'tomo_native.node');

const workFolder = join(buildFolder, 'native-work');

function sources() {
  return listFiles(root, ['src/native'], (path) => !path.endsWith('.ts'));
}

/** Versions of the header packages: part of what the binary is made from. */
function headerVersions() {
  return ['node-api-headers', 'node-addon-api'].map((name) => {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    return `${name}@${version}`;
  });
}

export function nativeQuickKey() {
  return quickKey(root, sources());
}

/**
 * Arguments of the configure step; the sanitizer build of scripts/checkNative.mjs adds its own.
 * @param {string} folder build folder
 * @param {string[]} extra
 */
export function configureArguments(folder, extra) {
  const headers = join(root, 'node_modules', 'node-api-headers', 'include');
  const addonApi = join(root, 'node_modules', 'node-addon-api');
  return [
    '-S',
    join(root, 'src', 'native'),
    '-B',
    folder,
    ...(findProgram('ninja') ? ['-G', 'Ninja'] : []),
    `-DNODE_API_HEADERS_DIR=${headers.replaceAll('\\', '/')}`,
    `-DNODE_ADDON_API_DIR=${addonApi.replaceAll('\\', '/')}`,
    ...extra,
  ];
}

/** @param {NodeJS.ProcessEnv} env */
export function requireCompiler(env) {
  const compiler = [env.CXX, 'c++', 'g++', 'clang++'].find((name) => name && findProgram(name, env));
  const lacking = [
    ...(findProgram('cmake', env) ? [] : ['CMake']),
    ...(compiler || process.platform === 'win32' ? [] : ['a C++ compiler']),
  ];
  if (lacking.length === 0) return compiler;
  const advice =
    process.platform === 'linux'
      ? `on Debian: ${aptLine(['compile'])}`
      : process.platform === 'darwin'
        ? 'run "xcode-select --install" and install CMake'
        : 'install CMake and the Visual Studio Build Tools with C++';
  throw new SetUpError(
    `${lacking.join(' and ')} is needed to build the native part and was not found; ${advice}, then run the same command again.`,
  );
}

/** @param {NodeJS.ProcessEnv} env */
function findNvcc(env) {
  if (!sources().some((path) => path.endsWith('.cu'))) return undefined;
  return findProgram('nvcc', {
    PATH: [env.PATH, env.CUDA_HOME && join(env.CUDA_HOME, 'bin'), '/usr/local/cuda/bin'].filter(Boolean).join(':'),
  });
}

/**
 * @param {string} folder of the build
 * @param {string[]} options
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name of the log files
 */
export async function compile(folder, options, env, name) {
  mkdirSync(folder, { recursive: true });
  const failure = 'the native part could not be compiled; look at the end of the log for the reason, then run the same command again.';
  await runLogged('cmake', configureArguments(folder, options), { env, log: join(buildFolder, 'logs', `${name}-configure.log`), failure });
  await runLogged('cmake', ['--build', folder, '--config', 'Release', '--parallel'], {
    env,
    log: join(buildFolder, 'logs', `${name}-compile.log`),
    failure,
  });
}

/** @param {string} folder newest tomo_native.node below it */
function findBinary(folder) {
  const found = listFiles(folder, ['.'], (path) => path.endsWith('tomo_native.node'))[0];
  if (!found)
    throw new SetUpError(`the native build left no tomo_native.node in ${folder}; delete that folder and run the same command again.`);
  return join(folder, found);
}

/** @param {NodeJS.ProcessEnv} env environment with a Node >= 22.14 first on PATH */
export async function provideNative(env) {
  const quick = nativeQuickKey();
  if (readState().native === quick && existsSync(nativeBinary)) return;
  const compiler = requireCompiler(env);
  const nvcc = findNvcc(env);
  const key = contentKey(root, sources(), [
    ...headerVersions(),
    `${process.platform}-${process.arch}`,
    // The code may be compiled for this very processor, and home folders are shared between machines.
    cpus()[0]?.model ?? '',
    (compiler && (await capture(compiler, ['--version'], { env }))) ?? '',
    (nvcc && (await capture(nvcc, ['--version'], { env }))) ?? 'no CUDA',
  ]);
  const entry = await cached(`native-${key.slice(0, 24)}`, (making) => buildInto(making, nvcc, env));
  mkdirSync(join(buildFolder, 'native'), { recursive: true });
  const aside = `${nativeBinary}.${process.pid}.tmp`;
  copyFileSync(join(entry, 'tomo_native.node'), aside);
  renameSync(aside, nativeBinary);
  recordState({ native: quick });
}

/**
 * @param {string} making cache folder to fill
 * @param {string | undefined} nvcc
 * @param {NodeJS.ProcessEnv} env
 */
async function buildInto(making, nvcc, env) {
  if (nvcc) {
    try {
      await step('building the native part with CUDA', '1 to 3 minutes', () =>
        compile(workFolder, ['-DCMAKE_BUILD_TYPE=Release', '-DTOMO_CUDA=ON', `-DCMAKE_CUDA_COMPILER=${nvcc}`], env, 'native'),
      );
      copyFileSync(findBinary(workFolder), join(making, 'tomo_native.node'));
      return;
    } catch (error) {
      if (!(error instanceof SetUpError)) throw error;
      say(`CUDA was found (${nvcc}) but did not compile: ${error.message} Building for the CPU only.`);
      rmSync(workFolder, { recursive: true, force: true });
    }
  }
  await step('building the native part for the CPU', '1 to 2 minutes', () =>
    compile(workFolder, ['-DCMAKE_BUILD_TYPE=Release', '-DTOMO_CUDA=OFF'], env, 'native'),
  );
  copyFileSync(findBinary(workFolder), join(making, 'tomo_native.node'));
}
