/** What a view shows while it has nothing to show: what it is for and the next step. */
import type { LucideIcon } from 'lucide-react';

interface Props {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
  readonly children?: React.ReactNode;
}

export function EmptyState({ icon: Icon, title, text, children }: Props): React.JSX.Element {
  return (
    <div className="empty">
      <Icon aria-hidden="true" />
      <h2>{title}</h2>
      <p>{text}</p>
      {children !== undefined && <div className="actions">{children}</div>}
    </div>
  );
}
