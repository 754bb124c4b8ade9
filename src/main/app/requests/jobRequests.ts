/** What the window's tray asks: the long work under way, and to stop it. */
import type { RequestTable } from '../../ipc/dispatch';
import type { RequestContext } from './requestContext';

export function jobRequests({ jobs }: RequestContext): Pick<RequestTable, 'jobs.list' | 'jobs.cancel'> {
  return {
    'jobs.list': async () => jobs.list(),
    'jobs.cancel': async ({ id }) => {
      jobs.cancel(id);
      return null;
    },
  };
}
