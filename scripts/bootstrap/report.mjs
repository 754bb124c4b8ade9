// What set-up tells the user: one line per step on stderr (stdout belongs to the verbs) and one sentence when it has to stop.

/** A set-up failure whose message is the one sentence the user should read. */
export class SetUpError extends Error {}

export function say(/** @type {string} */ text) {
  process.stderr.write(`set-up: ${text}\n`);
}

/**
 * Announces a step with its expected duration, does it, and says how long it took.
 * @template T
 * @param {string} title what is done, in plain words
 * @param {string} expected how long it may take, in plain words
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, expected, work) {
  say(`${title} (${expected}) ...`);
  const start = Date.now();
  const result = await work();
  say(`${title}: done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * Runs a command's main function; a SetUpError ends it with its sentence, anything else with its stack.
 * @param {() => Promise<number>} main resolves to the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(
      error instanceof SetUpError ? `Set-up stopped: ${error.message}\n` : `${error instanceof Error ? error.stack : error}\n`,
    );
    process.exitCode = 1;
  }
}
