/** Long work under way that is no run; events keep the list whole. */
import { create } from 'zustand';
import type { Job } from '../../shared/jobs';
import { request } from '../api/client';

export const useJobs = create<{ jobs: readonly Job[] }>(() => ({ jobs: [] }));

export async function loadJobs(): Promise<void> {
  useJobs.setState({ jobs: await request('jobs.list', {}) });
}
