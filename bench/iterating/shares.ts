/** Divides the time of steady iterations among their parts, from the messages that tracedRow.ts saw. */
import type { RowTrace, TracedMessage } from './tracedRow';

export interface Shares {
  /** Seconds of an iteration, from one record to the next, and of its parts; they add up. */
  readonly iteration: number;
  readonly parts: Readonly<Record<Part, number>>;
  /** Everything but network, projector, metrics and waiting for the slowest rank, as a share of the iteration. */
  readonly overhead: number;
  /** The denoising step alone, first message to last answer. */
  readonly denoiseStep: number;
}

export const parts = [
  'network',
  'projector',
  'metrics (PSNR, SSIM)',
  'waiting for the slowest rank',
  'copying windows',
  'updates and reductions',
  'memory bookkeeping',
  'messages',
  'between messages',
] as const;
export type Part = (typeof parts)[number];

const work: readonly Part[] = ['network', 'projector', 'metrics (PSNR, SSIM)', 'waiting for the slowest rank'];

/** The first iteration is left out: memory is touched for the first time there. */
export function sharesOf({ messages, iterationEndsMs }: RowTrace): Shares {
  const [from, to] = [iterationEndsMs[0] ?? 0, iterationEndsMs.at(-1) ?? 0];
  const count = iterationEndsMs.length - 1;
  const sums = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>;
  let covered = 0;
  let denoiseStep = 0;
  for (const group of groups(messages.filter((message) => message.sentMs >= from && message.answeredMs <= to))) {
    const start = Math.min(...group.map((message) => message.sentMs));
    const wall = Math.max(...group.map((message) => message.answeredMs)) - start;
    const mean = (of: (message: TracedMessage) => number): number => group.reduce((sum, message) => sum + of(message), 0) / group.length;
    const longest = Math.max(...group.map((message) => message.busyMs));
    const method = group[0]?.method ?? '';
    covered += wall;
    if (method === 'score') {
      sums['metrics (PSNR, SSIM)'] += wall;
    } else if (method === 'memory') {
      sums['memory bookkeeping'] += wall;
    } else {
      sums.messages += wall - longest;
      sums['waiting for the slowest rank'] += longest - mean((message) => message.busyMs);
      if (method === 'denoise') {
        denoiseStep += wall;
        sums.network += mean((message) => message.networkMs);
        sums['copying windows'] += mean((message) => message.busyMs - message.networkMs);
      } else {
        sums[method === 'project' ? 'projector' : 'updates and reductions'] += mean((message) => message.busyMs);
      }
    }
  }
  sums['between messages'] = to - from - covered;
  const perIteration = (ms: number): number => ms / 1000 / count;
  const seconds = Object.fromEntries(parts.map((part) => [part, perIteration(sums[part])])) as Record<Part, number>;
  const iteration = perIteration(to - from);
  const overhead = parts.filter((part) => !work.includes(part)).reduce((sum, part) => sum + seconds[part], 0) / iteration;
  return { iteration, parts: seconds, overhead, denoiseStep: perIteration(denoiseStep) };
}

/** Requests that were under way together: the same call on every rank. */
function groups(messages: readonly TracedMessage[]): TracedMessage[][] {
  const sorted = [...messages].sort((a, b) => a.sentMs - b.sentMs);
  const result: TracedMessage[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const message of sorted) {
    const last = result.at(-1);
    if (last && message.sentMs < end && last[0]?.method === message.method) last.push(message);
    else result.push([message]);
    end = Math.max(end, message.answeredMs);
  }
  return result;
}
