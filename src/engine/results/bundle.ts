/** What a reproduce bundle holds, and how the runs of a bundle differ from their repetition. Pure: zipping, files and hashes are the caller's. */
import { z } from 'zod';
import { experimentSchema, type Provenance, type RunDetail, runDetailSchema } from '../../shared/runs';

/** File names inside the bundle. */
export const bundleNames = { manifest: 'manifest.json', runs: 'runs.json', csv: 'results.csv', parquet: 'results.parquet' } as const;

export const bundleManifestSchema = z.object({
  format: z.literal('tomobench-bundle'),
  format_version: z.literal(1),
  created_at: z.string(),
  tomobench: z.string(),
  /** File in the bundle -> its SHA-256. */
  files: z.record(z.string(), z.string()),
  experiments: z.array(experimentSchema.omit({ config_text: true }).extend({ config: z.string() })),
  /** What the runs were made from; neither is in the bundle. */
  data: z.array(z.object({ path: z.string(), sha256: z.string().nullable() })),
  models: z.array(z.object({ name: z.string(), sha256: z.string().nullable() })),
  /** Run id -> SHA-256 of its last kept iterate (.npy). */
  last_iterates: z.record(z.string(), z.string()),
});
export type BundleManifest = z.infer<typeof bundleManifestSchema>;
export const bundleRunsSchema = z.object({ runs: z.array(runDetailSchema) });

/** Data and models of the runs, each once. */
export function bundleInputs(runs: readonly RunDetail[]): Pick<BundleManifest, 'data' | 'models'> {
  const data = new Map<string, BundleManifest['data'][number]>();
  const models = new Map<string, BundleManifest['models'][number]>();
  for (const { provenance } of runs) {
    if (!provenance) continue;
    data.set(`${provenance.data_sha256}`, { path: provenance.data_path, sha256: provenance.data_sha256 });
    if (provenance.model_name !== null)
      models.set(`${provenance.model_sha256}`, { name: provenance.model_name, sha256: provenance.model_sha256 });
  }
  return { data: [...data.values()], models: [...models.values()] };
}

export interface RunDifference {
  readonly row: number;
  readonly label: string;
  readonly repetition: number;
  readonly bundle_run: string;
  readonly run: string;
  readonly status: { readonly bundle: string; readonly here: string };
  readonly iterations_done: { readonly bundle: number; readonly here: number };
  /** Whether the last kept iterates are the same, bit for bit; null where one of them is not there. */
  readonly same_bits: boolean | null;
  /** Here minus bundle, of the last iteration both have, and the largest size over all of them; null without a reference. */
  readonly psnr_difference_db: number | null;
  readonly largest_psnr_difference_db: number | null;
  readonly ssim_difference: number | null;
  /** Solver seconds here for each second in the bundle, over the iterations both have. */
  readonly time_ratio: number | null;
  /** Versions, hardware, data and model that are not the same: what, there, here. */
  readonly circumstances: readonly { readonly what: string; readonly bundle: string; readonly here: string }[];
}

/** `lastIterates`: SHA-256 of the last kept iterate, of the bundle's run and of its repetition. */
export function compareRuns(
  bundle: RunDetail,
  here: RunDetail,
  lastIterates: { readonly bundle: string | null; readonly here: string | null },
): RunDifference {
  const there = new Map(bundle.iterations.map((iteration) => [iteration.iteration, iteration]));
  const both = here.iterations.flatMap((iteration) => {
    const other = there.get(iteration.iteration);
    return other ? [{ iteration, other }] : [];
  });
  const difference = (name: 'psnr' | 'ssim'): number[] =>
    both.flatMap(({ iteration, other }) => {
      const [a, b] = [iteration[name], other[name]];
      return a === null || b === null ? [] : a - b;
    });
  const psnr = difference('psnr');
  const last = both.at(-1);
  return {
    row: here.row.index,
    label: here.label,
    repetition: here.repetition,
    bundle_run: bundle.id,
    run: here.id,
    status: { bundle: bundle.status, here: here.status },
    iterations_done: { bundle: bundle.iterations_done, here: here.iterations_done },
    same_bits: lastIterates.bundle === null || lastIterates.here === null ? null : lastIterates.bundle === lastIterates.here,
    psnr_difference_db: psnr.at(-1) ?? null,
    largest_psnr_difference_db: psnr.length === 0 ? null : Math.max(...psnr.map(Math.abs)),
    ssim_difference: difference('ssim').at(-1) ?? null,
    time_ratio: last && last.other.time_sec > 0 ? last.iteration.time_sec / last.other.time_sec : null,
    circumstances: differentCircumstances(bundle.provenance, here.provenance),
  };
}

function differentCircumstances(there: Provenance | null, here: Provenance | null): RunDifference['circumstances'] {
  const [a, b] = [facts(there), facts(here)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((what) =>
    a[what] === b[what] ? [] : [{ what, bundle: a[what] ?? 'none', here: b[what] ?? 'none' }],
  );
}

function facts(provenance: Provenance | null): Record<string, string> {
  if (!provenance) return {};
  return {
    data_sha256: provenance.data_sha256 ?? 'none',
    model_sha256: provenance.model_sha256 ?? 'none',
    devices: provenance.devices.join(', '),
    provider: provenance.provider ?? 'none',
    commit: provenance.git === null ? 'none' : `${provenance.git.commit}${provenance.git.changed ? ', with changes' : ''}`,
    ...provenance.versions,
    ...provenance.machine,
  };
}
