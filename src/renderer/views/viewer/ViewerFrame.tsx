/** What is looked at, and beside it what governs how it is shown. */
import { Split } from '../parts/Split';

interface Props {
  readonly side: React.JSX.Element;
  /** Panes, and bars below them. */
  readonly children: React.ReactNode;
}

export function ViewerFrame({ side, children }: Props): React.JSX.Element {
  return (
    <Split
      name="viewer"
      label="Border between the slices and their settings"
      line
      left={{ content: <div className="viewer-main">{children}</div>, size: '78%', least: 400 }}
      right={{ content: side, size: 272, least: 232, most: 560 }}
    />
  );
}
