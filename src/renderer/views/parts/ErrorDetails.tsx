/** Technical details of a failure: folded away, to expand and copy. */
import { useState } from 'react';

export function ErrorDetails({ message, details }: { readonly message: string; readonly details: string }): React.JSX.Element {
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(`${message}\n\n${details}`);
    setCopied(true);
  };
  return (
    <>
      <div className="link-row">
        <button type="button" className="button small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide details' : 'Details'}
        </button>
        <button type="button" className="button small" onClick={() => void copy().catch(() => setOpen(true))}>
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
      {open && <pre className="details">{details}</pre>}
    </>
  );
}
