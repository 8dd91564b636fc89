import { afterEach, expect, test } from 'vitest';
import { type SimulatedRequest, startHttpSimulator } from '../../../local/simulators/simulator.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(handle: Parameters<typeof startHttpSimulator>[0]['handle'], port?: number) {
  const server = await startHttpSimulator({ handle, ...(port === undefined ? {} : { port }) });
  closing.push(server.close);
  return server;
}

test('a request arrives whole, and the answer goes back as given', async () => {
  let seen: SimulatedRequest | undefined;
  const { url } = await start((request) => {
    seen = request;
    return { status: 201, headers: { 'x-a': '1' }, body: '{"b":2}' };
  });
  const response = await fetch(`${url}/a/b?c=d%20e`, {
    method: 'PUT',
    body: 'tëxt',
    signal: AbortSignal.timeout(5000),
  });
  expect([response.status, response.headers.get('x-a'), await response.json()]).toEqual([201, '1', { b: 2 }]);
  expect(seen).toMatchObject({ method: 'PUT', path: '/a/b', body: 'tëxt' });
  expect(seen?.query.get('c')).toBe('d e');
});

test('a handler that throws is a 500, and the server stands', async () => {
  let calls = 0;
  const { url } = await start(() => {
    if (calls++ === 0) throw new Error('broken');
    return { status: 200, body: '{}' };
  });
  const statuses = [];
  for (let i = 0; i < 2; i++) statuses.push((await fetch(url, { signal: AbortSignal.timeout(5000) })).status);
  expect(statuses).toEqual([500, 200]);
});

test('an oversized request is refused', async () => {
  const { url } = await start(() => ({ status: 200, body: '' }));
  const outcome = await fetch(url, {
    method: 'POST',
    body: 'x'.repeat(1_500_000),
    signal: AbortSignal.timeout(5000),
  }).then(
    (response) => response.status,
    () => 'cut',
  );
  expect([413, 'cut']).toContain(outcome);
});

test('a port that is taken is told', async () => {
  const { url } = await start(() => ({ status: 200, body: '' }));
  await expect(start(() => ({ status: 200, body: '' }), Number(new URL(url).port))).rejects.toThrow(/EADDRINUSE/);
});
