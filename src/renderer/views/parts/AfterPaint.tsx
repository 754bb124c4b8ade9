/** Leaves its children out of the first drawing, so that what stands beside them is seen, and can be used, sooner. */
import { useEffect, useState } from 'react';

interface Props {
  /** Stands in their place for a frame. */
  readonly placeholder: React.JSX.Element;
  readonly children: React.JSX.Element;
}

export function AfterPaint({ placeholder, children }: Props): React.JSX.Element {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A task that is queued in a frame comes after its drawing.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setPainted(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return painted ? children : placeholder;
}
