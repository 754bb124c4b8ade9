/** Long work that is no run (saving a volume, copying results), as the window's tray shows it while it lasts. */
import { z } from 'zod';

export const jobSchema = z.object({
  id: z.string(),
  /** What is being done, in a few words: "Saving iterate-12.tif". */
  title: z.string(),
  /** 0 to 1; null while nobody can say. */
  fraction: z.number().min(0).max(1).nullable(),
  etaSec: z.number().nullable(),
  /** True once the user asked it to stop. */
  stopping: z.boolean(),
});
export type Job = z.infer<typeof jobSchema>;
