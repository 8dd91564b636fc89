/** Connections to real ports: what is an answer, what is silence, and what says nothing of the device. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConnect } from '../../../shared/reach/connect.tcp.ts';
import { type SilentServer, startSilentServer } from './silent-server.ts';

const connect = createConnect({ gapMs: 5 });
const LOOPBACK = { address: '127.0.0.1', family: 4 } as const;
let server: Server;
let silent: SilentServer;
let accepted = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    accepted++;
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  silent = await startSilentServer();
});
afterAll(() => {
  server.close();
  silent.close();
});

const portOf = (one: Server) => (one.address() as AddressInfo).port;
const request = (port: number) => ({ address: LOOPBACK, port, count: 3, timeoutMs: 200, budgetMs: 5000 });

test('a port that is open answers each time, and every connection is ended', async () => {
  const probe = await connect(request(portOf(server)));
  expect(probe).toMatchObject({ sent: 3, received: 3 });
  const { minimum = 0, average = 0, maximum = 0 } = probe.rtt ?? {};
  expect(0 < minimum && minimum <= average && average <= maximum && maximum < 200_000).toBe(true);
  expect(accepted).toBe(3);
  await expect.poll(() => new Promise((done) => server.getConnections((_, count) => done(count)))).toBe(0);
});

test('a refusal is an answer: somebody is there to refuse', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const port = portOf(closed);
  closed.close();
  await once(closed, 'close');
  expect(await connect(request(port))).toMatchObject({ sent: 3, received: 3, rtt: expect.anything() });
});

test('silence is loss, and has no time', async () => {
  const startedAt = performance.now();
  expect(await connect({ ...request(silent.port), timeoutMs: 60 })).toEqual({ sent: 3, received: 0 });
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

test('a network without a way there says nothing of the device', async () => {
  // TCP to everybody at once: the kernel itself refuses, as it does without a route.
  const address = { address: '255.255.255.255', family: 4 } as const;
  await expect(connect({ ...request(9), address })).rejects.toMatchObject({
    code: 'SOURCE_UNAVAILABLE',
    message: 'no connection could be tried from here (ENETUNREACH)',
  });
});

test('no attempt goes beyond the time there is; without any, nothing is said', async () => {
  const probe = await connect({ ...request(silent.port), count: 10, timeoutMs: 100, budgetMs: 250 });
  expect(probe).toEqual({ sent: 2, received: 0 });
  await expect(connect({ ...request(silent.port), budgetMs: 100 })).rejects.toThrow('there was no time left to look');
});
