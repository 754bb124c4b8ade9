/** All verbs, in the order of the help. */
import type { Verb } from '../verb';
import { back } from './back';
import { denoise } from './denoise';
import { doctor } from './doctor';
import { exportRuns } from './exportRuns';
import { figure } from './figure';
import { forward } from './forward';
import { info } from './info';
import { model } from './model';

import { plan } from './plan';
import { reconstruct } from './reconstruct';
import { run } from './run';
import { simulate } from './simulate';

export const verbs: readonly Verb[] = [run, plan, info, forward, back, reconstruct, denoise, simulate, model, exportRuns, figure, doctor];
