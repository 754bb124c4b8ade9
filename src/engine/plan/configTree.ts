/** Reads YAML text into a tree that knows where each value stands; limits size, depth and alias expansion. What the keys mean is parseConfig's matter. */
import {
  type AliasEvent,
  boolCoreTag,
  EVENT_ID,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import { UserError } from '../../shared/errors';
import { joinBracketedLines } from './flowLayout';

export type Scalar = string | number | boolean | null;

interface NodeBase {
  /** Counts from 1. */
  readonly line: number;
  /** Offsets of the text that makes this node, quotes and brackets included; end is exclusive. */
  readonly start: number;
  readonly end: number;
  /** Nodes below and including this one, each alias counted with all it stands for. */
  readonly nodeCount: number;
}
export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly value: Scalar;
  readonly quoted: boolean;
}
export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly flow: boolean;
}
export interface MapEntry {
  readonly key: string;
  readonly keyNode: ScalarNode;
  readonly value: ConfigNode;
  /** True where the entry comes through a merge key or an alias: its text belongs to another place too. */
  readonly shared: boolean;
}
export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  readonly flow: boolean;
}
export type ConfigNode = ScalarNode | ListNode | MapNode;

const maxTextBytes = 1024 * 1024;
const maxDepth = 32;
/** More than a text of the allowed size can write without aliases: only alias bombs reach it. */
const maxNodes = 1_000_000;

/** Throws a sentence that names the file and the line. */
export function configError(fileName: string, line: number | null, message: string): never {
  throw new UserError(`${fileName}${line === null ? '' : `, line ${line}`}: ${message}`);
}

/** Parses one YAML document. Nothing in it is executed. Throws UserError for anything that is not plain YAML within the limits. */
export function readConfigTree(text: string, fileName: string): ConfigNode {
  if (text.length > maxTextBytes) {
    configError(fileName, null, `the text is ${(text.length / 1048576).toFixed(1)} MiB long; a configuration may have at most 1 MiB.`);
  }
  let readable = text;
  let result = parseText(readable);
  if (result instanceof YAMLException && result.reason === 'deficient indentation') {
    readable = joinBracketedLines(text);
    result = parseText(readable);
  }
  if (result instanceof YAMLException) return notYaml(result, text, fileName);
  return new TreeBuilder(readable, fileName, result, lineStarts(text)).document();
}

function parseText(text: string): Event[] | YAMLException {
  try {
    return parseEvents(text, { maxDepth });
  } catch (error) {
    if (error instanceof YAMLException) return error;
    throw error;
  }
}

function notYaml(error: YAMLException, text: string, fileName: string): never {
  const line = error.mark === undefined ? null : lineAt(lineStarts(text), error.mark.position);
  const reason = error.reason.startsWith('nesting exceeded') ? `lists are nested deeper than ${maxDepth} levels` : error.reason;
  return configError(fileName, line, `this is not valid YAML (${reason}).`);
}

/** Offsets of all line starts, for turning an offset into a line by bisection. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line of an offset, from 1. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

class TreeBuilder {
  private readonly text: string;
  private readonly fileName: string;
  private readonly events: readonly Event[];
  private readonly starts: readonly number[];
  private readonly anchors = new Map<string, ConfigNode | 'open'>();
  private position = 0;
  private nodes = 0;
  /** Where the last token ended: the place of empty values, which have no text. */
  private textEnd = 0;

  constructor(text: string, fileName: string, events: readonly Event[], starts: readonly number[]) {
    this.text = text;
    this.fileName = fileName;
    this.events = events;
    this.starts = starts;
  }

  document(): ConfigNode {
    const documents = this.events.filter((event) => event.type === EVENT_ID.DOCUMENT).length;
    if (documents === 0 || this.events[1] === undefined || this.events[1].type === EVENT_ID.POP) {
      return configError(this.fileName, null, 'the configuration is empty; it needs at least dataset and solver.');
    }
    if (documents > 1) return configError(this.fileName, null, 'the file holds several YAML documents (---); keep one per file.');
    this.position = 1;
    return this.node();
  }

  private lineOf(offset: number): number {
    return lineAt(this.starts, offset);
  }

  private fail(offset: number, message: string): never {
    return configError(this.fileName, this.lineOf(Math.max(0, offset)), message);
  }

  private count(nodes: number, offset: number): void {
    this.nodes += nodes;
    if (this.nodes > maxNodes) this.fail(offset, `aliases (*name) expand to more than ${maxNodes} values; write the values out instead.`);
  }

  private node(): ConfigNode {
    const event = this.events[this.position++];
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) {
      return this.fail(this.textEnd, 'this is not valid YAML (a value is missing).');
    }
    if (event.type === EVENT_ID.ALIAS) return this.alias(event);
    if (event.tagStart >= 0) {
      this.fail(event.tagStart, `the tag ${this.text.slice(event.tagStart, event.tagEnd)} is not allowed; write a plain value.`);
    }
    const anchor = event.anchorStart >= 0 ? this.text.slice(event.anchorStart, event.anchorEnd) : null;
    if (anchor !== null) this.anchors.set(anchor, 'open');
    const node =
      event.type === EVENT_ID.SCALAR
        ? this.scalar(event)
        : event.type === EVENT_ID.SEQUENCE
          ? this.list(event.start, event.style === 2)
          : this.map(event.start, event.style === 2);
    if (anchor !== null) this.anchors.set(anchor, node);
    return node;
  }

  private scalar(event: ScalarEvent): ScalarNode {
    const source = event.valueStart >= 0 ? getScalarValue(this.text, event) : '';
    const style = event.style;
    const quoted = style !== SCALAR_STYLE.PLAIN;
    const quoteWidth = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
    const start = event.valueStart >= 0 ? event.valueStart - quoteWidth : this.textEnd;
    const end = event.valueStart >= 0 ? event.valueEnd + quoteWidth : this.textEnd;
    this.textEnd = end;
    this.count(1, start);
    return { kind: 'scalar', value: quoted ? source : plainValue(source), quoted, line: this.lineOf(start), start, end, nodeCount: 1 };
  }

  private list(start: number, flow: boolean): ListNode {
    this.count(1, start);
    const before = this.nodes;
    const items: ConfigNode[] = [];
    this.textEnd = start + (flow ? 1 : 0);
    while (!this.closed()) items.push(this.node());
    const end = this.collectionEnd(flow);
    return { kind: 'list', items, flow, line: this.lineOf(start), start, end, nodeCount: 1 + this.nodes - before };
  }

  private map(start: number, flow: boolean): MapNode {
    this.count(1, start);
    const before = this.nodes;
    const entries = new Map<string, MapEntry>();
    const merged: MapEntry[] = [];
    this.textEnd = start + (flow ? 1 : 0);
    while (!this.closed()) {
      const keyNode = this.node();
      if (keyNode.kind !== 'scalar') return this.fail(keyNode.start, 'a key must be a plain word, not a list or a map.');
      const key = String(keyNode.value);
      const value = this.node();
      if (key === '<<' && !keyNode.quoted) merged.push(...this.mergedEntries(value));
      else if (entries.has(key)) this.fail(keyNode.start, `the key "${key}" stands twice in the same place; keep one.`);
      else entries.set(key, { key, keyNode, value, shared: false });
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, { ...entry, shared: true });
    const end = this.collectionEnd(flow);
    return { kind: 'map', entries: [...entries.values()], flow, line: this.lineOf(start), start, end, nodeCount: 1 + this.nodes - before };
  }

  private mergedEntries(value: ConfigNode): MapEntry[] {
    const sources = value.kind === 'list' ? value.items : [value];
    return sources.flatMap((source) =>
      source.kind === 'map' ? [...source.entries] : this.fail(value.start, 'the merge key << needs a map or a list of maps.'),
    );
  }

  private alias(event: AliasEvent): ConfigNode {
    const name = this.text.slice(event.anchorStart, event.anchorEnd);
    const start = event.anchorStart - 1;
    const target = this.anchors.get(name);
    if (target === undefined) return this.fail(start, `the alias *${name} has no anchor &${name} before it.`);
    if (target === 'open') return this.fail(start, `the alias *${name} refers to itself.`);
    this.count(target.nodeCount, start);
    this.textEnd = event.anchorEnd;
    // The alias stands for its target, at its own place: an edit replaces the alias, never what other places share.
    return { ...target, line: this.lineOf(start), start, end: event.anchorEnd };
  }

  /** Steps over the end of a collection, if it is next. */
  private closed(): boolean {
    if (this.events[this.position]?.type !== EVENT_ID.POP) return false;
    this.position++;
    return true;
  }

  /** The parser gives no end of a collection: a flow one ends with the next bracket after its last child, skipping spaces, commas and comments. */
  private collectionEnd(flow: boolean): number {
    if (flow) {
      let at = this.textEnd;
      while (at < this.text.length && !']}'.includes(this.text[at] ?? '')) {
        const lineEnd = this.text[at] === '#' ? this.text.indexOf('\n', at) : at + 1;
        at = lineEnd < 0 ? this.text.length : lineEnd;
      }
      this.textEnd = Math.min(at + 1, this.text.length);
    }
    return this.textEnd;
  }
}

/** YAML 1.2 core schema: null, booleans, integers, floats, else text. */
function plainValue(source: string): Scalar {
  for (const tag of [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag]) {
    const value: Scalar | typeof NOT_RESOLVED = tag.resolve(source, false, tag.tagName);
    if (value !== NOT_RESOLVED) return value;
  }
  return source;
}

/** A short form of a value for messages, as it could be written in the YAML. */
export function describeNode(node: ConfigNode): string {
  const text = compact(node, 40);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function compact(node: ConfigNode, budget: number): string {
  if (node.kind === 'scalar') return node.quoted || typeof node.value === 'string' ? JSON.stringify(node.value) : String(node.value);
  if (node.kind === 'map') return node.entries.length === 0 ? '{}' : `{${node.entries[0]?.key}: ...}`;
  const shown = node.items.slice(0, 8).map((item) => (budget > 0 ? compact(item, budget - 10) : '...'));
  return `[${shown.join(', ')}${node.items.length > 8 ? ', ...' : ''}]`;
}
