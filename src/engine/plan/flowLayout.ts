/** Makes bracketed lists that are indented less than YAML 1.2 asks for readable to a strict parser, keeping every offset; the meaning is the parser's matter. */

/**
 * The text with line breaks, tabs and comments inside brackets turned into spaces, character for character. The users' configurations
 * close their tables with "]" below the key, which YAML 1.1 readers take and a strict YAML 1.2 parser refuses; inside brackets a line break
 * means no more than a space. Quoted text is left as it is.
 */
export function joinBracketedLines(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  let depth = 0;
  let at = 0;
  const blank = (from: number, to: number) => {
    pieces.push(text.slice(kept, from), ' '.repeat(to - from));
    kept = to;
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    const spaceBefore = at === 0 || ' \t\r\n'.includes(text[at - 1] ?? '');
    if (character === '#' && spaceBefore) {
      const end = lineEnd(text, at);
      if (depth > 0) blank(at, end);
      at = end;
    } else if ((character === '"' || character === "'") && startsValue(text, at, depth)) {
      at = quotedEnd(text, at);
    } else {
      if ('[{'.includes(character) && (depth > 0 || startsValue(text, at, depth))) depth++;
      else if (']}'.includes(character) && depth > 0) depth--;
      else if ('\r\n\t'.includes(character) && depth > 0) blank(at, at + 1);
      at++;
    }
  }
  return pieces.join('') + text.slice(kept);
}

/** True where a value can begin: at the start of a line, or behind the sign of a key, an item or an open bracket. */
function startsValue(text: string, at: number, depth: number): boolean {
  let before = at - 1;
  while (before >= 0 && ' \t'.includes(text[before] ?? '')) before--;
  const character = text[before] ?? '\n';
  if ('\r\n'.includes(character)) return true;
  if (depth > 0 && '[{,'.includes(character)) return true;
  return before < at - 1 && ':-?'.includes(character);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function quotedEnd(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote) {
      if (quote === '"' || text[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  return text.length;
}
