/** CodeMirror for the YAML, inside a shadow root: there it uses adopted style sheets, which the page's strict policy allows. What the text means is left to the program. */
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory, redo, undo } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useImperativeHandle, useRef } from 'react';
import type { Problem } from '../../../shared/experiment';
import { changedSpan } from './changedSpan';

export interface EditorHandle {
  showLine(line: number): void;
}

interface Props {
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly onChange: (text: string) => void;
  readonly ref: React.Ref<EditorHandle>;
}

const highlighting = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--syntax-key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--syntax-value)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--syntax-number)' },
  { tag: tags.comment, color: 'var(--syntax-comment)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--text-muted)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '12.5px', color: 'var(--text)', backgroundColor: 'var(--panel)' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', overflow: 'auto' },
  '&.cm-focused': { outline: 'none' },
  // Above the line numbers, which would cover an outline.
  '&.cm-focused::after': {
    content: '""',
    position: 'absolute',
    inset: '0',
    zIndex: '300',
    border: '2px solid var(--accent)',
    pointerEvents: 'none',
  },
  // The frame above stands for both.
  '.cm-content:focus-visible': { outline: 'none' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--text-muted)', border: 'none' },
  '.cm-scroller::-webkit-scrollbar': { width: '10px', height: '10px' },
  '.cm-scroller::-webkit-scrollbar-thumb': {
    border: '2px solid transparent',
    borderRadius: '6px',
    backgroundColor: 'var(--line-strong)',
    backgroundClip: 'padding-box',
  },
  '.cm-scroller::-webkit-scrollbar-corner': { backgroundColor: 'transparent' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--line-strong)', borderRadius: '6px', color: 'var(--text)' },
  '.cm-tooltip .cm-diagnostic': { fontFamily: 'var(--font-ui)', maxWidth: '420px' },
});

export function YamlEditor({ text, problems, onChange, ref }: Props): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const first = useRef(text);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const shadow = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const view = new EditorView({ parent: shadow, root: shadow, state: editorState(first.current, (next) => change.current(next)) });
    editor.current = view;
    const undoFromGrid = (event: KeyboardEvent): void => undoKey(event, view);
    window.addEventListener('keydown', undoFromGrid);
    return () => {
      window.removeEventListener('keydown', undoFromGrid);
      editor.current = null;
      first.current = view.state.doc.toString();
      view.destroy();
    };
  }, []);

  useEffect(() => {
    const view = editor.current;
    if (view === null) return;
    const span = changedSpan(view.state.doc.toString(), text);
    // An edit from the grid is one step of undo, also right after typing.
    if (span !== null) view.dispatch({ changes: span, annotations: isolateHistory.of('full') });
  }, [text]);

  useEffect(() => {
    const view = editor.current;
    if (view !== null) view.dispatch(setDiagnostics(view.state, diagnostics(view.state, problems)));
  }, [problems]);

  useImperativeHandle(ref, () => ({ showLine: (line) => showLine(editor.current, line) }), []);
  return <div ref={host} className="yaml-editor" data-testid="yaml-editor" />;
}

function editorState(text: string, onChange: (text: string) => void): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      yaml(),
      syntaxHighlighting(highlighting),
      lintGutter(),
      look,
      // Escape, then Tab, leaves the editor: Tab alone indents.
      keymap.of([...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'), ...historyKeymap, indentWithTab]),
      EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': 'Configuration (YAML). Press Escape, then Tab, to leave.' }),
      EditorView.domEventHandlers({ beforeinput: typeOverSelection }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
      }),
    ],
  });
}

/**
 * Typing over a selection, done as a change of the text. The browser's own edit joins lines by elements with style attributes,
 * which the page's policy refuses (and reports as a violation).
 */
function typeOverSelection(event: InputEvent, view: EditorView): boolean {
  if (event.inputType !== 'insertText' || event.data === null || view.composing || view.state.selection.main.empty) return false;
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
  event.preventDefault();
  return true;
}

/** Ctrl+Z outside the text undoes there, for grid edits are changes of the text. Text fields keep their own undo. */
function undoKey(event: KeyboardEvent, view: EditorView): void {
  if (!(event.ctrlKey || event.metaKey) || event.defaultPrevented || view.hasFocus) return;
  if (event.target instanceof HTMLInputElement && event.target.type === 'text') return;
  const key = event.key.toLowerCase();
  const action = key === 'z' && !event.shiftKey ? undo : key === 'y' || key === 'z' ? redo : null;
  if (action === null) return;
  event.preventDefault();
  action(view);
}

function diagnostics(state: EditorState, problems: readonly Problem[]): Diagnostic[] {
  return problems.flatMap(({ line, severity, message, key }) => {
    if (line === null || line > state.doc.lines) return [];
    const { from, to, text } = state.doc.line(line);
    const place = key === null ? -1 : text.indexOf(key);
    const start = from + (place >= 0 ? place : text.length - text.trimStart().length);
    return [{ from: start, to: place >= 0 && key !== null ? start + key.length : Math.max(start, to), severity, message }];
  });
}

function showLine(view: EditorView | null, line: number): void {
  if (view === null || line > view.state.doc.lines) return;
  const { from } = view.state.doc.line(line);
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
  view.focus();
}
