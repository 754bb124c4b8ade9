// The memory of the control group is read in both versions, inside and outside containers, and from nothing at all.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { groupMemory } from '../../../../src/main/processes/groupMemory';

const root = mkdtempSync(join(tmpdir(), 'tomobench-group-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Writes what a kernel would show, and reads it as the program does. */
function read(name: string, files: Record<string, string>): ReturnType<typeof groupMemory> {
  const folder = join(root, name);
  for (const [path, text] of Object.entries({ 'proc/.': '', ...files })) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if (!path.endsWith('/.')) writeFileSync(target, text);
  }
  return groupMemory(join(folder, 'cgroup'), join(folder, 'proc'));
}

it('version 2, in a group of its own: what the kernel could drop counts as free', () => {
  const memory = read('own', {
    'proc/self/cgroup': '0::/user/job\n',
    'proc/vmstat': 'oom_kill 2\n',
    'cgroup/user/job/memory.current': '1073741824\n',
    'cgroup/user/job/memory.max': '2147483648\n',
    'cgroup/user/job/memory.stat': 'anon 1\ninactive_file 104857600\n',
    'cgroup/user/job/memory.events': 'low 0\noom_kill 3\n',
  });
  expect(memory).toEqual({ limitMiB: 2048, freeMiB: 1124, kills: 5 });
});

it('version 2, in a container that sees only its own root', () => {
  const memory = read('container', {
    'proc/self/cgroup': '0::/docker/elsewhere\n',
    'cgroup/memory.current': '1048576\n',
    'cgroup/memory.max': '4194304\n',
  });
  expect(memory).toEqual({ limitMiB: 4, freeMiB: 3, kills: 0 });
});

it('version 1, where the largest number means no limit', () => {
  const files = { 'proc/self/cgroup': '4:cpu:/a\n3:memory:/a\n', 'cgroup/memory/a/memory.usage_in_bytes': '1048576\n' };
  expect(read('one', { ...files, 'cgroup/memory/a/memory.limit_in_bytes': '3145728\n' }).freeMiB).toBe(2);
  const unlimited = read('unlimited', { ...files, 'cgroup/memory/a/memory.limit_in_bytes': '9223372036854771712\n' });
  expect(unlimited).toMatchObject({ limitMiB: null, freeMiB: null });
});

it('no limit in version 2, files that say nothing, no control groups at all', () => {
  const group = { 'proc/self/cgroup': '0::/\n', 'cgroup/memory.current': '1\n' };
  expect(read('max', { ...group, 'cgroup/memory.max': 'max\n' })).toEqual({ limitMiB: null, freeMiB: null, kills: 0 });
  expect(read('odd', { ...group, 'cgroup/memory.max': 'plenty\n' }).limitMiB).toBeNull();
  expect(read('none', {})).toEqual({ limitMiB: null, freeMiB: null, kills: 0 });
});
