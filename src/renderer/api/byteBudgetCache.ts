/** A least-recently-used cache bounded by bytes, so that scrolling through large volumes keeps the window's memory flat. */
export class ByteBudgetCache<T> {
  private readonly entries = new Map<string, T>();
  private used = 0;

  constructor(
    private readonly budgetBytes: number,
    private readonly sizeOf: (value: T) => number,
  ) {}

  get usedBytes(): number {
    return this.used;
  }

  get(key: string): T | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  set(key: string, value: T): void {
    this.remove(key);
    this.entries.set(key, value);
    this.used += this.sizeOf(value);
    for (const oldest of this.entries.keys()) {
      if (this.used <= this.budgetBytes || oldest === key) break;
      this.remove(oldest);
    }
  }

  clear(): void {
    this.entries.clear();
    this.used = 0;
  }

  private remove(key: string): void {
    const value = this.entries.get(key);
    if (value === undefined) return;
    this.entries.delete(key);
    this.used -= this.sizeOf(value);
  }
}
