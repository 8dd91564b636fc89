/** Sentences of RouterOS's API: any words, cut anywhere, and lengths that nobody meant. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Unworder, worded } from '../../../local/simulators/routeros-words.ts';
import {
  lengthOctets,
  MAX_WORD_BYTES,
  MAX_WORDS,
  SentenceReader,
  toSentence,
} from '../../../shared/interfaces/routeros-sentences.ts';

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

/** All sentences in these octets, brought in pieces of these sizes, over and over. */
function readIn(octets: Buffer, sizes: readonly number[]): (readonly string[])[] {
  const reader = new SentenceReader();
  const found: (readonly string[])[] = [];
  for (let at = 0, i = 0; at < octets.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    reader.push(octets.subarray(at, at + size));
    at += size;
    for (let words = reader.next(); words !== undefined; words = reader.next()) found.push(words);
  }
  return found;
}

test.each([
  [0, '00'],
  [1, '01'],
  [0x7f, '7f'],
  [0x80, '8080'],
  [0x3fff, 'bfff'],
  [0x4000, 'c04000'],
  [0x1fffff, 'dfffff'],
  [0x200000, 'e0200000'],
  [0xfffffff, 'efffffff'],
  [0x10000000, 'f010000000'],
  [0xffffffff, 'f0ffffffff'],
])('a length of %i is the octets %s', (length, octets) => {
  expect(hex(lengthOctets(length))).toBe(octets);
});

const size = fc.oneof(fc.constantFrom(1, 0x7e, 0x7f, 0x80, 0x3ffe, 0x3fff, 0x4000, 0xfffe), fc.nat(300));
const opening = fc.constantFrom('!re', '!done', '!trap');
const word = fc.oneof(
  fc.string({ minLength: 1, unit: 'grapheme' }),
  size.map((length) => `=${'x'.repeat(length)}`),
);
const sentence = fc.tuple(opening, fc.array(word, { maxLength: 5 })).map(([first, more]) => [first, ...more]);
const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 });

describe('sentences', () => {
  test('come out as they went in, however they are cut, and whatever empty ones stand between them', () => {
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 4 }), sizes, fc.nat(2), (sentences, cuts, empty) => {
        const octets = Buffer.concat(sentences.flatMap((one) => [toSentence(one), Buffer.alloc(empty)]));
        expect(readIn(octets, cuts)).toEqual(sentences);
      }),
      { numRuns: 200 },
    );
  });

  test('are what the simulated router reads and says', () => {
    fc.assert(
      fc.property(sentence, (words) => {
        expect(hex(worded(words))).toBe(hex(toSentence(words)));
        const unworder = new Unworder();
        unworder.push(toSentence(words));
        expect(unworder.next()).toEqual(words);
      }),
      { numRuns: 100 },
    );
  });

  test('are not there before their last octet', () => {
    const octets = toSentence(['!re', '=name=ether1', `=comment=${'y'.repeat(200)}`]);
    for (let length = 0; length < octets.length; length++) {
      expect(readIn(octets.subarray(0, length), [length || 1])).toEqual([]);
    }
  });

  test('of a code page of its own keep two names apart', () => {
    const name = (octet: number) => Buffer.concat([Buffer.from('=name='), Buffer.of(octet)]);
    const octets = [0xe1, 0xe2].map((octet) =>
      Buffer.concat([toSentence(['!re']).subarray(0, -1), lengthOctets(7), name(octet), Buffer.of(0)]),
    );
    expect(readIn(Buffer.concat(octets), [3])).toEqual([
      ['!re', '=name=á'],
      ['!re', '=name=â'],
    ]);
  });

  test('in pieces of one octet take time by their length, not by its square', () => {
    const octets = Buffer.concat(
      Array.from({ length: 60 }, () => toSentence(['!re', `=comment=${'z'.repeat(MAX_WORD_BYTES - 9)}`])),
    );
    // Four million pieces: a copy of all that is held for each of them would take longer than any test may.
    expect(readIn(octets, [1])).toHaveLength(60);
  });
});

describe('what is no sentence', () => {
  const failureOf = (octets: Buffer | string) => {
    try {
      return readIn(Buffer.from(octets as string), [1]);
    } catch (error) {
      return error;
    }
  };

  test.each([
    ['a word of 4 GB', Buffer.from('f0ffffffff', 'hex'), /announced a word of 4294967295 octets/],
    ['a word that is one octet too long', lengthOctets(MAX_WORD_BYTES + 1), /announced a word of 65537 octets/],
    ['octets that are kept for later versions', Buffer.of(0xf8), /does not speak its API here/],
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n', /does not speak its API here: is this port its api-ssl\?/],
    ['an SSH server', 'SSH-2.0-ROSSSH\r\n', /does not speak its API here/],
    ['a command', toSentence(['/login']), /does not speak its API here/],
    [
      'a reply without end',
      toSentence(['!re', ...Array.from({ length: MAX_WORDS }, () => '=')]),
      /a reply of more than 512 words/,
    ],
  ])('%s is refused', (_, octets, message) => {
    expect(failureOf(octets)).toMatchObject({
      code: 'SOURCE_MALFORMED',
      message: expect.stringMatching(message) as string,
    });
  });

  test('any octets at all are sentences, or refused, and never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), sizes, (octets, cuts) => {
        try {
          for (const words of readIn(Buffer.from(octets), cuts)) expect(words[0]).toMatch(/^!/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'SOURCE_MALFORMED' });
        }
      }),
      { numRuns: 500 },
    );
  });
});
