/** Questions as the binary API of RouterOS takes them, replies as it gives them, and what its refusals mean. */
import { describe, expect, test } from 'vitest';
import type { RouterosRequest } from '../../../shared/interfaces/routeros-call.ts';
import { loginFailure, replyOf, saidIn, toWords, trapFailure } from '../../../shared/interfaces/routeros-replies.ts';

const print = { verb: 'print', menu: '/queue/simple' } as const;
const set = { verb: 'set', menu: '/queue/simple', id: '*1', values: {} } as const;

test.each<[string, RouterosRequest, string[]]>([
  ['a menu', print, ['/queue/simple/print']],
  ['some of its fields', { ...print, fields: ['.id', 'name'] }, ['/queue/simple/print', '=.proplist=.id,name']],
  ['a row', { ...print, id: '*1A' }, ['/queue/simple/print', '?.id=*1A']],
  [
    'rows that have all of these values',
    { ...print, where: { list: 'cut', type: 'a=b' } },
    ['/queue/simple/print', '?list=cut', '?type=a=b'],
  ],
  [
    'a flag that is set, in both of its words',
    { ...print, where: { dynamic: 'true' } },
    ['/queue/simple/print', '?dynamic=true', '?dynamic=yes', '?#|'],
  ],
  [
    'a flag that is not, or is not told',
    { ...print, where: { dynamic: 'false' } },
    ['/queue/simple/print', '?dynamic=false', '?dynamic=no', '?#|', '?-dynamic', '?#|'],
  ],
  [
    'an addition',
    { verb: 'add', menu: '/queue/simple', values: { name: 'a=b', target: '' } },
    ['/queue/simple/add', '=name=a=b', '=target='],
  ],
  ['a change', { ...set, values: { disabled: 'false' } }, ['/queue/simple/set', '=.id=*1', '=disabled=false']],
  ['removals', { verb: 'remove', menu: '/a', ids: ['*1', '*2'] }, ['/a/remove', '=.id=*1,*2']],
  ['a command', { verb: 'run', command: '/ping', values: { count: '1', once: '' } }, ['/ping', '=count=1', '=once=']],
])('%s is asked for in these words', (_, request, words) => {
  expect(toWords(request)).toEqual(words);
});

describe('a reply', () => {
  test('has names and values apart, whatever stands in them, its tag, and a reason', () => {
    expect(replyOf(['!re', '=.id=*1', '=comment=a=b\nc', '=empty=', '.tag=3'])).toEqual({
      ...{ kind: '!re', tag: '3', reason: undefined, values: { '.id': '*1', comment: 'a=b\nc', empty: '' } },
    });
    expect(replyOf(['!fatal', 'not logged in'])).toMatchObject({ kind: '!fatal', reason: 'not logged in' });
    expect(replyOf(['!re', '==x', '=', '=name'])).toMatchObject({ values: {} });
  });

  test('says yes and no as true and false where it is a flag, and nowhere else', () => {
    expect(replyOf(['!re', '=disabled=yes', '=running=no', '=comment=no', '=invalid=maybe']).values).toEqual({
      ...{ disabled: 'true', running: 'false', comment: 'no', invalid: 'maybe' },
    });
  });

  test.each([[[]], [['re']], [['!RE']], [['!redone']]])('is none of the words %j', (words) => {
    expect(() => replyOf(words)).toThrow('no reply');
  });
});

test.each([
  ['invalid user name or password (6)', 'SOURCE_REJECTED'],
  ['cannot log in', 'SOURCE_REJECTED'],
  ['std failure: timeout (13)', 'SOURCE_UNAVAILABLE'],
  ['timed out', 'SOURCE_UNAVAILABLE'],
])('a login refused with "%s" is %s', (said, code) => {
  expect(loginFailure(said)).toMatchObject({ code, message: expect.stringContaining(`(${said})`) as string });
});

test.each<[string, string | undefined, RouterosRequest, string, RegExp]>([
  [
    'no such item (4)',
    '0',
    set,
    'SOURCE_MALFORMED',
    /^the router refused \/queue\/simple\/set \(no such item \(4\)\)$/,
  ],
  ['not enough permissions (9)', undefined, set, 'SOURCE_REJECTED', /change anything.*policy write/],
  ['not enough permissions (9)', undefined, print, 'SOURCE_REJECTED', /read by its API.*policies read and api/],
  ['whatever', '2', print, 'SOURCE_UNAVAILABLE', /broke \/queue\/simple\/print off/],
  ['action timed out - try again', '4', print, 'SOURCE_UNAVAILABLE', /try again/],
  ['failure: already have such name', undefined, set, 'SOURCE_MALFORMED', /already have such name/],
])('"%s" of category %s is told by its class', (said, category, request, code, message) => {
  const failure = trapFailure(request, said, category);
  expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(message)]);
  expect(failure.context.said).toBe(said);
});

test('its words are those that can be seen, and some where there are none', () => {
  expect(saidIn('no\u0000 su\u200bch\u202e item')).toBe('no such item');
  expect([saidIn(undefined), saidIn(' \n')]).toEqual(['no reason given', 'no reason given']);
  expect(saidIn('x'.repeat(1_000_000)).length).toBe(4_000);
});
