/** A watch that nobody looks at and that is never cancelled. */
import type { Watch } from '../../../src/worker/watch';

export const quiet: Watch = { progress: () => {}, cancelled: () => false };
