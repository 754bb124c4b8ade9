/** How a long request tells how far it is, and learns that nobody wants its answer any more. */
export interface Watch {
  /** From 0 to 1. */
  progress(fraction: number): void;
  cancelled(): boolean;
}
