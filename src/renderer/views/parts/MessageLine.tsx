/** One sentence with its weight: a mark and a colour, never the colour alone. */
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';

const marks = { bad: CircleAlert, warn: TriangleAlert, note: Info };
const words = { bad: 'Problem', warn: 'Warning', note: 'Note' };

export function MessageLine({ kind, text }: { readonly kind: 'bad' | 'warn' | 'note'; readonly text: string }): React.JSX.Element {
  const Mark = marks[kind];
  return (
    <div className={`message ${kind}`} role={kind === 'bad' ? 'alert' : undefined}>
      <Mark aria-label={words[kind]} />
      <span>{text}</span>
    </div>
  );
}
