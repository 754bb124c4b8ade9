/** Keeps the end of what a worker writes to stderr, without the noise that Chromium's own parts make. */
import type { Readable } from 'node:stream';

const KEPT_CHARACTERS = 8000;
/** Harmless lines of Chromium on machines without a desktop bus or a GPU. */
const NOISE = /bus\.cc|viz_main_impl|command_buffer_proxy_impl|GPU stall due to ReadPixels/;

/** Reads `stream` to its end; the function returned answers the last lines so far. */
export function collectStderr(stream: Readable | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-2 * KEPT_CHARACTERS);
  });
  stream?.on('error', () => {});
  return () =>
    text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '' && !NOISE.test(line))
      .join('\n')
      .slice(-KEPT_CHARACTERS);
}
