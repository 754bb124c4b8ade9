/** A run's status in words with a shape of its own; killed for memory, killed from outside, refused memory and failed are four things. */
import { Ban, CircleCheck, CircleDashed, CircleX, Clock, LoaderCircle, type LucideIcon, MemoryStick, OctagonX, Unplug } from 'lucide-react';
import { type Run, type RunStatus, wasWorkerKilled } from '../../../shared/runs';

interface Look {
  readonly icon: LucideIcon;
  readonly words: string;
  readonly tone: string;
}

const looks: Record<RunStatus | 'killed' | 'workerKilled' | 'early', Look> = {
  queued: { icon: CircleDashed, words: 'Queued', tone: 'muted' },
  running: { icon: LoaderCircle, words: 'Running', tone: 'running' },
  done: { icon: CircleCheck, words: 'Done', tone: 'good' },
  early: { icon: CircleCheck, words: 'Done early', tone: 'good' },
  out_of_memory: { icon: MemoryStick, words: 'Out of memory', tone: 'warn' },
  killed: { icon: OctagonX, words: 'Killed for memory', tone: 'bad' },
  workerKilled: { icon: Unplug, words: 'Worker killed', tone: 'bad' },
  failed: { icon: CircleX, words: 'Failed', tone: 'bad' },
  cancelled: { icon: Ban, words: 'Cancelled', tone: 'muted' },
  timed_out: { icon: Clock, words: 'Timed out', tone: 'bad' },
};

interface Props {
  readonly run: Pick<Run, 'status' | 'stop_reason' | 'memory_failure' | 'error'>;
  /** Place in the queue from 0; null where it does not wait. */
  readonly place?: number | null;
}

function lookOf(run: Props['run']): Look {
  const { status, stop_reason, memory_failure } = run;
  if (status === 'out_of_memory' && memory_failure?.how === 'killed') return looks.killed;
  if (wasWorkerKilled(run)) return looks.workerKilled;
  return status === 'done' && stop_reason === 'finished_early' ? looks.early : looks[status];
}

export function StatusMark({ run, place = null }: Props): React.JSX.Element {
  const { icon: Icon, words, tone } = lookOf(run);
  return (
    <span className={`status ${tone}`}>
      <Icon aria-hidden="true" />
      {place === null ? words : place === 0 ? 'Next' : `Queued, ${place + 1}.`}
    </span>
  );
}
