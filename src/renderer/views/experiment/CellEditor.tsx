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
  const accept = (next: -1 | 0 | 1): void => {
    if (value.trim() === text) onCancel();
    else onAccept(value.trim(), next);
  };
  return (
    <input
      ref={field}
      type="text"
      className="cell-editor"
      aria-label={label}
      value={value}
      spellCheck={false}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => accept(0)}
      onDoubleClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        if (event.key === 'Enter') accept(0);
        else if (event.key === 'Tab') accept(event.shiftKey ? -1 : 1);
        else if (event.key === 'Escape') onCancel();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
