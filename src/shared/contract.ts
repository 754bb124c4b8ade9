/** Every message between the window and the program: requests with their arguments and answers, and events. Checked by zod on both sides. */
import { z } from 'zod';
import { correctionsTextSchema } from './corrections';
import type { ErrorMessage } from './errors';
import { experimentRowSchema, problemSchema } from './experiment';
import { drawingSchema, usualDrawing } from './figures';
import { jobSchema } from './jobs';
import { batchAdviceSchema, forecastRequestSchema, forecastSchema, patchAdviceSchema } from './preflight';
import { qualityReportSchema } from './quality';
import { annotationSchema, iterationSchema, resultFormats, runDetailSchema, runSchema, telemetrySchema } from './runs';

const noArguments = z.object({}).strict();
const shape3 = z.tuple([z.number().int(), z.number().int(), z.number().int()]);

/** What a data file holds, shown before it is used. */
export const dataSummarySchema = z.object({
  /** Names the data in tomo://volume/data/ID/... addresses. */
  id: z.string(),
  path: z.string(),
  name: z.string(),
  kind: z.string(),
  bytes: z.number(),
  arrays: z.array(z.object({ name: z.string(), shape: z.array(z.number().int()), dtype: z.string() })),
  geometry: z.object({
    type: z.string(),
    views: z.number().int(),
    detectorRows: z.number().int(),
    detectorColumns: z.number().int(),
    pixelSizeMm: z.tuple([z.number(), z.number()]),
    volumeShape: shape3,
    voxelSizeMm: z.tuple([z.number(), z.number(), z.number()]),
    sourceToAxisMm: z.number().nullable(),
    sourceToDetectorMm: z.number().nullable(),
    arcDegrees: z.number(),
    volumeCentreMm: z.tuple([z.number(), z.number(), z.number()]),
    /** The vectors (12 numbers each) of at most 90 views, evenly spread, the first and the last among them. */
    sampledVectors: z.array(z.number()),
  }),
  hasReference: z.boolean(),
  problems: z.array(z.object({ severity: z.enum(['error', 'warning', 'note']), message: z.string() })),
});
export type DataSummary = z.infer<typeof dataSummarySchema>;

/** One row of the grid as the editor shows it. */
export const plannedRowSchema = z.object({
  row: experimentRowSchema,
  label: z.string(),
  /** null while no data is open. */
  patches: z.number().int().nullable(),
  batchesPerRank: z.number().int().nullable(),
  /** Voxels the network computes for each useful one. */
  haloWaste: z.number().nullable(),
  notes: z.array(z.string()),
  /** What is wrong or doubtful about single parameters of this row. */
  problems: z.array(problemSchema.pick({ severity: true, message: true }).extend({ key: z.string() })),
});
export const planSchema = z.object({
  rows: z.array(plannedRowSchema),
  problems: z.array(problemSchema),
  /** Keys that differ between rows, in the order of the file: the grid's columns. */
  sweptKeys: z.array(z.string()),
  totalRuns: z.number().int(),
});
export type PlannedRow = z.infer<typeof plannedRowSchema>;
export type Plan = z.infer<typeof planSchema>;

export const deviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['cpu', 'cuda']),
  memoryMiB: z.number(),
  /** Null for GPUs: asking would take memory on each of them. */
  freeMiB: z.number().nullable(),
});

const paneView = z.object({ zoom: z.number().positive(), panColumns: z.number(), panRows: z.number() });

const vector3 = z.tuple([z.number(), z.number(), z.number()]);
/** How a volume is looked at in 3D, from its middle, in lengths of its longest edge: the same for a coarser or a larger volume. */
const cameraSchema = z.object({ position: vector3, focalPoint: vector3, viewUp: vector3 });
export type Camera = z.infer<typeof cameraSchema>;

/** The column by which the list of runs is sorted. */
const runSortSchema = z.object({
  column: z.enum(['name', 'status', 'iterations', 'psnr', 'ssim', 'time', 'memory']),
  descending: z.boolean(),
});
export type RunSort = z.infer<typeof runSortSchema>;

/** What the window keeps from one session to the next. */
export const sessionSchema = z.object({
  configText: z.string(),
  configPath: z.string().nullable(),
  dataPath: z.string().nullable(),
  /** Applied to that data, in text form. */
  corrections: correctionsTextSchema.default(null),
  /** Every n-th iterate of a run is kept; null: as many as suit the disk. */
  saveEvery: z.number().int().positive().nullable().default(null),
  /** What a worker may use at most, MiB; null: what the machine has. */
  memoryLimitMiB: z.number().positive().nullable().default(null),
  /** A row that runs out of memory is queued again with half its batch. */
  retryOutOfMemory: z.boolean().default(false),
  view: z.enum(['experiment', 'runs', 'viewer', 'charts']),
  theme: z.enum(['system', 'light', 'dark']),
  /** Of everything in the window: 1 is 100 %. */
  scale: z.number().min(1).max(2).default(1),
  selectedRunIds: z.array(z.string()),
  /** null: newest experiment first. */
  runSort: runSortSchema.nullable().default(null),
  /** Where the borders between panels stand, shares in % by pair and panel; absent: as the window chooses. */
  panels: z.record(z.string(), z.record(z.string(), z.number().min(0).max(100))).default({}),
  viewer: z
    .object({
      left: z.string().nullable(),
      right: z.string().nullable(),
      third: z.string().nullable().default(null),
      fourth: z.string().nullable().default(null),
      slices: shape3,
      window: z.object({ low: z.number(), high: z.number() }).nullable(),
      layout: z.enum(['four', 'compare', 'scan']).default('four'),
      axis: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(0),
      /** Pan and zoom of the slices by axis; absent: whole slices. */
      views: z.tuple([paneView, paneView, paneView]).optional(),
      /** Of the 3D view; null: as it first looks. */
      camera: cameraSchema.nullable().default(null),
      difference: z.boolean().default(false),
      differenceRange: z.number().positive().nullable().default(null),
    })
    .nullable(),
  chart: z.string().nullable(),
  /** How figures were last put on paper. */
  drawing: drawingSchema.default(usualDrawing),
});
export type Session = z.infer<typeof sessionSchema>;

export const applicationStateSchema = z.object({
  version: z.string(),
  platform: z.string(),
  workspace: z.string(),
  /** The user's own workspace while the example results are open, else null. */
  ownWorkspace: z.string().nullable(),
  devices: z.array(deviceSchema),
  /** One sentence, e.g. "No GPU found: gpu:2 runs on 2 CPU workers." */
  deviceNote: z.string().nullable(),
  session: sessionSchema,
  recentData: z.array(z.string()),
  recentConfigs: z.array(z.string()),
  examples: z.array(z.object({ name: z.string(), configPath: z.string() })),
  /** Runs that were under way or waiting when the program died the last time, in their order. */
  interruptedRunIds: z.array(z.string()),
  /** The bundled walnut that quickstart.yml is for. */
  sampleDataPath: z.string(),
  /** True where the stand-in Electron runs or similar; shown in About. */
  runtimeNote: z.string().nullable(),
});
export type ApplicationState = z.infer<typeof applicationStateSchema>;

export const queueStateSchema = z.object({
  paused: z.boolean(),
  runningRunId: z.string().nullable(),
  queued: z.number().int(),
  /** The waiting runs, the next one first. */
  waiting: z.array(z.string()).default([]),
  etaSec: z.number().nullable(),
});
export type QueueState = z.infer<typeof queueStateSchema>;

/** A figure as the page drew it, with its numbers. */
const drawnFigureSchema = z.object({ name: z.string(), title: z.string(), svg: z.string(), csv: z.string() });
export type DrawnFigure = z.infer<typeof drawnFigureSchema>;

/** An edit of the configuration: the whole text after it, or the text as it was and why it cannot be made. */
const editedText = z.object({ text: z.string(), problem: z.string().nullable() });

const id = z.object({ id: z.string() });
const nullableText = z.object({ text: z.string(), path: z.string() }).nullable();

/** channel -> arguments and answer. */
export const requests = {
  'app.state': { arguments: noArguments, answer: applicationStateSchema },
  'app.saveSession': { arguments: z.object({ session: sessionSchema }), answer: z.null() },
  /** The size of everything in the window, at once; keeping it is the session's. */
  'app.setScale': { arguments: z.object({ scale: z.number().min(1).max(2) }), answer: z.null() },
  'app.showInFolder': { arguments: z.object({ runId: z.string() }), answer: z.null() },
  'workspace.openDialog': { arguments: noArguments, answer: z.object({ path: z.string() }).nullable() },
  /** Afterwards the page must be loaded anew: everything it knows belongs to the workspace before. */
  'workspace.open': { arguments: z.object({ path: z.string() }), answer: z.null() },
  'workspace.openExample': { arguments: noArguments, answer: z.null() },
  'data.openFolderDialog': { arguments: noArguments, answer: z.object({ path: z.string() }).nullable() },
  'data.openDialog': { arguments: noArguments, answer: z.object({ path: z.string() }).nullable() },
  /** Looks at the data itself; takes seconds, tells data.checking. Another check or data ends it with code 'cancelled'. */
  'data.check': { arguments: z.object({ path: z.string() }), answer: qualityReportSchema },
  'data.inspect': { arguments: z.object({ path: z.string() }), answer: dataSummarySchema },
  'config.openDialog': { arguments: noArguments, answer: nullableText },
  'config.read': { arguments: z.object({ path: z.string() }), answer: z.object({ text: z.string(), path: z.string() }) },
  'config.save': {
    arguments: z.object({ text: z.string(), path: z.string().nullable() }),
    answer: z.object({ path: z.string() }).nullable(),
  },
  'config.plan': { arguments: z.object({ text: z.string(), dataPath: z.string().nullable() }), answer: planSchema },
  'config.setCell': {
    arguments: z.object({ text: z.string(), rowIndex: z.number().int(), key: z.string(), value: z.string() }),
    answer: z.object({ text: z.string(), problem: z.string().nullable() }),
  },
  'config.duplicateRow': {
    arguments: z.object({ text: z.string(), rowIndex: z.number().int() }),
    answer: z.object({ text: z.string(), problem: z.string().nullable() }),
  },
  'config.deleteRow': {
    arguments: z.object({ text: z.string(), rowIndex: z.number().int() }),
    answer: z.object({ text: z.string(), problem: z.string().nullable() }),
  },
  /** What each row needs and whether it fits, from the probes there are; runs nothing. */
  'preflight.forecast': { arguments: forecastRequestSchema, answer: forecastSchema },
  /** Runs the missing probes first, with progress in the tray; `notMeasured`: why rows could not be, in sentences. */
  'preflight.measure': {
    arguments: forecastRequestSchema,
    answer: z.object({ forecast: forecastSchema, notMeasured: z.array(z.string()) }),
  },
  /** Windows that waste least within a worker's memory (MiB; null: its limit, or what is free). May run probes. */
  'preflight.advisePatch': {
    arguments: forecastRequestSchema.extend({ rowIndex: z.number().int().min(0), budgetMiB: z.number().positive().nullable() }),
    answer: patchAdviceSchema,
  },
  /** The batch beyond which more windows at once gain nothing or do not fit. Runs probes. */
  'preflight.adviseBatch': { arguments: forecastRequestSchema.extend({ rowIndex: z.number().int().min(0) }), answer: batchAdviceSchema },
  /** Several cells at once, each as it would be typed; all or none. */
  'config.setCells': {
    arguments: z.object({
      text: z.string(),
      edits: z.array(z.object({ rowIndex: z.number().int().min(0), key: z.string(), value: z.string() })),
    }),
    answer: editedText,
  },
  /** A block of cells from `rowIndex` on, as a spreadsheet copies it; rows beyond the last are added, empty cells stay as they are. */
  'config.pasteRows': {
    arguments: z.object({
      text: z.string(),
      rowIndex: z.number().int().min(0),
      keys: z.array(z.string()),
      values: z.array(z.array(z.string())),
    }),
    answer: editedText,
  },
  /** Makes `key` one that each row has for itself (`values` null), or sweeps it over the values. */
  'config.addParameter': {
    arguments: z.object({ text: z.string(), rowIndex: z.number().int().min(0), key: z.string(), values: z.array(z.string()).nullable() }),
    answer: editedText,
  },
  /** The row of a run as a row of the configuration. */
  'config.addRow': { arguments: z.object({ text: z.string(), row: experimentRowSchema }), answer: editedText },
  /** The experiments shipped with the program, to start from. */
  'config.templates': {
    arguments: noArguments,
    answer: z.array(z.object({ name: z.string(), title: z.string(), summary: z.string(), text: z.string(), rows: z.number().int() })),
  },
  'runs.start': {
    arguments: z.object({
      configText: z.string(),
      name: z.string(),
      dataPath: z.string(),
      rows: z.array(z.number().int()).nullable(),
      maxRuns: z.number().int().positive().nullable(),
      /** Every n-th iterate is kept; null: as many as suit the disk. */
      saveEvery: z.number().int().positive().nullable(),
      /** Of a worker, MiB; null: what the machine has. */
      memoryLimitMiB: z.number().positive().nullable(),
      retryOutOfMemory: z.boolean(),
      /** What the user applied to the data, in text form; in place of the rows' own where there is any. */
      corrections: correctionsTextSchema,
    }),
    /** diskNote: a sentence where the iterates do not fit what is free now. */
    answer: z.object({ experimentId: z.string(), runIds: z.array(z.string()), diskNote: z.string().nullable() }),
  },
  'runs.list': { arguments: noArguments, answer: z.array(runSchema) },
  'runs.get': { arguments: id, answer: runDetailSchema },
  /** The configuration that the run comes from, as written. */
  'runs.config': { arguments: id, answer: z.object({ text: z.string() }) },
  /** Thinned to what a screen can show; empty for runs of earlier versions. */
  'runs.telemetry': { arguments: id, answer: telemetrySchema },
  /** All of it as CSV, after a save dialog. */
  'runs.saveTelemetry': { arguments: id, answer: z.object({ file: z.string() }).nullable() },
  'runs.finishNow': { arguments: id, answer: z.null() },
  'runs.cancel': { arguments: id, answer: z.null() },
  'runs.remove': { arguments: z.object({ ids: z.array(z.string()) }), answer: z.null() },
  /** Queues runs again that ended before their last iteration; each goes on from what it kept. */
  /** A run of its own, linked to the one that ran out of memory, with half its batch. */
  'runs.retryHalved': { arguments: id, answer: z.null() },
  'runs.retry': { arguments: z.object({ ids: z.array(z.string()) }), answer: z.null() },
  'runs.annotate': { arguments: z.object({ ids: z.array(z.string()), change: annotationSchema.partial() }), answer: z.null() },
  /** Gives a waiting run another place in the queue; 0 is the next to run. */
  'queue.move': { arguments: z.object({ id: z.string(), to: z.number().int().min(0) }), answer: z.null() },
  'queue.pause': { arguments: z.object({ paused: z.boolean() }), answer: z.null() },
  'queue.state': { arguments: noArguments, answer: queueStateSchema },
  'jobs.list': { arguments: noArguments, answer: z.array(jobSchema) },
  'jobs.cancel': { arguments: id, answer: z.null() },
  /** Writes one figure with the numbers beside it after a save dialog; answers the files written, null when the dialog was closed. */
  'figures.save': {
    arguments: z.object({ figure: drawnFigureSchema, drawing: drawingSchema }),
    answer: z.object({ files: z.array(z.string()) }).nullable(),
  },
  /** Writes figures with their numbers and a results table into a folder the user chooses. */
  'figures.saveSet': {
    arguments: z.object({
      figures: z.array(drawnFigureSchema),
      drawing: drawingSchema,
      tables: z.object({ latex: z.string(), markdown: z.string() }),
    }),
    answer: z.object({ folder: z.string(), files: z.array(z.string()) }).nullable(),
  },
  /** `ref` as formatVolumeRef writes it. `folder`: as a folder of TIFF slices; otherwise the name's ending says the format. null: the dialog was left. */
  'volume.save': {
    arguments: z.object({ ref: z.string().max(200), folder: z.boolean() }),
    answer: z.object({ file: z.string(), bytes: z.number() }).nullable(),
  },
  'geometry.save': {
    arguments: z.object({ path: z.string(), corrections: correctionsTextSchema }),
    answer: z.object({ file: z.string(), views: z.number(), notes: z.array(z.string()) }).nullable(),
  },
  'results.export': {
    arguments: z.object({ runIds: z.array(z.string()), format: z.enum(resultFormats) }),
    answer: z.object({ file: z.string() }).nullable(),
  },
} as const;

/** channel -> payload, program to window. */
export const events = {
  'runs.changed': z.array(runSchema),
  'run.iteration': z.object({ runId: z.string(), iteration: iterationSchema }),
  'run.progress': z.object({ runId: z.string(), step: z.string(), fraction: z.number(), etaSec: z.number().nullable() }),
  'run.log': z.object({ runId: z.string(), line: z.string() }),
  'data.checking': z.object({ path: z.string(), fraction: z.number() }),
  'runs.removed': z.object({ ids: z.array(z.string()) }),
  'queue.changed': queueStateSchema,
  /** All long work under way that is no run, oldest first. */
  'jobs.changed': z.array(jobSchema),
  /** A menu entry or shortcut that the window carries out. */
  'menu.command': z.object({
    command: z.enum([
      'openData',
      'openFolder',
      'saveVolume',
      'saveSlices',
      'saveGeometry',
      'openConfig',
      'newFromTemplate',
      'saveConfig',
      'saveConfigAs',
      'run',
      'cancel',
      'showExperiment',
      'showRuns',
      'showViewer',
      'showCharts',
      'exportFigure',
      'exportResults',
      'openWorkspace',
      'openExample',
      'shortcuts',
      'about',
      'themeSystem',
      'themeLight',
      'themeDark',
      'palette',
      'tour',
      'guide',
      'larger',
      'smaller',
      'scale100',
      'scale125',
      'scale150',
      'scale175',
      'scale200',
    ]),
  }),
  /** Something the user should know that belongs to no request, in one sentence. */
  'app.notice': z.object({ message: z.string() }),
  /** The files used lately, newest first. */
  'app.recent': z.object({ recentData: z.array(z.string()), recentConfigs: z.array(z.string()) }),
  /** A file dropped on the program's icon or given as an argument. */
  'app.openFile': z.object({ path: z.string(), kind: z.enum(['data', 'config']) }),
} as const;

export type RequestName = keyof typeof requests;
export type RequestArguments<N extends RequestName> = z.infer<(typeof requests)[N]['arguments']>;
export type RequestAnswer<N extends RequestName> = z.infer<(typeof requests)[N]['answer']>;
export type EventName = keyof typeof events;
export type EventPayload<N extends EventName> = z.infer<(typeof events)[N]>;

/** What a request comes to: an error loses its code on the way between two contexts, a value does not. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & ErrorMessage);

/** A DOM File, by the members known without the DOM. */
export interface DroppedFile {
  readonly name: string;
  readonly size: number;
}

/** What preload exposes as window.tomobench. */
export interface TomobenchApi {
  /** Never rejects for what the program answers. */
  request<N extends RequestName>(name: N, argument: RequestArguments<N>): Promise<Outcome<RequestAnswer<N>>>;
  /** Returns the function that stops listening. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
  /** The path of a DOM File dropped on the window; empty where it has none. */
  pathOfFile(file: DroppedFile): string;
}

/**
 * Addresses the window may fetch, all read-only:
 * tomo://app/...                                           the page itself
 * tomo://volume/REF/info                                   JSON VolumeInfo
 * tomo://volume/REF/slice?axis=0|1|2&index=K               float32 bytes, C order; axis 0: (H,W), 1: (D,W), 2: (D,H)
 * tomo://volume/REF/brick?max=128                          float32 bytes of the volume averaged down so that no axis exceeds max; shape in the headers x-shape: "D,H,W" and x-factor: "2"
 * tomo://volume/REF/histogram?bins=256                     JSON {low, high, counts, percentiles: {p01, p1, p99, p999}}
 * tomo://volume/data/ID/sinogram/geometry                  JSON ScanGeometryNumbers
 * REF is formatVolumeRef of volumes.ts.
 */
export const volumeInfoSchema = z.object({
  shape: shape3,
  voxelSizeMm: z.number(),
  /** Of some slices of a large volume; its histogram knows more. */
  minimum: z.number(),
  maximum: z.number(),
  unit: z.string(),
  title: z.string(),
});
export type VolumeInfo = z.infer<typeof volumeInfoSchema>;
export const histogramSchema = z.object({
  low: z.number(),
  high: z.number(),
  counts: z.array(z.number()),
  percentiles: z.object({ p01: z.number(), p1: z.number(), p99: z.number(), p999: z.number() }),
});
export type Histogram = z.infer<typeof histogramSchema>;

/** ScanGeometry of geometry.ts with its vectors as a list. */
export const scanGeometrySchema = z.object({
  type: z.enum(['conebeam', 'parallel3d']),
  volumeShape: shape3,
  voxelSizeMm: z.tuple([z.number(), z.number(), z.number()]),
  volumeCentreMm: z.tuple([z.number(), z.number(), z.number()]),
  detectorRows: z.number().int(),
  detectorColumns: z.number().int(),
  vectors: z.array(z.number()),
});
export type ScanGeometryNumbers = z.infer<typeof scanGeometrySchema>;
