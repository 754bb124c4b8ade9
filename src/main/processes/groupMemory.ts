/** The memory of the control group this program runs in (Linux; containers, Slurm, systemd): its limit, what is used, and how often the kernel killed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 2 ** 20;
/** Version 1 writes "no limit" as the largest number of pages. */
const NO_LIMIT_BYTES = 2 ** 60;

export interface GroupMemory {
  /** null where the group has no limit. */
  readonly limitMiB: number | null;
  /** What the group's limit leaves, files it could drop included; null without limit. */
  readonly freeMiB: number | null;
  /** Processes that the kernel killed for lack of memory, ever, in this group and on the machine; only its growth says something. */
  readonly kills: number;
}

/** Everything is null or 0 where the system has no control groups. `root`, `processes`: where the kernel shows itself, other folders in tests. */
export function groupMemory(root = '/sys/fs/cgroup', processes = '/proc'): GroupMemory {
  const lines = read(join(processes, 'self', 'cgroup')).split('\n');
  const second = lines.find((line) => line.startsWith('0::'))?.slice(3);
  const first = lines.map((line) => line.split(':')).find((parts) => parts[1]?.split(',').includes('memory'))?.[2];
  const machineKills = field(read(join(processes, 'vmstat')), 'oom_kill') ?? 0;
  // Inside a container the path is that of the host, and the group is the root of what can be seen.
  for (const folder of second === undefined ? [] : [join(root, second), join(root, 'unified', second), root]) {
    const current = number(read(join(folder, 'memory.current')));
    if (current === null) continue;
    const limit = number(read(join(folder, 'memory.max')));
    const droppable = field(read(join(folder, 'memory.stat')), 'inactive_file') ?? 0;
    return answer(limit, current, droppable, machineKills + (field(read(join(folder, 'memory.events')), 'oom_kill') ?? 0));
  }
  for (const folder of first === undefined ? [] : [join(root, 'memory', first), join(root, 'memory')]) {
    const current = number(read(join(folder, 'memory.usage_in_bytes')));
    if (current === null) continue;
    const limit = number(read(join(folder, 'memory.limit_in_bytes')));
    const droppable = field(read(join(folder, 'memory.stat')), 'total_inactive_file') ?? 0;
    const kills = machineKills + (field(read(join(folder, 'memory.oom_control')), 'oom_kill') ?? 0);
    return answer(limit !== null && limit < NO_LIMIT_BYTES ? limit : null, current, droppable, kills);
  }
  return { limitMiB: null, freeMiB: null, kills: machineKills };
}

function answer(limit: number | null, used: number, droppable: number, kills: number): GroupMemory {
  return {
    limitMiB: limit === null ? null : limit / MIB,
    freeMiB: limit === null ? null : Math.max(0, limit - used + droppable) / MIB,
    kills,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not this system, or not this version of control groups.
    return '';
  }
}

function number(text: string): number | null {
  const value = Number(text.trim());
  return text.trim() === '' || !Number.isFinite(value) ? null : value;
}

function field(text: string, name: string): number | null {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? null : number(line.slice(name.length));
}
