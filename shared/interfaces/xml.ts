/** XML of a router made into plain objects: elements by their local names, only those that are wanted, nothing expanded. Pure. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { AppError } from '../platform/errors.ts';

/** Text of an element that has attributes; attributes stand beside it, behind `@`. */
const TEXT = '#text';
const ATTRIBUTE = '@';
const SHOWN = 200;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export type ParseXml = (text: string) => Readonly<Record<string, unknown>>;

/**
 * A parser that keeps elements of these names and those in `lists` (as arrays, however many there are) and drops all
 * others with what is in them. Text is trimmed; references stay as they are (see `decoded`). It throws SOURCE_MALFORMED
 * for what is not well-formed, declares a document type (RFC 6241 forbids it, and entities begin there), nests deep, or
 * has more than `most` elements of those names.
 */
export function xmlParser(wanted: readonly string[], lists: readonly string[], most: number): ParseXml {
  const kept = new Set([...wanted, ...lists]);
  const several = new Set(lists);
  let count = 0;
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    removeNSPrefix: true,
    parseTagValue: false,
    trimValues: true,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    isArray: (name) => several.has(name),
    // Nine tenths of an extensive answer are queues and errors by kind: dropped here, they take no memory.
    updateTag: (name) => {
      if (!kept.has(name)) return false;
      // An empty one has few octets and takes a hundred times as many.
      if (++count > most) throw new Error(`it has more than the ${most} elements that are kept`);
      return true;
    },
  });
  return (given) => {
    // Routers leave a line end behind each message, and nothing may stand before a declaration.
    const text = given.trim();
    if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw malformed('declares a document type', text);
    const verdict = XMLValidator.validate(text);
    if (verdict !== true) throw malformed(verdict.err.msg, text);
    count = 0;
    try {
      return parser.parse(text) as Readonly<Record<string, unknown>>;
    } catch (error) {
      throw malformed(error instanceof Error ? error.message : 'it cannot be read', text, error);
    }
  };
}

/** The five references of XML and those by number, once each; any other stays as it came. */
export function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? whole) : whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** For text and attributes of what is sent. */
export function encoded(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function malformed(why: string, text: string, cause?: unknown): AppError {
  const message = `the router’s answer is no XML that can be read: ${why.slice(0, SHOWN)}`;
  return new AppError('SOURCE_MALFORMED', message, { cause, context: { rawText: text.slice(0, SHOWN) } });
}
