/** Ctrl+C: the first one asks the verb to finish what it does, the second one to stop, the third one ends the program whatever it does. */

export class Interrupt {
  private presses = 0;
  private readonly listeners: readonly (() => void)[][] = [[], [], []];

  /** True once Ctrl+C was pressed. */
  get requested(): boolean {
    return this.presses > 0;
  }

  /** Carried out at the first Ctrl+C, or at once where it was pressed already. */
  onFirst(listener: () => void): void {
    this.on(1, listener);
  }

  onSecond(listener: () => void): void {
    this.on(2, listener);
  }

  onThird(listener: () => void): void {
    this.on(3, listener);
  }

  press(): void {
    this.presses++;
    for (const listener of this.listeners[this.presses - 1] ?? []) listener();
  }

  private on(press: number, listener: () => void): void {
    if (this.presses >= press) listener();
    else this.listeners[press - 1]?.push(listener);
  }
}
