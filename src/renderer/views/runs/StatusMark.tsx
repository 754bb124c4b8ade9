/** A run's status in words with a shape of its own. */
import { Ban, CircleCheck, CircleDashed, CircleX, Clock, LoaderCircle, type LucideIcon, MemoryStick } from 'lucide-react';
import type { RunStatus } from '../../../shared/runs';

const looks: Record<RunStatus, { icon: LucideIcon; words: string; tone: string }> = {
  queued: { icon: CircleDashed, words: 'Queued', tone: 'muted' },
  running: { icon: LoaderCircle, words: 'Running', tone: 'running' },
  done: { icon: CircleCheck, words: 'Done', tone: 'good' },
  out_of_memory: { icon: MemoryStick, words: 'Out of memory', tone: 'warn' },
  failed: { icon: CircleX, words: 'Failed', tone: 'bad' },
  cancelled: { icon: Ban, words: 'Cancelled', tone: 'muted' },
  timed_out: { icon: Clock, words: 'Timed out', tone: 'bad' },
};

interface Props {
  readonly status: RunStatus;
  readonly finishedEarly?: boolean;
}

export function StatusMark({ status, finishedEarly = false }: Props): React.JSX.Element {
  const { icon: Icon, words, tone } = looks[status];
  return (
    <span className={`status ${tone}`}>
      <Icon aria-hidden="true" />
      {finishedEarly ? 'Done early' : words}
    </span>
  );
}
