/** One rank of one row: its operators, patches and slab of the shared volumes, and what the coordinator can ask of them. */
import { freemem } from 'node:os';
import { selectViews as chosenViews, splitOperators } from '../../engine/plan/viewSelection';
import { batchTiles, planTiles, type Tile, type Tiling } from '../../engine/tiling/tiles';
import {
  type CancelToken,
  type DeviceName,
  type DifferenceGrid,
  loadNative,
  type NativeAddon,
  type NativeArray,
  type VectorField,
} from '../../native/binding';
import { UserError } from '../../shared/errors';
import { type ScanGeometry, selectViews } from '../../shared/geometry';
import type { CallUsage, FieldNames, PrepareAnswer, PrepareArgument, RankMemory, Term, VectorKind } from '../../shared/workerMessages';
import { Denoiser } from '../adapters/denoiser';
import { NativeProjector } from '../adapters/nativeProjector';
import { countNonFinite, type ScanData } from '../formats/scanData';
import { placeOfVolume } from '../formats/volumePlace';
import { writeVolume } from '../formats/volumeWriter';
import { openCorrectedScan } from '../quality/correctedScan';
import { loadNpy } from './arrayFiles';
import { describeMachine } from './describeMachine';
import { gpuMemoryLimitMiB } from './gpuMemoryLimit';
import { countShared } from './memoryLimit';
import { addPhotonNoise } from './photonNoise';

const MB = 1e6;
const MIB = 1024 * 1024;

/** Everything that exists once `prepare` has answered. */
interface Prepared {
  readonly argument: PrepareArgument;
  readonly scan: ScanData;
  readonly geometry: ScanGeometry;
  /** Positions in the file of the chosen views. */
  readonly views: readonly number[];
  readonly operators: number;
  readonly projector: NativeProjector;
  readonly denoiser: Denoiser | null;
  readonly tiling: Tiling | null;
  readonly tiles: readonly Tile[];
  /** The rank's slices of every volume, half open. */
  readonly slab: { readonly first: number; readonly last: number };
}

/** A piece of a vector that one rank works on. */
interface OwnPart {
  /** null for the slab of a volume. */
  readonly operator: number | null;
  array(name: string): NativeArray;
  /** Elements, half open. */
  readonly range: [start: number, end: number];
  readonly slices: { readonly length: number; readonly first: number; readonly last: number };
}

export class DeviceSession {
  private readonly native: NativeAddon = loadNative();
  private readonly cancelToken: CancelToken = this.native.createCancelToken();
  private readonly arrays = new Map<string, NativeArray>();
  private prepared: Prepared | null = null;
  private largestResidentMb = 0;
  private residentAtLastStepMb = 0;

  constructor(private readonly notify: (name: 'progress' | 'log', payload: unknown) => void) {}

  async prepare(argument: PrepareArgument): Promise<PrepareAnswer> {
    const { dataset, rank, ranks, network, threads } = argument;
    const scan = await openCorrectedScan(argument.dataPath, dataset.corrections, { voxelSizeMm: argument.voxelSizeMm });
    if (scan.fixedType !== null && scan.fixedType !== dataset.geometry_type) {
      throw new UserError(
        `${scan.name} is a ${scan.fixedType} scan, but geometry_type says ${dataset.geometry_type}. Set geometry_type: ${scan.fixedType}.`,
      );
    }
    const views = chosenViews(scan.views, dataset.num_projections ?? scan.views);
    const geometry = selectViews({ ...scan.geometry, type: dataset.geometry_type }, views);
    const shape = geometry.volumeShape;
    const owns = (index: number, distributed: boolean): boolean => (distributed ? index % ranks === rank : rank === 0);
    const blocks = splitOperators(views.length, dataset.num_operators);
    const own = blocks.map((positions, index) => ({ index, positions })).filter(({ index }) => owns(index, argument.distributePhysics));
    const options = { threads, cancel: this.cancelToken };
    const device = argument.device as DeviceName;
    this.native.openDevice(device, { memoryLimitMiB: gpuMemoryLimitMiB(process.env) });
    const projector = new NativeProjector(this.native, geometry, own, argument.projections, device, options);

    const denoiser = network && (await Denoiser.open({ ...network, device: argument.device, threads }, this.native));
    const tiling = network && planTiles(shape, network.patchSize, network.overlap);
    const tiles = network && tiling ? tiling.tiles.filter((_, index) => owns(index, network.distribute)) : [];
    const slab = { first: Math.floor((shape[0] * rank) / ranks), last: Math.floor((shape[0] * (rank + 1)) / ranks) };
    this.prepared = { argument, scan, geometry, views, operators: blocks.length, projector, denoiser, tiling, tiles, slab };
    return {
      volumeShape: shape,
      voxelSizeMm: geometry.voxelSizeMm[0],
      operators: blocks.length,
      views: views.length,
      hasReference: scan.referenceShape !== null,
      provider: denoiser?.provider ?? null,
      precision: denoiser?.precision ?? null,
      patches: tiling?.tiles.length ?? 0,
      ownPatches: tiles.length,
      ownBatches: network ? batchTiles(tiles, network.maxBatchSize).length : 0,
      notes: [...projector.notes, ...(denoiser?.notes ?? []), ...scan.problems.map((problem) => problem.message)],
      versions: describeMachine().versions,
    };
  }

  attach({ create, names }: { create: boolean; names: Record<string, string> }): null {
    const [depth, height, width] = this.ready().geometry.volumeShape;
    const length = depth * height * width;
    countShared((Object.keys(names).length * 4 * length) / MIB);
    for (const [volume, name] of Object.entries(names)) {
      this.arrays.set(volume, create ? this.native.createSharedArray(name, length) : this.native.openSharedArray(name, length));
    }
    return null;
  }

  /** The names may go once every rank has attached: the memory then ends with the processes, however they end. */
  unlink({ names }: { names: string[] }): { unlinked: string[] } {
    return { unlinked: names.filter((name) => this.native.unlinkSharedArray(name)) };
  }

  async loadReference(): Promise<{ minimum: number | null; maximum: number | null; nonFinite: number }> {
    const { scan, slab } = this.ready();
    if (scan.referenceShape === null) return { minimum: null, maximum: null, nonFinite: 0 };
    const reference = this.array('reference');
    const sliceLength = this.sliceLength();
    const slice = new Float32Array(sliceLength);
    for (let index = slab.first; index < slab.last; index++) {
      await scan.readReferenceSlices(index, 1, slice);
      reference.write(index * sliceLength, slice);
    }
    const bad = await this.native.countNonFiniteSlices(reference, sliceLength, slab.first, slab.last, this.options());
    const { minimum, maximum } = await this.minMax({ a: 'reference' });
    return { minimum, maximum, nonFinite: bad.reduce((sum, value) => sum + value, 0) };
  }

  async loadMeasurements(): Promise<CallUsage & { nonFinite: number }> {
    return this.timed(async () => {
      const { scan, projector, views, argument } = this.ready();
      const { dataset } = argument;
      let nonFinite = 0;
      if (dataset.use_dataset_sinogram) {
        await projector.loadMeasurements(async (position, view) => {
          await scan.readSinogramView(views[position] ?? 0, view);
          nonFinite += countNonFinite(view);
        });
      } else {
        if (scan.referenceShape === null) {
          throw new UserError(
            'use_dataset_sinogram: false simulates projections of the reference volume, but the data has none. Set it to true.',
          );
        }
        await projector.simulateMeasurements(this.array('reference'), (position, view) => {
          if (dataset.noise_photons !== null) addPhotonNoise(view, dataset.noise_photons, dataset.seed, position);
        });
      }
      return { nonFinite };
    });
  }

  async warmUp({ sigma }: { sigma: number }): Promise<CallUsage> {
    return this.timed(async () => {
      const { denoiser, tiling, tiles, argument } = this.ready();
      if (!denoiser || !tiling || !argument.network || tiles.length === 0) return {};
      const batches = batchTiles(tiles, argument.network.maxBatchSize);
      await denoiser.warmUp(batches[0]?.length ?? 0, tiling, sigma, batches.length);
      return {};
    });
  }

  async project({ what, input }: { what: 'gradient' | 'adjoint' | 'normal' | 'fdk' | 'back'; input: string | null }): Promise<CallUsage> {
    return this.timed(async () => {
      const { projector } = this.ready();
      const partialOf = (operator: number): NativeArray => this.array(`partial:${operator}`);
      if (what === 'gradient') await projector.gradient(this.array(input ?? ''), partialOf);
      else if (what === 'normal') await projector.normal(this.array(input ?? ''), partialOf);
      else if (what === 'adjoint') await projector.adjoint(partialOf);
      else if (what === 'back') await projector.back(input ?? '', partialOf);
      else await projector.fdk(partialOf);
      return {};
    });
  }

  /** target = sum over operators of their partials, in operator order, on the slab. */
  async reduce({ target }: { target: string }): Promise<CallUsage> {
    const { operators } = this.ready();
    return this.combine({
      kind: 'volume',
      target,
      terms: Array.from({ length: operators }, (_, index): Term => [1, `partial:${index}`]),
      offset: 0,
    });
  }

  async forward({ input, target }: { input: string; target: string }): Promise<CallUsage> {
    return this.timed(async () => {
      await this.ready().projector.forward(this.array(input), target);
      return {};
    });
  }

  async combine({ kind, target, terms, offset }: { kind: VectorKind; target: string; terms: Term[]; offset: number }): Promise<CallUsage> {
    return this.timed(async () => {
      const coefficients = terms.map(([coefficient]) => coefficient);
      for (const { array, range } of this.ownParts(kind)) {
        const sources = terms.map(([, name]) => array(name));
        await this.native.combine(array(target), coefficients, sources, offset, ...range, this.options());
      }
      return {};
    });
  }

  async divide({ kind, target, a, b }: { kind: VectorKind; target: string; a: string; b: string }): Promise<CallUsage> {
    return this.timed(async () => {
      for (const { array, range } of this.ownParts(kind)) {
        await this.native.divide(array(target), array(a), array(b), ...range, this.options());
      }
      return {};
    });
  }

  async clamp({ target, low, high }: { target: string; low: number; high: number }): Promise<CallUsage> {
    return this.timed(async () => {
      await this.native.clamp(this.array(target), low, high, ...this.elements(), this.options());
      return {};
    });
  }

  async fillRandom({ target, seed }: { target: string; seed: number }): Promise<CallUsage> {
    return this.timed(async () => {
      await this.native.fillRandom(this.array(target), seed, 'uniform', ...this.elements(), this.options());
      return {};
    });
  }

  async dot({
    kind,
    a,
    b,
  }: {
    kind: VectorKind;
    a: string;
    b: string;
  }): Promise<CallUsage & { parts: Float64Array[]; operators: number[] }> {
    return this.timed(async () => {
      const parts: Float64Array[] = [];
      const operators: number[] = [];
      for (const { array, operator, slices } of this.ownParts(kind)) {
        parts.push(await this.native.dotSlices(array(a), array(b), slices.length, slices.first, slices.last, this.options()));
        if (operator !== null) operators.push(operator);
      }
      return { parts, operators };
    });
  }

  async totalVariationImage({
    image,
    input,
    field,
    weight,
    low,
    high,
  }: {
    image: string;
    input: string;
    field: FieldNames;
    weight: number;
    low: number;
    high: number;
  }): Promise<CallUsage> {
    return this.timed(async () => {
      const { slab } = this.ready();
      const [target, source] = [this.array(image), this.array(input)];
      await this.native.totalVariationImage(
        target,
        source,
        this.field(field),
        this.differences(),
        weight,
        low,
        high,
        slab.first,
        slab.last,
        this.options(),
      );
      return {};
    });
  }

  async totalVariationStep({
    image,
    dual,
    point,
    step,
    inertia,
  }: {
    image: string;
    dual: FieldNames;
    point: FieldNames;
    step: number;
    inertia: number;
  }): Promise<CallUsage> {
    return this.timed(async () => {
      const { slab } = this.ready();
      const fields = [this.field(dual), this.field(point)] as const;
      await this.native.totalVariationStep(
        this.array(image),
        ...fields,
        this.differences(),
        step,
        inertia,
        slab.first,
        slab.last,
        this.options(),
      );
      return {};
    });
  }

  async minMax({ a }: { a: string }): Promise<CallUsage & { minimum: number; maximum: number }> {
    return this.timed(async () => {
      const { first, last } = this.ready().slab;
      const pairs = await this.native.minMaxSlices(this.array(a), this.sliceLength(), first, last, this.options());
      let minimum = Number.POSITIVE_INFINITY;
      let maximum = Number.NEGATIVE_INFINITY;
      pairs.forEach((value, index) => {
        if (index % 2 === 0) minimum = Math.min(minimum, value);
        else maximum = Math.max(maximum, value);
      });
      return { minimum, maximum };
    });
  }

  async percentiles({ a, fractions }: { a: string; fractions: number[] }): Promise<CallUsage & { values: number[] }> {
    return this.timed(async () => ({ values: [...(await this.native.percentiles(this.array(a), fractions, this.options()))] }));
  }

  async denoise({
    input,
    output,
    sigma,
  }: {
    input: string;
    output: string;
    sigma: number;
  }): Promise<CallUsage & { networkSeconds: number }> {
    return this.timed(async () => {
      const { denoiser, tiling, tiles, argument } = this.ready();
      if (!denoiser || !tiling || !argument.network) throw new Error('This row has no network.');
      const times = await denoiser.denoise(
        this.array(input),
        this.array(output),
        sigma,
        tiling,
        tiles,
        argument.network.maxBatchSize,
        async (done) => {
          this.notify('progress', { step: 'denoise', fraction: done / tiles.length });
          // The network blocks this process while it runs; messages, a cancellation among them, are read here.
          await new Promise((resolve) => setImmediate(resolve));
          this.stopIfCancelled();
        },
      );
      return { networkSeconds: times.networkSeconds };
    });
  }

  async score({
    a,
    dataRange,
  }: {
    a: string;
    dataRange: number;
  }): Promise<{ squaredError: Float64Array; ssimSum: Float64Array; ssimCount: Float64Array }> {
    const { geometry, slab, argument } = this.ready();
    const [x, reference] = [this.array(a), this.array('reference')];
    const squaredError = await this.native.squaredErrorSlices(x, reference, this.sliceLength(), slab.first, slab.last, this.options());
    const outputSlices = this.native.ssimSliceCount(geometry.volumeShape);
    const firstSlice = Math.floor((outputSlices * argument.rank) / argument.ranks);
    const lastSlice = Math.floor((outputSlices * (argument.rank + 1)) / argument.ranks);
    const ssim = await this.native.ssimSlices(x, reference, geometry.volumeShape, dataRange, firstSlice, lastSlice, this.options());
    return { squaredError, ssimSum: ssim.sums, ssimCount: ssim.counts };
  }

  async save({ a, path }: { a: string; path: string }): Promise<{ bytes: number }> {
    const array = this.array(a);
    const place = placeOfVolume(this.ready().geometry);
    return { bytes: await writeVolume(path, place, async (offset, target) => array.read(offset, target)) };
  }

  /** Reads a volume that `save` wrote. */
  async load({ a, path }: { a: string; path: string }): Promise<null> {
    await loadNpy(path, this.ready().geometry.volumeShape, this.array(a), 'the volume of this row');
    return null;
  }

  /** Resident memory now, highest since the process began, change and peak since the last call; MB. */
  memory(): RankMemory {
    const memory = this.native.processMemory();
    const allocated = (memory.residentMiB * MIB) / MB;
    const peak = (memory.peakResidentMiB * MIB) / MB;
    const delta = allocated - this.residentAtLastStepMb;
    this.largestResidentMb = Math.max(this.largestResidentMb, peak);
    this.residentAtLastStepMb = allocated;
    this.native.resetPeakMemory();
    return {
      allocated_mb: allocated,
      reserved_mb: this.largestResidentMb,
      delta_mb: delta,
      peak_mb: peak,
      device_peak_mb: this.largestResidentMb,
      device_available_mb: freemem() / MB,
    };
  }

  cancel(): null {
    this.cancelToken.cancel();
    return null;
  }

  async close(): Promise<void> {
    this.cancelToken.cancel();
    const prepared = this.prepared;
    this.prepared = null;
    prepared?.projector.close();
    await prepared?.denoiser?.close();
    await prepared?.scan.close();
    for (const array of this.arrays.values()) array.close();
    this.arrays.clear();
  }

  private async timed<T extends object>(work: () => Promise<T>): Promise<T & CallUsage> {
    this.stopIfCancelled();
    const start = performance.now();
    const result = await work();
    return { ...result, seconds: (performance.now() - start) / 1000 };
  }

  private stopIfCancelled(): void {
    if (this.cancelToken.cancelled) throw new UserError('The run was cancelled.', 'cancelled');
  }

  private ready(): Prepared {
    if (!this.prepared) throw new Error('prepare must come first.');
    return this.prepared;
  }

  private array(name: string): NativeArray {
    const array = this.arrays.get(name);
    if (!array) throw new Error(`There is no volume called ${name}.`);
    return array;
  }

  private field([z, y, x]: FieldNames): VectorField {
    return [this.array(z), this.array(y), this.array(x)];
  }

  /** Differences per voxel, those along longer edges less: the gradient never grows beyond that of cubic voxels. */
  private differences(): DifferenceGrid {
    const { volumeShape, voxelSizeMm } = this.ready().geometry;
    const smallest = Math.min(...voxelSizeMm);
    const [z, y, x] = voxelSizeMm;
    return { shape: volumeShape, scale: [smallest / z, smallest / y, smallest / x] };
  }

  /** What the rank works on: its slab of the shared volumes, or its operators' projections. */
  private ownParts(kind: VectorKind): OwnPart[] {
    if (kind === 'volume') {
      const slices = { length: this.sliceLength(), ...this.ready().slab };
      return [{ operator: null, array: (name) => this.array(name), range: this.elements(), slices }];
    }
    const parts = this.ready().projector.parts();
    return parts.map(({ operator, views, viewLength, array }) => ({
      operator,
      array,
      range: [0, views * viewLength],
      slices: { length: viewLength, first: 0, last: views },
    }));
  }

  private sliceLength(): number {
    const [, height, width] = this.ready().geometry.volumeShape;
    return height * width;
  }

  private elements(): [start: number, end: number] {
    const { first, last } = this.ready().slab;
    return [first * this.sliceLength(), last * this.sliceLength()];
  }

  private options(): { threads: number; cancel: CancelToken } {
    return { threads: this.ready().argument.threads, cancel: this.cancelToken };
  }
}
