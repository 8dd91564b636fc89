/** XML of a router: local names, wanted elements only, nothing expanded, nothing that is not well-formed. */
import { describe, expect, test } from 'vitest';
import { decoded, encoded, xmlParser } from '../../../shared/interfaces/xml.ts';
import { AppError } from '../../../shared/platform/errors.ts';

const parse = xmlParser(['a', 'b', 'c'], ['item'], 1000);

function failure(xml: string): AppError {
  try {
    parse(xml);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return error as AppError;
  }
  throw new Error('it was taken');
}

describe('an answer', () => {
  test.each([
    ['text is trimmed', '<a>\nem0\n</a>', { a: 'em0' }],
    ['prefixes are dropped', '<j:a xmlns:j="x"><k:b>1</k:b></j:a>', { a: { b: '1' } }],
    ['attributes stand beside the text', '<a j:seconds="5">x</a>', { a: { '#text': 'x', '@seconds': '5' } }],
    ['numbers stay text', '<a>007</a>', { a: '007' }],
    ['what is not wanted goes with all that is in it', '<a><z><b>1</b></z><b>2</b></a>', { a: { b: '2' } }],
    ['lists are lists also of one', '<a><item>1</item></a>', { a: { item: ['1'] } }],
    ['an element that stands twice is no text', '<a><b>1</b><b>2</b></a>', { a: { b: ['1', '2'] } }],
    ['comments and a declaration say nothing', '\n<?xml version="1.0"?><!-- hi --><a>x<!-- y --></a>', { a: 'x' }],
    ['CDATA is text', '<a><![CDATA[<b>]]></a>', { a: '<b>' }],
    ['references stay as they are', '<a>&lt;&amp;&#65;&x;</a>', { a: '&lt;&amp;&#65;&x;' }],
  ])('%s', (_, xml, expected) => {
    expect(parse(xml)).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['words', 'error: busy'],
    ['half of it', '<a><b>1</b>'],
    ['crossed elements', '<a><b></a></b>'],
    ['text behind the end', '<a>1</a>x'],
    ['an attribute without quotes', '<a b=1/>'],
    ['a document type', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ['a bomb', '<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a>&y;</a>'],
    ['a document type in small letters', '<!doctype a><a/>'],
    ['nesting without end', `${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}`],
    ['more elements than are kept', `<a>${'<b/>'.repeat(1000)}</a>`],
    ['a name that is a property of every object', '<a><__proto__><b>1</b></__proto__></a>'],
  ])('%s is refused', (_, xml) => {
    const error = failure(xml);
    expect(error.code).toBe('SOURCE_MALFORMED');
    expect(error.message.length).toBeLessThan(300);
    expect(String(error.context.rawText ?? '').length).toBeLessThan(300);
  });
});

test('as many elements as are kept, and any number of others, are read again and again', () => {
  const xml = `<a>${'<b/>'.repeat(999)}${'<z/>'.repeat(2000)}</a>`;
  for (const _ of [1, 2]) expect(parse(xml)).toEqual({ a: { b: Array(999).fill('') } });
});

test.each([
  ['&lt;1 Gb/s&gt; &amp; &quot;more&quot; &apos;here&apos;', '<1 Gb/s> & "more" \'here\''],
  ['&#65;&#x42;', 'AB'],
  ['&amp;lt;', '&lt;'],
  ['&nbsp; &toString; &#0; &#x110000; & &;', '&nbsp; &toString; &#0; &#x110000; & &;'],
])('%s decoded', (text, expected) => {
  expect(decoded(text)).toBe(expected);
});

test('what is encoded reads back', () => {
  expect(decoded(encoded('a<b>&"c"&amp;'))).toBe('a<b>&"c"&amp;');
});
