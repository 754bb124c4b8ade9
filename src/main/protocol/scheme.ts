/** The program's own addresses, tomo://app for the page and tomo://volume for arrays. */
import { protocol } from 'electron';
import { answerPageFile } from './pageFiles';
import { answerVolumeRequest, type VolumeAccess } from './volumeRequests';

export const APP_ORIGIN = 'tomo://app';

/** Must be called before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'tomo', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, corsEnabled: true } },
  ]);
}

/** `access` may still be on its way when the page is first asked for. */
export function serveScheme(pageFolder: string, access: () => Promise<VolumeAccess>, pageOrigin: string): void {
  protocol.handle('tomo', async (request) => {
    if (request.method !== 'GET') return new Response('Only reading is possible.', { status: 405 });
    const url = new URL(request.url);
    if (url.hostname === 'app') return answerPageFile(pageFolder, url.pathname);
    if (url.hostname !== 'volume') return new Response('Not found', { status: 404 });
    try {
      return await answerVolumeRequest(url, await access(), pageOrigin);
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 500 });
    }
  });
}
