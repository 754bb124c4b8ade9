/** SHA-256 of a file or text, as lower-case hexadecimal. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Rejects with the system's error when the file cannot be read. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
