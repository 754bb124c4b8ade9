/** Finds in a CPU profile when a process was busy without a pause, and with what. */

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface Stretch {
  readonly ms: number;
  /** The call below which most of the time was spent, from the outside inwards. */
  readonly where: string;
}

const resting = new Set(['(idle)', '(program)', '(root)']);

/** The `count` longest, longest first. */
export function busyStretches({ nodes, samples, timeDeltas }: CpuProfile, count: number): Stretch[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parent = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const nameOf = (id: number): string => {
    const frame = byId.get(id)?.callFrame;
    const file = frame?.url.split('/').at(-1) ?? '';
    return `${frame?.functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${(frame?.lineNumber ?? 0) + 1}`}`;
  };
  const stackOf = (id: number): string => {
    const names: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parent.get(at)) if (!resting.has(nameOf(at))) names.unshift(nameOf(at));
    return names.slice(-6).join(' > ');
  };
  const stretches: Stretch[] = [];
  let [microseconds, stacks] = [0, new Map<string, number>()];
  const end = (): void => {
    const longest = [...stacks].toSorted((a, b) => b[1] - a[1])[0];
    if (longest !== undefined) stretches.push({ ms: microseconds / 1000, where: longest[0] });
    [microseconds, stacks] = [0, new Map()];
  };
  samples.forEach((id, index) => {
    const delta = timeDeltas[index + 1] ?? 0;
    if (resting.has(byId.get(id)?.callFrame.functionName ?? '')) {
      end();
      return;
    }
    microseconds += delta;
    const stack = stackOf(id);
    stacks.set(stack, (stacks.get(stack) ?? 0) + delta);
  });
  end();
  return stretches.toSorted((a, b) => b.ms - a.ms).slice(0, count);
}
