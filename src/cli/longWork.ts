/** Shows what has to be done before the first row starts: a bar that moves, or a line at every quarter; Ctrl+C ends it. */
import type { ShowWork } from '../main/queue/queueTypes';
import type { Interrupt } from './interrupt';
import type { Output } from './output';

export function longWork(output: Output, interrupt: Interrupt): ShowWork {
  const stop = new AbortController();
  interrupt.onFirst(() => stop.abort());
  return async (title, work) => {
    let quartersTold = -1;
    const report = (fraction: number): void => {
      output.bar(title, fraction, null);
      const quarters = Math.floor(fraction * 4);
      if (output.interactive || quarters <= quartersTold) return;
      quartersTold = quarters;
      output.note(`${title}, ${Math.floor(fraction * 100)} %`);
    };
    try {
      return await work({ signal: stop.signal, report });
    } finally {
      output.clearBar();
    }
  };
}
