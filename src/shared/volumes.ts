/** References to arrays: what may cross a process border in place of the array itself. */
import { z } from 'zod';
import type { VolumeShape } from './geometry';

/** A float32 array in shared memory owned by native code; `name` opens it in another process. */
export interface SharedArrayRef {
  readonly name: string;
  readonly length: number;
}

/** A float32 C-order .npy volume (D,H,W) or stack on disk. */
export interface VolumeFile {
  readonly path: string;
  readonly shape: VolumeShape;
  readonly voxelSizeMm: number;
}

/** What the window can ask to see. The text form is the path of a tomo:// address. */
export const volumeRefSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('iterate'), runId: z.string().regex(/^[0-9a-zA-Z-]{1,64}$/), iteration: z.number().int().min(0) }),
  z.object({ kind: z.literal('data'), dataId: z.string().regex(/^[0-9a-f]{1,64}$/), array: z.enum(['reference', 'sinogram']) }),
]);
export type VolumeRef = z.infer<typeof volumeRefSchema>;

/** `run/RUN/3` or `data/ID/reference`. */
export function formatVolumeRef(ref: VolumeRef): string {
  return ref.kind === 'iterate' ? `run/${ref.runId}/${ref.iteration}` : `data/${ref.dataId}/${ref.array}`;
}

/** The inverse of formatVolumeRef; null where the text is no reference. */
export function parseVolumeRef(text: string): VolumeRef | null {
  const [kind, id, rest, extra] = text.split('/');
  if (extra !== undefined || id === undefined || rest === undefined) return null;
  const candidate =
    kind === 'run' && /^\d{1,9}$/.test(rest)
      ? { kind: 'iterate', runId: id, iteration: Number(rest) }
      : kind === 'data'
        ? { kind: 'data', dataId: id, array: rest }
        : null;
  const parsed = volumeRefSchema.safeParse(candidate);
  return parsed.success ? parsed.data : null;
}
