/** All requests of the contract with what answers them. */
import type { RequestTable } from '../../ipc/dispatch';
import { applicationRequests } from './applicationRequests';
import { configRequests } from './configRequests';
import { dataRequests } from './dataRequests';
import { exportRequests } from './exportRequests';
import { jobRequests } from './jobRequests';
import { preflightRequests } from './preflightRequests';
import type { RequestContext } from './requestContext';
import { runRequests } from './runRequests';
import { saveRequests } from './saveRequests';
import { workspaceRequests } from './workspaceRequests';

export function requestTable(context: RequestContext): RequestTable {
  return {
    ...applicationRequests(context),
    ...dataRequests(context),
    ...configRequests(context),
    ...preflightRequests(context),
    ...runRequests(context),
    ...exportRequests(context),
    ...jobRequests(context),
    ...saveRequests(context),
    ...workspaceRequests(context),
  };
}
