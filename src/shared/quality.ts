/** What a look at a scan's data found, as every process passes it on. How it is found is left to engine/quality. */
import { z } from 'zod';
import { correctionSchema } from './corrections';

export const qualityChecks = [
  'non-finite',
  'dead-pixels',
  'blank-views',
  'clipped',
  'truncation',
  'axis-offset',
  'view-pairing',
  'scale',
  'reference',
] as const;

export const findingSchema = z.object({
  check: z.enum(qualityChecks),
  /** ok: looked at and in order. note: worth knowing, or could not be looked at. warning: results will suffer. error: runs are refused. */
  severity: z.enum(['ok', 'note', 'warning', 'error']),
  /** The number found; null where nothing could be measured. */
  amount: z.number().nullable(),
  /** Of `amount`. */
  unit: z.string(),
  /** One sentence or two for people. */
  message: z.string(),
  /** What would mend it, offered and never applied by itself; null where nothing would. */
  correction: correctionSchema.nullable(),
});
export type Finding = z.infer<typeof findingSchema>;

export const qualityReportSchema = z.object({
  findings: z.array(findingSchema),
  /** Views of the scan, and how many of them were looked at. */
  views: z.number().int(),
  viewsRead: z.number().int(),
  seconds: z.number(),
});
export type QualityReport = z.infer<typeof qualityReportSchema>;
