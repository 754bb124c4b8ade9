/** Dialogs: the frame they share, the shortcut list and About. */
import { X } from 'lucide-react';
import { Fragment, useEffect, useRef } from 'react';
import { showDialog, useWindow } from '../state/windowStore';
import { bytesText } from './parts/text';
import { shortcutGroups } from './shortcutList';

interface DialogProps {
  readonly title: string;
  readonly onClose?: () => void;
  readonly children: React.ReactNode;
}

const closeNamed = (): void => showDialog(null);

export function Dialog({ title, onClose = closeNamed, children }: DialogProps): React.JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // What the dialog is for comes before the button that closes it.
    const body = dialog?.querySelector('.dialog-body');
    (body?.querySelector<HTMLElement>('[data-first]') ?? body?.querySelector<HTMLElement>('button, input, select, textarea'))?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} aria-label={title} onClose={onClose}>
      <div className="card-header">
        <h2 className="grow">{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <X aria-hidden="true" />
        </button>
      </div>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}

export function ShortcutsDialog(): React.JSX.Element {
  return (
    <Dialog title="Keyboard and mouse">
      <div className="shortcut-columns">
        {shortcutGroups.map(({ title, entries }) => (
          <section key={title} className="shortcut-group">
            <h3>{title}</h3>
            <dl>
              {entries.map(([keys, action]) => (
                <div key={keys}>
                  <dt>{action}</dt>
                  <dd>
                    <kbd>{keys}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

export function AboutDialog(): React.JSX.Element {
  const application = useWindow((state) => state.application);
  if (application === null) return <Dialog title="About TomoBench">Starting</Dialog>;
  return (
    <Dialog title="About TomoBench">
      <dl className="facts">
        <dt>Version</dt>
        <dd>{application.version}</dd>
        <dt>Results are kept in</dt>
        <dd>{application.workspace}</dd>
        {application.devices.map((device) => (
          <Fragment key={device.id}>
            <dt>{device.id === 'cpu' ? 'Processor' : device.id}</dt>
            <dd>
              {device.name}, {bytesText(device.memoryMiB * 2 ** 20)}
              {device.freeMiB !== null && `, ${bytesText(device.freeMiB * 2 ** 20)} free`}
            </dd>
          </Fragment>
        ))}
        {application.runtimeNote !== null && (
          <>
            <dt>Runs on</dt>
            <dd>{application.runtimeNote}</dd>
          </>
        )}
      </dl>
    </Dialog>
  );
}
