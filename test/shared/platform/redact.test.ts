import { expect, test } from 'vitest';
import { cutText, MASK, redact } from '../../../shared/platform/redact.ts';

const keys = ['passcode', 'accessToken', 'phoneNumber', 'hotspotName'];

test.each([
  ['a value in JSON', '{"passcode":"0000","a":1}', `{"passcode":"${MASK}","a":1}`],
  ['a number in JSON', '{"passcode": 1234, "a": 1}', `{"passcode": "${MASK}", "a": 1}`],
  ['a nested object', '{"phoneNumber":{"countryCode":"44","n":"}"},"a":1}', `{"phoneNumber":"${MASK}","a":1}`],
  ['a list', '{"passcode":["1","]"],"a":1}', `{"passcode":"${MASK}","a":1}`],
  ['an escaped quote inside the value', '{"passcode":"a\\"b","a":1}', `{"passcode":"${MASK}","a":1}`],
  ['a value cut off', '{"hotspotName":"Exam', `{"hotspotName":"${MASK}"`],
  ['an object cut off', '{"phoneNumber":{"countryCode":"4', `{"phoneNumber":"${MASK}"`],
  [
    'JSON inside JSON',
    '{"m":"{\\"passcode\\":\\"00\\",\\"a\\":1}"}',
    `{"m":"{\\"passcode\\":\\"${MASK}\\",\\"a\\":1}"}`,
  ],
  ['a form', 'passcode=0000&a=1', `passcode=${MASK}&a=1`],
  ['another case', 'PassCode: 0000', `PassCode: ${MASK}`],
  ['a bearer header', 'authorization: Bearer abc.def-1', `authorization: Bearer ${MASK}`],
  ['a token without a name', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here', `got ${MASK} here`],
  ['a token cut off', '"eyJhbGciOiJIUzI1N', `"${MASK}`],
])('%s is masked', (_, text, expected) => {
  expect(redact(text, { keys })).toBe(expected);
});

test('a longer name that only ends or begins like a key keeps its value', () => {
  const text = '{"mypasscode":"a","passcodes":"b","notificationToken":"c"}';
  expect(redact(text, { keys: ['passcode', 'token'] })).toBe(text);
});

test.each([
  ['7700900001', 'call +447700900001 now'],
  ['7700900001', 'call +44 7700 900001 now'],
  ['7700900001', 'call (7700) 900-001 now'],
  ['pa ss/"w"', `json ${JSON.stringify('pa ss/"w"')}, escaped pa ss\\/\\"w\\"`],
  ['pa ss+&', 'url pa%20ss%2B%26 or form pa+ss%2B%26'],
])('the secret %j is found in %j', (secret, text) => {
  const clean = redact(text, { secrets: [secret] });
  expect(clean).toContain(MASK);
  for (const spelling of [secret, 'pa ss\\/', 'pa%20ss', 'pa+ss', '900001', '900-001', '7700 ']) {
    expect(clean).not.toContain(spelling);
  }
});

test('a very short secret is masked where it stands alone, and numbers that hold its digits stay readable', () => {
  expect(redact('pin 12, total 91234', { secrets: ['12'] })).toBe(`pin ${MASK}, total 91234`);
});

test('an empty secret masks nothing', () => {
  expect(redact('abc', { secrets: [''] })).toBe('abc');
});

test('cutting says how much is missing', () => {
  expect(cutText('abcdef', 4)).toBe('abcd… (2 more characters)');
  expect(cutText('abcd', 4)).toBe('abcd');
});

test('two megabytes of opening quotes and brackets are masked in no time', () => {
  const hostile = '{"passcode":['.repeat(150_000);
  const startedAt = performance.now();
  redact(hostile, { keys, secrets: ['7700900001'] });
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
