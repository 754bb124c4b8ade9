/** Messages in the corner; failures stay until they are closed and can be copied with their details. */
import { CircleAlert, Info, X } from 'lucide-react';
import { attempt, dismissToast, type Offer, useWindow } from '../state/windowStore';
import { ErrorDetails } from './parts/ErrorDetails';

export function Toasts(): React.JSX.Element {
  const toasts = useWindow((state) => state.toasts);
  return (
    <section className="toasts" aria-label="Messages">
      {toasts.map(({ id, kind, message, details, offer }) => (
        <div key={id} className={`toast ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
          <div className="toast-line">
            {kind === 'bad' ? <CircleAlert aria-label="Problem" /> : <Info aria-hidden="true" />}
            <p className="grow">{message}</p>
            <button type="button" className="icon-button" aria-label="Close message" onClick={() => dismissToast(id)}>
              <X aria-hidden="true" />
            </button>
          </div>
          {offer !== undefined && (
            <div className="toast-offer">
              <button type="button" className="button small primary" onClick={() => take(id, offer)}>
                {offer.label}
              </button>
            </div>
          )}
          {details !== null && <ErrorDetails message={message} details={details} />}
        </div>
      ))}
    </section>
  );
}

function take(id: number, { act }: Offer): void {
  dismissToast(id);
  void attempt(act);
}
