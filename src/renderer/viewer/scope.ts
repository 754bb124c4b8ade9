/** Owns what must be given back: everything added is disposed with the scope, last first. A count of what lives is shown in the page, so that tests see leaks. */
interface Disposable {
  delete(): void;
}

let living = 0;

function publish(): void {
  document.documentElement.dataset.liveGraphics = String(living);
}

export class Scope {
  private readonly disposals: (() => void)[] = [];

  /** Hands over a vtk.js object; returns it. */
  own<T extends Disposable>(object: T): T {
    this.onDispose(() => object.delete());
    return object;
  }

  onDispose(action: () => void): void {
    living++;
    publish();
    this.disposals.push(action);
  }

  /** Disposes everything once; what fails does not keep the rest alive. */
  dispose(): void {
    const failures: unknown[] = [];
    for (const action of this.disposals.splice(0).reverse()) {
      living--;
      try {
        action();
      } catch (failure) {
        failures.push(failure);
      }
    }
    publish();
    if (failures.length > 0) throw failures[0];
  }
}
