/** Cuts XML of office files into tags and texts: no document type, no entities but the five. Pure. */
import { FileRefusal } from './zip-read.ts';

/** Names are without their prefix. An empty element gives `open` and `close`. */
export type XmlToken =
  | { readonly kind: 'open'; readonly name: string; readonly tag: string }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** An element of a sheet lies five deep. */
const MAX_DEPTH = 64;
const MAX_TAG_CHARACTERS = 16_384;
const BROKEN = 'the file holds XML that is broken: save it again as an Excel workbook (.xlsx)';

/** Octets of UTF-8; Office and everybody else writes nothing else. Throws FileRefusal. */
export function decodeXml(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const encoding = /^<\?xml[^>]{0,200}\bencoding\s*=\s*["']([^"']{0,40})["']/.exec(text.slice(0, 300))?.[1];
    if (encoding === undefined || /^(utf-8|us-ascii)$/i.test(encoding)) return text;
  } catch {
    // Told below, as is another encoding.
  }
  throw new FileRefusal('the file holds XML that is not UTF-8: save it again as an Excel workbook (.xlsx)');
}

/** Throws FileRefusal where the text is no well-formed XML, or declares a document type. */
export function* xmlTokens(xml: string): Generator<XmlToken, undefined, undefined> {
  const open: string[] = [];
  let at = 0;
  while (at < xml.length) {
    const next = xml.indexOf('<', at);
    const textEnd = next < 0 ? xml.length : next;
    if (textEnd > at && open.length > 0) yield { kind: 'text', text: unescaped(xml.slice(at, textEnd)) };
    if (next < 0) break;
    const skipped = skipMarkup(xml, next);
    if (skipped) {
      if (skipped.text !== undefined) yield { kind: 'text', text: skipped.text };
      at = skipped.end;
      continue;
    }
    const end = tagEnd(xml, next);
    const tag = xml.slice(next + 1, end);
    at = end + 1;
    if (tag.startsWith('/')) {
      const name = nameOf(tag.slice(1));
      if (open.pop() !== name) throw new FileRefusal(BROKEN);
      yield { kind: 'close', name };
    } else {
      const name = nameOf(tag);
      yield { kind: 'open', name, tag };
      if (tag.endsWith('/')) yield { kind: 'close', name };
      else if (open.push(name) > MAX_DEPTH) throw new FileRefusal(BROKEN);
    }
  }
  if (open.length > 0) throw new FileRefusal(BROKEN);
  return undefined;
}

/** Comments and instructions say nothing, a CDATA section is text; a document type could declare entities. */
function skipMarkup(xml: string, at: number): { end: number; text?: string } | undefined {
  const second = xml[at + 1];
  if (second === '?') return { end: after(xml, '?>', at + 2) };
  if (second !== '!') return undefined;
  if (xml.startsWith('<!--', at)) return { end: after(xml, '-->', at + 4) };
  if (xml.startsWith('<![CDATA[', at)) {
    const end = after(xml, ']]>', at + 9);
    return { end, text: xml.slice(at + 9, end - 3) };
  }
  throw new FileRefusal('the file holds XML with a document type, which no spreadsheet has: save it again');
}

function after(xml: string, mark: string, from: number): number {
  const found = xml.indexOf(mark, from);
  if (found < 0) throw new FileRefusal(BROKEN);
  return found + mark.length;
}

/** Index of the `>` that ends the tag: one between quotes does not. */
function tagEnd(xml: string, start: number): number {
  let end = xml.indexOf('>', start);
  for (let from = start; end >= 0 && end - start <= MAX_TAG_CHARACTERS; ) {
    const quote = firstQuote(xml, from, end);
    if (quote < 0) return end;
    const close = xml.indexOf(xml[quote] ?? '"', quote + 1);
    if (close < 0) break;
    from = close + 1;
    if (close > end) end = xml.indexOf('>', from);
  }
  throw new FileRefusal(BROKEN);
}

function firstQuote(xml: string, from: number, to: number): number {
  for (let at = from; at < to; at++) if (xml[at] === '"' || xml[at] === "'") return at;
  return -1;
}

function nameOf(tag: string): string {
  const [, name] = /^(?:[\w.-]+:)?([\w.-]+)(?=[\s/]|$)/.exec(tag) ?? [];
  if (name === undefined) throw new FileRefusal(BROKEN);
  return name;
}

const ATTRIBUTE = /\s(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/** Values of a tag's attributes by name without prefix; of two with one name, the last. */
export function attributesOf(tag: string): ReadonlyMap<string, string> {
  if (!tag.includes('=')) return NO_ATTRIBUTES;
  const found = new Map<string, string>();
  for (const [, name = '', double, single] of tag.matchAll(ATTRIBUTE)) {
    found.set(name, unescaped(double ?? single ?? ''));
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]{0,10});?/g, (whole, name: string) => {
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : characterOf(name);
    if (known === undefined || !whole.endsWith(';')) throw new FileRefusal(BROKEN);
    return known;
  });
}

/** Of `#65` and `#x41`. */
function characterOf(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
  const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined;
}
