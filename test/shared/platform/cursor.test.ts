import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../shared/platform/cursor.ts';

const REFUSED = { code: 'REQUEST_INVALID', context: { issues: [{ path: 'cursor' }] } };
const refused = (tenant: string, list: string, cursor: string) => {
  try {
    return decodeCursor(tenant, list, cursor);
  } catch (error) {
    return error;
  }
};
const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each(['home/a1', '', 'a#b%é…🙂', '"}', '__proto__'])(
  'gives back the position %j to whom it was given',
  (position) => {
    const cursor = encodeCursor('demo', 'bundles', position);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(decodeCursor('demo', 'bundles', cursor)).toBe(position);
  },
);

test.each([
  ['another tenant', 'rival', 'bundles'],
  ['another list', 'demo', 'runs'],
])('opens nothing for %s', (_, tenant, list) => {
  expect(refused(tenant, list, encodeCursor('demo', 'bundles', 'x'))).toMatchObject(REFUSED);
});

test.each([
  ['nothing', ''],
  ['no base64', '%%%'],
  ['no JSON', Buffer.from('{').toString('base64url')],
  ['null', made(null)],
  ['a text', made('x')],
  ['a list', made(['demo', 'bundles', 'x'])],
  ['a position that is no text', made({ t: 'demo', l: 'bundles', p: 5 })],
  ['no position', made({ t: 'demo', l: 'bundles' })],
])('refuses %s, and says how to begin', (_, cursor) => {
  const error = refused('demo', 'bundles', cursor);
  expect(error).toMatchObject(REFUSED);
  expect((error as { context: { issues: { message: string }[] } }).context.issues[0]?.message).toContain(
    'leave it out',
  );
});
