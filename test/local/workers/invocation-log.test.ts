import { expect, test } from 'vitest';
import { InvocationLog } from '../../../local/workers/invocation-log.ts';

const entry = (over: object = {}) => ({ id: 'a', at: 1, ok: true, durationMs: 5, event: {}, ...over });

test('counts everything, keeps the newest 200 invocations and 1000 lines', () => {
  const log = new InvocationLog();
  for (let i = 0; i < 1200; i++) {
    log.add(entry({ id: String(i), ok: i % 2 === 0 }));
    log.write(`line ${i}`);
  }
  expect([log.count, log.errors, log.totalMs]).toEqual([1200, 600, 6000]);
  expect(log.newest()).toHaveLength(200);
  expect(log.newest().at(-1)?.id).toBe('1199');
  expect(log.newestLines()).toHaveLength(1000);
  expect(log.newestLines().at(-1)).toBe('line 1199');
});

test('a text of very many lines is taken, and the newest of it kept', () => {
  const log = new InvocationLog();
  log.write(Array.from({ length: 300_000 }, (_, i) => i).join('\n'));
  expect(log.newestLines()).toHaveLength(1000);
  expect(log.newestLines().at(-1)).toBe('299999');
});

test('a long event and a long line are cut', () => {
  const log = new InvocationLog();
  log.add(entry({ event: { text: 'x'.repeat(50_000) } }));
  log.write('y'.repeat(50_000));
  expect(log.newest()[0]?.event).toHaveLength(2000);
  expect(log.newestLines()[0]).toHaveLength(10_000);
});

test('a failed invocation is told in a line, and an event that is nothing is none', () => {
  const log = new InvocationLog();
  log.add(entry({ ok: false, event: undefined, error: { name: 'TypeError', message: 'no\nway', stack: '' } }));
  expect(log.newestLines()).toEqual(['TypeError: no', 'way']);
  expect(log.newest()[0]).toMatchObject({ ok: false, event: '', error: { name: 'TypeError' } });
});

test('tokens, cookies and credentials of a request are masked', () => {
  const log = new InvocationLog();
  const event = {
    headers: { authorization: 'Bearer planted-token', accept: 'text/html' },
    cookies: ['session=planted-cookie'],
    body: JSON.stringify({ id: 'home', credentials: { passcode: 'planted-passcode' } }),
    isBase64Encoded: false,
  };
  log.add(entry({ event }));
  log.add(entry({ event: { ...event, body: Buffer.from('planted-form').toString('base64'), isBase64Encoded: true } }));
  const shown = log
    .newest()
    .map((i) => i.event)
    .join();
  expect(shown).not.toMatch(/planted/);
  expect(shown).not.toContain(Buffer.from('planted-form').toString('base64'));
  expect(shown).toContain('text/html');
});
