/** The text field inside a cell while it is edited: Enter and Tab accept, Escape leaves the cell as it was. */
import { useEffect, useRef, useState } from 'react';

interface Props {
  readonly label: string;
  readonly text: string;
  readonly onAccept: (value: string, next: -1 | 0 | 1) => void;
  readonly onCancel: () => void;
}

export function CellEditor({ label, text, onAccept, onCancel }: Props): React.JSX.Element {
  const [value, setValue] = useState(text);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  // A field that goes away loses the focus: that must not send the same value a second time.
  const sent = useRef(false);
  const accept = (next: -1 | 0 | 1): void => {
    if (sent.current) return;
    if (value.trim() === text) onCancel();
    else {
      sent.current = true;
      onAccept(value.trim(), next);
    }
  };
  return (
    <input
      ref={field}
      type="text"
      className="cell-editor"
      aria-label={label}
      value={value}
      spellCheck={false}
      onChange={(event) => {
        sent.current = false;
        setValue(event.target.value);
      }}
      onBlur={() => accept(0)}
      onDoubleClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        if (event.key === 'Enter') accept(0);
        else if (event.key === 'Tab') accept(event.shiftKey ? -1 : 1);
        else if (event.key === 'Escape') {
          sent.current = true;
          onCancel();
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
