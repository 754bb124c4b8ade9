/** The help texts, made from the verbs' own descriptions so that they cannot disagree. */
import type { Verb } from './verb';

export function generalHelp(verbs: readonly Verb[]): string {
  const width = Math.max(...verbs.map(({ name }) => name.length));
  return [
    'TomoBench: cone-beam CT reconstruction experiments.',
    '',
    'From a checkout: npm run -s cli -- VERB ...',
    '',
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    '"help VERB" lists its options. Results go to stdout, progress and notes to stderr; --json gives one JSON document.',
    'Exit codes: 0 all done, 1 a run failed, 2 usage or bad input, 130 stopped by Ctrl+C.',
    '',
  ].join('\n');
}

export function verbHelp({ name, summary, positional, options }: Verb): string {
  const entries = Object.entries(options).map(
    ([option, { value, help }]) => [`--${option}${value === null ? '' : ` ${value}`}`, help] as const,
  );
  const width = Math.max(0, ...entries.map(([usage]) => usage.length));
  const argument = positional.most === 0 ? '' : positional.least === 0 ? ' [ARGUMENT...]' : ' ARGUMENT...';
  return [
    `tomobench ${name}${argument}: ${summary}`,
    ...(positional.most === 0 ? [] : [`  ARGUMENT is ${positional.name}`]),
    '',
    ...entries.map(([usage, help]) => `  ${usage.padEnd(width)}  ${help}`),
    '',
  ].join('\n');
}
