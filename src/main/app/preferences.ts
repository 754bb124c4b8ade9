/** Where the window was and which workspace it used: needed before the store is open, so kept in a small file of its own. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const preferencesSchema = z.object({
  workspace: z.string().nullable(),
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int(), height: z.number().int() }).nullable(),
  maximized: z.boolean(),
});
export type Preferences = z.infer<typeof preferencesSchema>;

const none: Preferences = { workspace: null, bounds: null, maximized: false };

/** A missing or unreadable file means no preferences: nothing of value is in it. */
export function readPreferences(file: string): Preferences {
  try {
    return preferencesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return none;
  }
}

/** Replaces the file as a whole; a folder that cannot be written costs only the memory of the window's place. */
export function writePreferences(file: string, preferences: Preferences): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(preferences));
    renameSync(`${file}.new`, file);
  } catch (error) {
    process.stderr.write(`The window's place could not be kept: ${String(error)}\n`);
  }
}
