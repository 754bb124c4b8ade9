/** The projection operators of one rank on the native projector: its views, their measurements, and A, A^T, residuals and FDK on them. */
import type { CancelToken, DeviceName, NativeAddon, NativeArray, Projector } from '../../native/binding';
import { selectFdkWeights } from '../../native/binding';
import { type ScanGeometry, selectViews } from '../../shared/geometry';

/** One operator A_i: a contiguous block of the chosen views. */
export interface OperatorViews {
  readonly index: number;
  /** Positions among the chosen views. */
  readonly positions: readonly number[];
}

interface Operator extends OperatorViews {
  readonly geometry: ScanGeometry;
  readonly projector: Projector;
  readonly weights: Float64Array;
  /** y_i (views, rows, columns), mm x 1/mm. */
  readonly measured: NativeArray;
  /** Scratch of the same shape. */
  readonly projected: NativeArray;
  /** What the solver keeps in the same shape, by name; `measured` is among them. */
  readonly kept: ReadonlyMap<string, NativeArray>;
}

/** One operator's part of named projections. */
export interface ProjectionPart {
  readonly operator: number;
  readonly views: number;
  readonly viewLength: number;
  array(name: string): NativeArray;
}

export class NativeProjector {
  private readonly operators: readonly Operator[];
  private readonly viewLength: number;

  /** Sentences for the run's record. */
  readonly notes: readonly string[];

  /**
   * `geometry` holds all chosen views of the row; `own` the operators of this rank; `keptNames` the projections the solver keeps. On a GPU all
   * projections stay in its memory where they take no more than half of it; volumes come and go, since ranks share them in the host's memory.
   */
  constructor(
    private readonly native: NativeAddon,
    geometry: ScanGeometry,
    own: readonly OperatorViews[],
    keptNames: readonly string[],
    private readonly device: DeviceName,
    private readonly options: { readonly threads: number; readonly cancel: CancelToken },
  ) {
    const weights = own.length > 0 ? native.fdkWeights(geometry) : new Float64Array(0);
    this.viewLength = geometry.detectorRows * geometry.detectorColumns;
    const floats = own.reduce((sum, { positions }) => sum + positions.length, 0) * this.viewLength * (2 + keptNames.length);
    const home = homeOfProjections(native, device, floats);
    this.notes =
      home === device
        ? []
        : [`The projections do not fit half the memory of ${device}: they stay in the computer's memory and are copied for every step.`];
    this.operators = own.map(({ index, positions }) => {
      const part = selectViews(geometry, positions);
      const length = positions.length * this.viewLength;
      const measured = native.createArray(length, home);
      return {
        index,
        positions,
        geometry: part,
        projector: native.createProjector(part, { device }),
        weights: selectFdkWeights(weights, positions),
        measured,
        projected: native.createArray(length, home),
        kept: new Map([['measured', measured], ...keptNames.map((name) => [name, native.createArray(length, home)] as const)]),
      };
    });
  }

  /** Fills y_i view by view; `read` gives the view at a position among the chosen ones as (rows, columns). */
  async loadMeasurements(read: (position: number, target: Float32Array) => Promise<void>): Promise<void> {
    const view = new Float32Array(this.viewLength);
    for (const operator of this.operators) {
      for (const [place, position] of operator.positions.entries()) {
        await read(position, view);
        operator.measured.write(place * this.viewLength, view);
      }
    }
  }

  /** y_i = A_i volume, then `change` may add noise to each view. */
  async simulateMeasurements(volume: NativeArray, change: (position: number, view: Float32Array) => void): Promise<void> {
    const view = new Float32Array(this.viewLength);
    for (const operator of this.operators) {
      await operator.projector.forward(volume, operator.measured, this.options);
      for (const [place, position] of operator.positions.entries()) {
        operator.measured.read(place * this.viewLength, view);
        change(position, view);
        operator.measured.write(place * this.viewLength, view);
      }
    }
  }

  /** partial_i = A_i^T (A_i x - y_i) */
  gradient(x: NativeArray, partialOf: (operator: number) => NativeArray): Promise<void> {
    return this.forEachOperator(async ({ index, projector, measured, projected }) => {
      await projector.forwardResidual(x, measured, projected, this.options);
      await projector.back(projected, partialOf(index), this.options);
    });
  }

  /** partial_i = A_i^T A_i x */
  normal(x: NativeArray, partialOf: (operator: number) => NativeArray): Promise<void> {
    return this.forEachOperator(async ({ index, projector, projected }) => {
      await projector.forward(x, projected, this.options);
      await projector.back(projected, partialOf(index), this.options);
    });
  }

  /** partial_i = A_i^T y_i */
  adjoint(partialOf: (operator: number) => NativeArray): Promise<void> {
    return this.forEachOperator(({ index, projector, measured }) => projector.back(measured, partialOf(index), this.options));
  }

  /** out_i = A_i x */
  forward(x: NativeArray, out: string): Promise<void> {
    return this.forEachOperator(({ projector, kept }) => projector.forward(x, named(kept, out), this.options));
  }

  /** partial_i = A_i^T p_i */
  back(p: string, partialOf: (operator: number) => NativeArray): Promise<void> {
    return this.forEachOperator(({ index, projector, kept }) => projector.back(named(kept, p), partialOf(index), this.options));
  }

  /** The rank's parts of the kept projections, in operator order. */
  parts(): ProjectionPart[] {
    return this.operators.map(({ index, positions, kept }) => ({
      operator: index,
      views: positions.length,
      viewLength: this.viewLength,
      array: (name) => named(kept, name),
    }));
  }

  /** partial_i = FDK of the views of operator i with weights of all views, so that the sum over i is the FDK of all. */
  fdk(partialOf: (operator: number) => NativeArray): Promise<void> {
    return this.forEachOperator(({ index, geometry, measured, weights }) =>
      this.native.fdk(geometry, measured, weights, partialOf(index), { filter: 'ramp', device: this.device, ...this.options }),
    );
  }

  close(): void {
    for (const { projector, projected, kept } of this.operators) {
      projector.close();
      projected.close();
      for (const array of kept.values()) array.close();
    }
  }

  private async forEachOperator(work: (operator: Operator) => Promise<void>): Promise<void> {
    for (const operator of this.operators) await work(operator);
  }
}

/** Where projections of `floats` elements in all are kept. */
function homeOfProjections(native: NativeAddon, device: DeviceName, floats: number): DeviceName {
  if (device === 'cpu') return 'cpu';
  const { freeMiB, limitMiB } = native.deviceMemory(device);
  const available = limitMiB > 0 ? Math.min(limitMiB, freeMiB) : freeMiB;
  return (floats * Float32Array.BYTES_PER_ELEMENT) / 2 ** 20 <= available / 2 ? device : 'cpu';
}

function named(kept: ReadonlyMap<string, NativeArray>, name: string): NativeArray {
  const array = kept.get(name);
  if (!array) throw new Error(`There are no projections called ${name}.`);
  return array;
}
