/** A typed number: taken on Enter or when the field is left; what is no number goes back to what it was. */
import { useState } from 'react';

interface Props {
  readonly label: string;
  readonly value: number;
  readonly digits?: number;
  readonly onAccept: (value: number) => void;
}

export function NumberField({ label, value, digits, onAccept }: Props): React.JSX.Element {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = digits === undefined ? String(value) : Number(value.toPrecision(digits)).toString();
  const accept = (): void => {
    if (typed === null) return;
    const number = Number(typed.replace(',', '.'));
    setTyped(null);
    if (typed.trim() !== '' && Number.isFinite(number) && typed !== shown) onAccept(number);
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      className="field number-field"
      aria-label={label}
      value={typed ?? shown}
      onChange={(event) => setTyped(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={accept}
      onKeyDown={(event) => {
        if (event.key === 'Enter') accept();
        if (event.key === 'Escape') setTyped(null);
      }}
    />
  );
}
