/** Entry of the command line: finds the verb, runs it, and turns what it throws into one sentence and an exit code. */

import { suggestion } from '../engine/plan/nearestName';
import { programFolders, programVersion } from '../main/processes/programFolders';
import { type ErrorCode, toErrorMessage, UserError } from '../shared/errors';
import { parseArguments } from './arguments';
import { generalHelp, verbHelp } from './help';
import { Interrupt } from './interrupt';
import { Output } from './output';
import { Session } from './session';
import type { Verb } from './verb';
import { verbs } from './verbs';

/** Not the user's doing: the work itself failed. Everything else is usage or bad input. */
const failureCodes: readonly ErrorCode[] = ['no_space', 'out_of_memory', 'timed_out', 'worker_crashed', 'worker_killed', 'internal'];

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  const output = new Output(process, rest.includes('--json'));
  const folders = programFolders(__dirname);
  const version = programVersion(folders);
  if (name === '--version' || name === 'version') {
    process.stdout.write(`TomoBench ${version}\n`);
    return 0;
  }
  if (name === 'help' || name === '--help' || name === '-h') {
    const topic = verbs.find((candidate) => candidate.name === rest[0]);
    process.stdout.write(topic ? verbHelp(topic) : generalHelp(verbs));
    return 0;
  }
  const verb = verbs.find((candidate) => candidate.name === name);
  if (!verb)
    return refuse(
      new UserError(
        `There is no verb "${name}".${suggestion(
          name,
          verbs.map((known) => known.name),
        )}`,
      ),
      output,
    );
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(verbHelp(verb));
    return 0;
  }
  return runVerb(verb, rest, {
    output,
    session: new Session(folders, (sentence) => output.note(sentence)),
    interrupt: new Interrupt(),
    version,
  });
}

async function runVerb(
  verb: Verb,
  argv: readonly string[],
  parts: { output: Output; session: Session; interrupt: Interrupt; version: string },
): Promise<number> {
  const { output, session, interrupt } = parts;
  const stop = (): void => interrupt.press();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // A verb that has nothing to finish stops at once.
  if (!verb.finishesOnInterrupt) interrupt.onFirst(() => session.killAll());
  interrupt.onThird(() => {
    session.killAll();
    process.exit(130);
  });
  try {
    const args = parseArguments({ verb: verb.name, positional: verb.positional, options: verb.options }, argv);
    return await verb.execute({ ...parts, args });
  } catch (error) {
    if (interrupt.requested) {
      output.note('Stopped.');
      return 130;
    }
    return refuse(error, output);
  } finally {
    output.clearBar();
    await session.close();
  }
}

/** One sentence on stderr; the technical rest only where TOMOBENCH_DETAILS asks for it. */
function refuse(error: unknown, output: Output): number {
  const { message, code, details } = toErrorMessage(error);
  output.note(`tomobench: ${message}`);
  if (details && process.env.TOMOBENCH_DETAILS) output.note(details);
  return failureCodes.includes(code) ? 1 : 2;
}

// A pipe that was closed (`| head`) is no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

main(process.argv.slice(2)).then(
  (code) => {
    // What is still in the pipe must reach its reader first.
    process.stdout.write('', () => process.exit(code));
  },
  (error: unknown) => {
    process.exitCode = refuse(error, new Output(process, false));
  },
);
