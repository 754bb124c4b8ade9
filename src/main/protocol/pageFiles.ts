/** Answers tomo://app/...: the built files of the page, and nothing outside their folder. */
import { readFile } from 'node:fs/promises';
import { extname, isAbsolute, join, relative } from 'node:path';
import { pageHeaders } from './csp';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** The file a path of the page names, null for anything that would leave `folder`. `pathname` as URL gives it, still encoded. */
export function pageFile(folder: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return null;
  const file = join(folder, decoded === '/' ? 'index.html' : decoded);
  const inside = relative(folder, file);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? null : file;
}

export async function answerPageFile(folder: string, pathname: string): Promise<Response> {
  const file = pageFile(folder, pathname);
  const contentType = file === null ? undefined : contentTypes[extname(file).toLowerCase()];
  if (file === null || contentType === undefined) return new Response('Not found', { status: 404, headers: pageHeaders });
  try {
    const bytes = new Uint8Array(await readFile(file));
    return new Response(bytes, { headers: { ...pageHeaders, 'content-type': contentType } });
  } catch {
    return new Response('Not found', { status: 404, headers: pageHeaders });
  }
}
