/** A pinned fetch as `request` uses it: one address, one connection, odd answers, and an end to everything. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { request } from '../../../shared/platform/http.ts';
import { openPinnedFetch, type PinnedFetch } from '../../../shared/platform/pinned-fetch.http.ts';

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((close) => close()));
});

/** Writes the next of these texts for each chunk that comes in; after the last one it stays silent. */
async function talker(...answers: readonly string[]) {
  const sockets: Socket[] = [];
  const heard: string[] = [];
  let next = 0;
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        heard.push(chunk.toString());
        const answer = answers[next++];
        if (answer === 'cut') socket.destroy();
        else if (answer !== undefined) socket.write(answer);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  toClose.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets, heard };
}

function pinned(port: number): PinnedFetch {
  const open = openPinnedFetch({ address: { address: '127.0.0.1', family: 4 }, port });
  toClose.push(() => open.close());
  return open;
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const get = ({ fetch }: PinnedFetch, more: { timeoutMs?: number; method?: 'GET' | 'POST'; body?: string } = {}) =>
  request({ url: 'http://router.test:8080/rest?x=1', timeoutMs: 5_000, keepAlive: true, fetch, ...more });

describe('a pinned fetch', () => {
  test('goes to its address whatever the name is, keeps the connection, and tells the name', async () => {
    const { port, sockets, heard } = await talker(OK, OK);
    const open = pinned(port);
    expect([(await get(open)).text, (await get(open)).text]).toEqual(['ok', 'ok']);
    expect(sockets).toHaveLength(1);
    expect(heard[0]).toMatch(/^GET \/rest\?x=1 HTTP\/1\.1\r\n/);
    expect(heard[0]).toMatch(/\r\nhost: router\.test:8080\r\n/i);
  });

  test('asks once more when a kept connection was closed, and only then', async () => {
    const kept = await talker(OK, 'cut', OK);
    const open = pinned(kept.port);
    await get(open);
    expect((await get(open)).text).toBe('ok');
    expect(kept.sockets).toHaveLength(2);
    const fresh = await talker('cut', OK);
    await expect(get(pinned(fresh.port))).rejects.toMatchObject({ context: { failure: 'reset' } });
    expect(fresh.sockets).toHaveLength(1);
  });

  test('never repeats a call that may change something', async () => {
    const { port, sockets } = await talker(OK, 'cut', OK);
    const open = pinned(port);
    await get(open);
    await expect(get(open, { method: 'POST', body: '{}' })).rejects.toMatchObject({ context: { failure: 'reset' } });
    expect(sockets).toHaveLength(1);
  });

  test.each([
    ['a status that is none', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n', 'protocol'],
    ['another protocol', 'SSH-2.0-ROSSSH\r\n', 'protocol'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', 'protocol'],
    ['a body that stalls', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nok', 'timeout'],
    ['silence', '', 'timeout'],
  ])('of %s ends as a failure of its class', async (_, answer, failure) => {
    const { port } = await talker(answer);
    await expect(get(pinned(port), { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      context: { failure },
    });
  });

  test('of a port that is closed is refused', async () => {
    const { port } = await talker();
    await Promise.all(toClose.splice(0).map((close) => close()));
    await expect(get(pinned(port))).rejects.toMatchObject({ context: { failure: 'refused' } });
  });

  test('takes an answer without a body', async () => {
    const { port } = await talker('HTTP/1.1 204 No Content\r\n\r\n');
    expect(await get(pinned(port))).toMatchObject({ status: 204, text: '' });
  });

  test('ends all its connections when it is closed', async () => {
    const { port, sockets } = await talker(OK);
    const open = pinned(port);
    await get(open);
    const ended = once(sockets[0] as Socket, 'close');
    open.close();
    await ended;
  });
});
