/** Two panels side by side whose border is dragged, or moved with the arrow keys; a double click puts it back. Where it stands is part of the session. */
import { Group, type LayoutChangedMeta, Panel, Separator } from 'react-resizable-panels';
import { setPanels, useWindow } from '../../state/windowStore';

interface Side {
  readonly content: React.JSX.Element;
  /** px, or "40%" of both. */
  readonly size: number | string;
  /** px. */
  readonly least: number;
  /** px; absent: all that the other leaves. */
  readonly most?: number;
}

interface Props {
  /** Of the pair, unique in the window. */
  readonly name: string;
  /** What the border lies between, for those who do not see it. */
  readonly label: string;
  readonly left: Side;
  readonly right: Side;
  /** The border is a line; otherwise it is the space between two cards. */
  readonly line?: boolean;
}

/** A width in px stays when the window changes; a share stays a share. */
function behaviour({ size }: Side): 'preserve-pixel-size' | 'preserve-relative-size' {
  return typeof size === 'number' ? 'preserve-pixel-size' : 'preserve-relative-size';
}

export function Split({ name, label, left, right, line = false }: Props): React.JSX.Element {
  // What is kept is read once: from then on the library has it.
  const kept = useWindow.getState().panels[name];
  const changed = (_layout: Readonly<Record<string, number>>, { isUserInteraction, requestedLayout }: LayoutChangedMeta): void => {
    if (isUserInteraction && requestedLayout !== undefined) setPanels(name, requestedLayout);
  };
  const panel = (id: string, side: Side): React.JSX.Element => (
    <Panel
      id={id}
      className="split-panel"
      defaultSize={side.size}
      minSize={side.least}
      maxSize={side.most}
      groupResizeBehavior={behaviour(side)}
    >
      {side.content}
    </Panel>
  );
  return (
    <Group id={`split-${name}`} className="split" defaultLayout={kept} onLayoutChanged={changed}>
      {panel('left', left)}
      <Separator id="border" className={line ? 'split-border line' : 'split-border'} aria-label={label} />
      {panel('right', right)}
    </Group>
  );
}
