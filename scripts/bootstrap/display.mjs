// Whether a window can be shown here, and how to give a command a display of its own where there is none.
import { findProgram } from './processes.mjs';

/** @param {NodeJS.ProcessEnv} [env] */
export function hasDisplay(env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * The command, wrapped so that its windows go to a display in memory where the system has one to offer: tests then
 * neither need a screen nor disturb the one in use.
 * @param {string} program
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
export function withVirtualDisplay(program, args) {
  if (process.platform !== 'linux' || !findProgram('xvfb-run')) return [program, args];
  return ['xvfb-run', ['-a', '-s', '-screen 0 1600x1000x24', program, ...args]];
}
