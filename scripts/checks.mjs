// The static checks: one tsc per runtime, Biome, the layering and dead code. Each counts as one passed or failed check.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap/state.mjs';

/** The projects of tsconfig.json, which editors read too. */
function projects() {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return references.map((/** @type {{ path: string }} */ { path }) => path.replace(/^\.\//, ''));
}

/** @returns {{ name: string, args: string[] }[]} each a JavaScript file of node_modules with its arguments */
export function staticChecks() {
  const at = (/** @type {string} */ path) => join(root, 'node_modules', path);
  return [
    { name: 'biome', args: [at('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'] },
    ...projects().map((/** @type {string} */ project) => ({ name: `tsc ${project}`, args: [at('typescript/bin/tsc'), '-p', project] })),
    {
      name: 'dependency-cruiser',
      args: [at('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.cjs', 'src'],
    },
    { name: 'knip', args: [at('knip/bin/knip.js'), '--no-progress'] },
  ];
}

/**
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, output: string }>}
 */
function runQuietly(node, args, env) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Runs all static checks, two at a time, and prints the output of those that fail.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ passed: number, failed: number, failures: string[] }>}
 */
export async function runStaticChecks(node, env) {
  const waiting = staticChecks();
  let passed = 0;
  /** @type {string[]} */
  const failures = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { code, output } = await runQuietly(node, check.args, env);
      if (code === 0) passed += 1;
      else failures.push(check.name);
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name}\n${code === 0 ? '' : `${output.trimEnd()}\n`}`);
    }
  };
  await Promise.all([work(), work()]);
  return { passed, failed: failures.length, failures };
}
