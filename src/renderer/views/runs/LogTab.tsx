/** The log of every worker of a run; stays at the end while lines arrive, unless scrolled up. */
import { useEffect, useRef } from 'react';

export function LogTab({ lines }: { readonly lines: readonly string[] }): React.JSX.Element {
  const element = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  const count = lines.length;
  useEffect(() => {
    if (element.current !== null && following.current && count > 0) element.current.scrollTop = element.current.scrollHeight;
  }, [count]);
  return (
    <pre
      ref={element}
      className="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable without a mouse
      tabIndex={0}
      role="log"
      aria-label="Log"
      onScroll={({ currentTarget }) => {
        following.current = currentTarget.scrollTop + currentTarget.clientHeight > currentTarget.scrollHeight - 24;
      }}
    >
      {count === 0 ? 'The workers have written nothing.' : lines.join('\n')}
    </pre>
  );
}
