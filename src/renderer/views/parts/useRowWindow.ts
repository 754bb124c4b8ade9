/** Which rows of a long table are on screen, so that only those are in the page. */
import { type RefObject, useEffect, useState } from 'react';

export interface RowWindow {
  /** Rows [first, last). */
  readonly first: number;
  readonly last: number;
  /** Height of what is left out above and below, px. */
  readonly before: number;
  readonly after: number;
}

const overscan = 12;

export function rowWindow(scrollTop: number, height: number, count: number, rowHeight: number): RowWindow {
  const visible = Math.ceil(height / rowHeight);
  const first = Math.max(0, Math.min(count - visible, Math.floor(scrollTop / rowHeight)) - overscan);
  const last = Math.min(count, Math.max(0, Math.floor(scrollTop / rowHeight)) + visible + overscan);
  return { first, last, before: first * rowHeight, after: (count - last) * rowHeight };
}

/** Follows the scroller. All rows must have the height `rowHeight`, px. */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowWindow {
  const [{ top, height }, setView] = useState({ top: 0, height: 900 });
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const follow = (): void => {
      // Steps of several rows keep renders few while scrolling.
      const step = rowHeight * (overscan / 2);
      const next = { top: Math.floor(element.scrollTop / step) * step, height: element.clientHeight };
      setView((known) => (known.top === next.top && known.height === next.height ? known : next));
    };
    follow();
    const resized = new ResizeObserver(follow);
    resized.observe(element);
    element.addEventListener('scroll', follow, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', follow);
    };
  }, [scroller, rowHeight]);
  return rowWindow(top, height, count, rowHeight);
}
