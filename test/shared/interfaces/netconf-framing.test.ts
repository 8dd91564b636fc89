/** RFC 6242: messages come out as they went in, wherever packets end; what is no framing, or too long, is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framedByEndMark, framedInChunks, MessageReader } from '../../../shared/interfaces/netconf-framing.ts';
import { AppError } from '../../../shared/platform/errors.ts';

const LIMIT = 1_000_000;

/** All messages that come out when the octets come in pieces that end at `cuts`. */
function read(octets: Buffer, cuts: readonly number[], isChunked: boolean, limit = LIMIT): string[] {
  const reader = new MessageReader(limit);
  if (isChunked) reader.expectChunks();
  const ends = [...new Set([...cuts.map((cut) => cut % (octets.length + 1)), octets.length])].sort((a, b) => a - b);
  const messages: string[] = [];
  let from = 0;
  for (const end of ends) {
    reader.push(octets.subarray(from, end));
    from = end;
    for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message);
  }
  return messages;
}

/** Parts of end marks and chunk headers, and characters of several octets, are likely. */
const text = fc
  .array(fc.oneof(fc.constantFrom(']]>', ']', '>', '\n#', '##', '\n##\n', '#5\n', 'ü', '€', '😀', '\n'), fc.string()))
  .map((parts) => parts.join(''));
const cuts = fc.array(fc.nat(), { maxLength: 40 });

/** The same message in chunks of any sizes. */
function inChunksOf(message: string, sizes: readonly number[]): Buffer {
  const octets = Buffer.from(message);
  const parts: Buffer[] = [];
  for (let at = 0, i = 0; at < octets.length; i++) {
    const size = Math.min(octets.length - at, (sizes[i % sizes.length] ?? 0) + 1);
    parts.push(Buffer.from(`\n#${size}\n`), octets.subarray(at, at + size));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from('\n##\n')]);
}

describe('any split across packets gives the same messages', () => {
  test('by end marks', () => {
    const messages = fc.array(
      text.map((t) => t.replaceAll(']]>]]>', '')).filter((t) => !t.endsWith(']')),
      {
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(messages, cuts, (sent, at) => {
        const given = sent.map((one) => one.replace(/[\]>]+$/, ''));
        expect(read(Buffer.concat(given.map(framedByEndMark)), at, false)).toEqual(given);
      }),
    );
  });

  test('in chunks of any size, through the middle of characters', () => {
    const messages = fc.array(
      text.filter((t) => t !== ''),
      { maxLength: 4 },
    );
    const sizes = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(messages, sizes, cuts, (sent, some, at) => {
        const octets = Buffer.concat(sent.map((one) => inChunksOf(one, some)));
        expect(read(octets, at, true)).toEqual(sent);
      }),
    );
  });

  test('octet for octet', () => {
    const sent = ['<a>ü</a>', '<b/>'];
    const every = Array.from({ length: 200 }, (_, i) => i);
    expect(read(Buffer.concat(sent.map(framedByEndMark)), every, false)).toEqual(sent);
    expect(read(Buffer.concat(sent.map(framedInChunks)), every, true)).toEqual(sent);
  });
});

test('a chunk’s length counts octets, not characters', () => {
  expect(framedInChunks('ü€').toString()).toBe('\n#5\nü€\n##\n');
});

test('the framing changes between two messages, also of one packet', () => {
  const reader = new MessageReader(LIMIT);
  reader.push(Buffer.concat([framedByEndMark('<hello/>'), Buffer.from('\n'), framedInChunks('<ok/>')]));
  expect(reader.next()).toBe('<hello/>');
  reader.expectChunks();
  expect(reader.next()).toBe('<ok/>');
  expect(reader.next()).toBeUndefined();
});

describe('refused with SOURCE_MALFORMED', () => {
  const failure = (octets: string, isChunked: boolean, limit = LIMIT): AppError => {
    try {
      read(Buffer.from(octets), [3, 7], isChunked, limit);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      return error as AppError;
    }
    throw new Error('it was taken');
  };

  test.each([
    ['no chunk at all', '<rpc-reply/>]]>]]>'],
    ['a chunk of nothing', '\n#0\n'],
    ['a length with a zero in front', '\n#05\nhello'],
    ['a length that is none', '\n#-5\nhello'],
    ['more digits than ten', '\n#12345678901\n'],
    ['an end without a beginning', '\n##\n'],
    ['blanks without end', ' '.repeat(80)],
    ['a header without end', `\n#${'1'.repeat(80)}`],
  ])('%s', (_, octets) => {
    expect(failure(octets, true).code).toBe('SOURCE_MALFORMED');
  });

  test.each([
    ['by end marks, before its end comes', 'x'.repeat(101), false],
    ['by end marks, in one packet with its end', `${'x'.repeat(101)}]]>]]>`, false],
    ['in a chunk, before its octets come', '\n#101\n', true],
    ['in many chunks', '\n#60\n'.concat('x'.repeat(60), '\n#41\n'), true],
  ])('a message longer than allowed: %s', (_, octets, isChunked) => {
    const error = failure(octets, isChunked, 100);
    expect([error.code, error.context.failure]).toEqual(['SOURCE_MALFORMED', 'oversized']);
  });

  test('a message of more chunks than are kept, however short they are', () => {
    const packets = Array.from({ length: 100 }, (_, i) => (i + 1) * 5000);
    const inOctets = (count: number) => Buffer.from(`${'\n#1\nx'.repeat(count)}\n##\n`);
    expect(read(inOctets(100_000), packets, true)).toEqual(['x'.repeat(100_000)]);
    expect(() => read(inOctets(100_001), packets, true)).toThrow(/more than 100000 chunks/);
  });

  test('a message just as long as allowed is none of them', () => {
    expect(read(Buffer.from(`${'x'.repeat(100)}]]>]]>`), [], false, 100)).toHaveLength(1);
    expect(read(Buffer.from(`\n#100\n${'x'.repeat(100)}\n##\n`), [], true, 100)).toHaveLength(1);
  });
});
