/** The user guide in the window: docs/user-guide.md with its pictures, as they were when the program was built. */
import { Marked, type Tokens } from 'marked';
import { useMemo } from 'react';
import guide from '../../../docs/user-guide.md?raw';
import { Dialog } from './Dialogs';

const pictures = import.meta.glob<string>('../../../docs/images/*.png', { eager: true, query: '?url', import: 'default' });

interface Chapter {
  readonly id: string;
  readonly title: string;
}

function plainId(title: string): string {
  return `guide-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

/** The text is our own and comes with the program; links that lead out of it become plain text. */
function rendered(text: string): { html: string; chapters: Chapter[] } {
  const chapters: Chapter[] = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text: title }: Tokens.Heading): string {
        if (depth === 2) chapters.push({ id: plainId(title), title });
        return `<h${depth} id="${plainId(title)}">${this.parser.parseInline(tokens)}</h${depth}>`;
      },
      link({ tokens }: Tokens.Link): string {
        return this.parser.parseInline(tokens);
      },
      image({ href, text: alternative }: Tokens.Image): string {
        const source = pictures[`../../../docs/${href}`];
        return source === undefined ? '' : `<img src="${source}" alt="${alternative.replaceAll('"', '&quot;')}" loading="lazy">`;
      },
    },
  });
  return { html: marked.parse(text, { async: false }), chapters };
}

export function Guide(): React.JSX.Element {
  const { html, chapters } = useMemo(() => rendered(guide), []);
  const show = (id: string): void => document.getElementById(id)?.scrollIntoView();
  return (
    <Dialog title="User guide">
      <div className="guide">
        <nav aria-label="Chapters">
          {chapters.map(({ id, title }) => (
            <button key={id} type="button" className="button quiet small" onClick={() => show(id)}>
              {title}
            </button>
          ))}
        </nav>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the program's own text, without anything from outside */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <article className="selectable" data-first="" tabIndex={0} dangerouslySetInnerHTML={{ __html: html }} />
      </div>
    </Dialog>
  );
}
