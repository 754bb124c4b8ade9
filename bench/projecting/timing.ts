/** Times a call a few times over: wall clock, and the CPU seconds of all threads, which a shared machine spoils least. */
export interface Seconds {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** The best of three runs, or of as many as fit into `budgetSeconds`. */
export async function best(run: () => Promise<void>, budgetSeconds = 15): Promise<Seconds> {
  let result = { seconds: Number.POSITIVE_INFINITY, cpuSeconds: Number.POSITIVE_INFINITY };
  const begin = performance.now();
  for (let repeat = 0; repeat < 3 && (repeat === 0 || performance.now() - begin < budgetSeconds * 1000); repeat++) {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await run();
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    result = { seconds: Math.min(seconds, result.seconds), cpuSeconds: Math.min((user + system) / 1e6, result.cpuSeconds) };
  }
  return result;
}
