// Starts other programs for set-up and the launchers: quietly into a log file, or in the foreground with signals passed on once.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { SetUpError } from './report.mjs';

const isWindows = process.platform === 'win32';

/** @type {NodeJS.Signals[]} */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Full path of a program on PATH, or undefined.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 */
export function findProgram(name, env = process.env) {
  const endings = isWindows ? ['.exe', '.cmd', '.bat', ''] : [''];
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (folder && existsSync(path)) return path;
    }
  }
  return undefined;
}

/**
 * Runs a program to its end with its output in a log file.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log: string, timeLimitSec?: number, failure: string }} options failure: the sentence for the user
 */
export async function runLogged(program, args, options) {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'w');
  /** @type {string} */
  const reason = await new Promise((resolve) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', log, log] });
    let timedOut = false;
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      child.kill('SIGTERM');
      process.exit(128 + constants.signals[signal]);
    };
    for (const signal of stopSignals) process.on(signal, stop);
    const timer = options.timeLimitSec
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, options.timeLimitSec * 1000)
      : undefined;
    child.on('error', (error) => resolve(`could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      for (const signal of stopSignals) process.off(signal, stop);
      if (timedOut) resolve(`took longer than ${options.timeLimitSec} s`);
      else resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`);
    });
  });
  closeSync(log);
  if (reason) throw new SetUpError(`${options.failure} (${program} ${reason}; its output is in ${options.log})`);
  return readFileSync(options.log, 'utf8');
}

/**
 * Runs a program and returns its standard output; undefined when it cannot be started or fails.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<string | undefined>}
 */
export function capture(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? output : undefined));
  });
}

/**
 * Runs a program in the foreground and resolves to its exit code (128 + signal number when a signal ended it).
 * A terminal sends Ctrl+C to every process of the group and npm passes it on once more, so the child gets a
 * group of its own and each signal from here exactly once; repeats within a second are the same key press.
 * A signal sent to npm alone ends the shell between npm and here without a word: losing the parent counts as Ctrl+C.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function runInForeground(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: 'inherit', detached: !isWindows });
    /** @type {Map<string, number>} */
    const lastSent = new Map();
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      const now = Date.now();
      if (now - (lastSent.get(signal) ?? 0) < 1000) return;
      lastSent.set(signal, now);
      if (!isWindows) child.kill(signal);
    };
    for (const signal of stopSignals) process.on(signal, forward);
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      forward('SIGINT');
    }, 250);
    const release = () => {
      clearInterval(watch);
      for (const signal of stopSignals) process.off(signal, forward);
    };
    child.on('error', (error) => {
      release();
      reject(new SetUpError(`${program} could not be started (${error.message}).`));
    });
    child.on('close', (code, signal) => {
      release();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
