/** What no page may do here: leave the program's own address, open windows, or ask the system for anything but writing to the clipboard. */
import { app, type Session, type WebContents } from 'electron';

/** `pageOrigin`: the only place the window may show, e.g. tomo://app. */
export function restrictPages(pageOrigin: string): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    const refuse = (event: { preventDefault(): void }, url: string): void => {
      if (!url.startsWith(`${pageOrigin}/`)) event.preventDefault();
    };
    contents.on('will-navigate', refuse);
    contents.on('will-redirect', refuse);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** "Copy details" needs the clipboard; everything else is refused without asking. */
export function refusePermissions(session: Session): void {
  const allowed = (permission: string): boolean => permission === 'clipboard-sanitized-write';
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(allowed(permission)));
  session.setPermissionCheckHandler((_contents, permission) => allowed(permission));
}
