/** Corrections of a scan that the user asks for: their kinds, their one text form, and a sentence for each. What they do to views and vectors is left to engine/quality. */
import { z } from 'zod';
import { UserError } from './errors';

export const correctionSchema = z.discriminatedUnion('kind', [
  /** View i belongs to vector i + views. */
  z.object({ kind: z.literal('view-offset'), views: z.number().int().min(-100_000).max(100_000) }),
  /** The shadow of the rotation axis lies `mm` further along the detector's columns than the vectors say; in mm on the detector. */
  z.object({ kind: z.literal('axis-offset-mm'), mm: z.number().min(-1000).max(1000) }),
  /** Pixels that give the same value in every view are filled in from their neighbours. */
  z.object({ kind: z.literal('dead-pixels') }),
  /** Values that are NaN or infinite are filled in from their neighbours. */
  z.object({ kind: z.literal('non-finite') }),
  /** The reference volume is left out: no PSNR, no SSIM. */
  z.object({ kind: z.literal('no-reference') }),
]);
export type Correction = z.infer<typeof correctionSchema>;

/** In the order in which they are applied and written. */
const kinds: readonly Correction['kind'][] = ['view-offset', 'axis-offset-mm', 'dead-pixels', 'non-finite', 'no-reference'];

export const allowedCorrections =
  'view-offset=VIEWS, axis-offset-mm=MM, dead-pixels, non-finite and no-reference, several joined by commas';

/** Reads "view-offset=1,dead-pixels". Throws UserError naming the part that is wrong. */
export function parseCorrections(text: string): Correction[] {
  const corrections: Correction[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const correction = parseOne(part);
    if (corrections.some(({ kind }) => kind === correction.kind)) throw new UserError(`The correction ${correction.kind} is given twice.`);
    corrections.push(correction);
  }
  return corrections;
}

function parseOne(part: string): Correction {
  const [name = '', amount, extra] = part.split('=').map((piece) => piece.trim());
  const value = amount === undefined || amount === '' ? Number.NaN : Number(amount);
  const candidate =
    name === 'view-offset'
      ? { kind: name, views: value }
      : name === 'axis-offset-mm'
        ? { kind: name, mm: value }
        : amount === undefined
          ? { kind: name }
          : null;
  const parsed = correctionSchema.safeParse(candidate);
  if (!parsed.success || extra !== undefined) throw new UserError(`There is no correction "${part}"; there are ${allowedCorrections}.`);
  return parsed.data;
}

/** The one way to write a list: in the order of the kinds, without those that change nothing; null for none. */
export function formatCorrections(corrections: readonly Correction[]): string | null {
  const parts = kinds.flatMap((kind) =>
    corrections.filter((correction) => correction.kind === kind && !changesNothing(correction)).map(formatOne),
  );
  return parts.length === 0 ? null : parts.join(', ');
}

function formatOne(correction: Correction): string {
  if (correction.kind === 'view-offset') return `view-offset=${correction.views}`;
  if (correction.kind === 'axis-offset-mm') return `axis-offset-mm=${correction.mm}`;
  return correction.kind;
}

function changesNothing(correction: Correction): boolean {
  return (correction.kind === 'view-offset' && correction.views === 0) || (correction.kind === 'axis-offset-mm' && correction.mm === 0);
}

/** What a correction does, as a sentence for a button and for the record of a run. */
export function describeCorrection(correction: Correction): string {
  switch (correction.kind) {
    case 'view-offset': {
      const count = Math.abs(correction.views);
      return `Pair each view with the vectors ${count} ${count === 1 ? 'step' : 'steps'} ${correction.views > 0 ? 'later' : 'earlier'}.`;
    }
    case 'axis-offset-mm':
      return `Move the detector by ${-correction.mm} mm along its columns.`;
    case 'dead-pixels':
      return 'Fill dead pixels in from their neighbours.';
    case 'non-finite':
      return 'Fill values that are no finite numbers in from their neighbours.';
    case 'no-reference':
      return 'Leave the reference volume out, and with it PSNR and SSIM.';
  }
}

/** The text form as configurations and records hold it: checked, and always written the same way. */
export const correctionsTextSchema = z
  .string()
  .max(500)
  .transform((text, context) => {
    try {
      return formatCorrections(parseCorrections(text));
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  })
  .nullable();
