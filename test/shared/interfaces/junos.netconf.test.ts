/** One run of the NETCONF driver against real SSH servers: what it asks, what it makes of each failure, what never leaves it. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { utils } from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import type { JunosSimulator } from '../../../local/simulators/junos.ts';
import type { SimulatedJunos } from '../../../local/simulators/junos-router.ts';
import { createJunosCollector } from '../../../shared/interfaces/junos.netconf.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import { JUNOS, JunosWorld, PASSWORD, USER } from '../../local/simulators/junos-world.ts';
import { junosJob } from './junos-router.ts';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

const collector = createJunosCollector({ clock: systemClock });

async function router(
  more: Partial<SimulatedJunos> = {},
): Promise<{ simulator: JunosSimulator; port: number; pin: string }> {
  const world = new JunosWorld();
  toClose.push(world);
  const simulator = await world.open({ routers: [{ ...JUNOS, ...more }] });
  const { port = 0, hostKeySha256: pin = '' } = simulator.routers[0] ?? {};
  return { simulator, port, pin };
}

async function failureOf(job: ReturnType<typeof junosJob>, driver = collector): Promise<AppError> {
  const error = await driver.read(job).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const { message, context, cause } = error as AppError;
  expect(JSON.stringify([error, message, context, String(cause)])).not.toContain(PASSWORD);
  return error as AppError;
}

const counts = ({ state }: JunosSimulator) => {
  const { sessions, calls } = (state() as { routers: { sessions: number; calls: number }[] }).routers[0] ?? {};
  return { sessions, calls };
};

describe('a run', () => {
  test('is two calls in one session, and leaves none open', async () => {
    const { simulator, port, pin } = await router();
    const page = await collector.read(junosJob(port, { settings: { hostKeySha256: pin } }));
    expect(counts(simulator)).toEqual({ sessions: 1, calls: 2 });
    expect(page.readings.map(({ entity }) => entity)).toEqual([
      ...['core1/ge-0/0/0', 'core1/ge-0/0/0.10', 'core1/ge-0/0/0.20', 'core1/ge-0/0/0.30'],
      ...['core1/ge-0/0/0.40', 'core1/ge-0/0/0.50', 'core1/lo0'],
    ]);
    expect(page.complete).toBe(true);
    expect(page.rejected).toEqual([]);
    expect(page.rawText).toBeUndefined();
    expect(page.operations.map(({ name, ok }) => [name, ok])).toEqual([
      ['resolve', true],
      ['connect', true],
      ['read interfaces', true],
      ['read uptime', true],
    ]);
  });

  test.each([
    ['in chunks', 'chunked', {}],
    ['in packets of seven octets', 'split-packets', { bytes: 7 }],
    ['under prefixes', 'prefixed', {}],
    ['by routing engine', 'multi-routing-engine', {}],
    ['beside a warning', 'warning', { times: 2 }],
  ])('hears the same %s', async (_, fault, parameters) => {
    const { simulator, port } = await router();
    const plain = await collector.read(junosJob(port));
    simulator.inject({ fault, ...parameters });
    const other = await collector.read(junosJob(port));
    const values = ({ readings }: typeof plain) => readings.map(({ entity, values: v }) => [entity, v]);
    expect(values(other)).toEqual(values(plain));
    expect(other.rejected).toEqual([]);
  });

  test('hears chunks cut into packets of eleven octets', async () => {
    const { simulator, port } = await router();
    simulator.inject({ fault: 'chunked' });
    simulator.inject({ fault: 'split-packets', bytes: 11 });
    expect((await collector.read(junosJob(port))).readings).toHaveLength(7);
  });

  test('asks for the interfaces that are wanted only', async () => {
    const { port } = await router();
    const { entities } = await collector.read(junosJob(port, { settings: { interfaceName: 'lo*' } }));
    expect(entities.map(({ id }) => id)).toEqual(['core1/lo0']);
    const error = await failureOf(junosJob(port, { settings: { interfaceName: 'xe-*' } }));
    expect([error.code, error.message]).toEqual(['SOURCE_MALFORMED', 'the router answered, but has no interface xe-*']);
  });

  test('says that a brief answer has no octets, and keeps it', async () => {
    const { simulator, port } = await router();
    simulator.inject({ fault: 'brief' });
    const { readings, rejected, rawText } = await collector.read(junosJob(port));
    expect(readings.every(({ values }) => values.ifHCInOctets === undefined)).toBe(true);
    expect(rejected).toMatchObject([{ message: expect.stringMatching(/brief form/) }]);
    expect(rawText).toContain('<input-bps>');
  });

  test('goes on without an uptime that this user may not read', async () => {
    const { simulator, port } = await router();
    simulator.inject({ fault: 'no-uptime' });
    const page = await collector.read(junosJob(port));
    expect(page.readings[0]?.lives?.ifHCInOctets?.bootAt).toBe(0);
    expect(page.rejected).toMatchObject([{ path: 'read uptime', message: expect.stringMatching(/permission denied/) }]);
    expect(page.operations.at(-1)).toMatchObject({ ok: false, error: expect.stringMatching(/^SOURCE_REJECTED/) });
  });

  test('fails where the uptime did not come now: without it a restart would look like traffic', async () => {
    const { simulator, port } = await router();
    const now = () => {
      // The list has come, and the uptime is not asked for yet.
      if (counts(simulator).calls === 1) simulator.inject({ fault: 'closes' });
      return systemClock.now();
    };
    const error = await failureOf(junosJob(port), createJunosCollector({ clock: { now } }));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'closed']);
    expect(error.context.operations).toMatchObject([{}, {}, { ok: true }, { name: 'read uptime', ok: false }]);
  });
});

describe('an answer to the list', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, ErrorCode, RegExp])[] = [
    ['an error', { fault: 'rpc-error' }, 'SOURCE_MALFORMED', /refused: syntax error, operation-failed/],
    ['no permission', { fault: 'rpc-error', message: 'permission denied' }, 'SOURCE_REJECTED', /permission denied/],
    ['an echo of the password', { fault: 'rpc-error', message: PASSWORD }, 'SOURCE_MALFORMED', /refused: •••/],
    ['half of it', { fault: 'closes' }, 'SOURCE_UNAVAILABLE', /closed the session/],
    ['nothing', { fault: 'garbage', shape: 'empty' }, 'SOURCE_MALFORMED', /no XML/],
    ['half of its XML', { fault: 'garbage', shape: 'truncated' }, 'SOURCE_MALFORMED', /no XML/],
    ['words', { fault: 'garbage', shape: 'no-xml' }, 'SOURCE_MALFORMED', /no XML/],
    ['a bomb of entities', { fault: 'garbage', shape: 'doctype' }, 'SOURCE_MALFORMED', /document type/],
    ['nesting without end', { fault: 'garbage', shape: 'deep' }, 'SOURCE_MALFORMED', /nested/],
  ];
  test.each(cases)('of %s has its class, and the run keeps its operations', async (_, fault, code, message) => {
    const { simulator, port } = await router();
    simulator.inject(fault as { fault: string });
    const error = await failureOf(junosJob(port));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.context.operations).toMatchObject([
      { name: 'resolve', ok: true },
      { name: 'connect', ok: true },
      { name: 'read interfaces', ok: false },
    ]);
    expect(counts(simulator)).toEqual({ sessions: 1, calls: 1 });
    expect((await collector.read(junosJob(port))).readings).toHaveLength(7);
  });

  test('without framing where chunks were agreed on is refused', async () => {
    const { simulator, port } = await router();
    simulator.inject({ fault: 'chunked' });
    simulator.inject({ fault: 'garbage', shape: 'no-framing' });
    const error = await failureOf(junosJob(port));
    expect([error.code, error.message]).toEqual(['SOURCE_MALFORMED', expect.stringMatching(/no NETCONF chunk/)]);
  });

  test('of more interfaces than are allowed is refused', async () => {
    const { port } = await router();
    const error = await failureOf(junosJob(port, { settings: { maximumInterfaces: 6 } }));
    expect(error.message).toBe('the router sent 7 interfaces; at most 6 are read');
  });

  test('of no interface is told', async () => {
    const { port } = await router({ ports: [] });
    expect((await failureOf(junosJob(port))).message).toMatch(/lets this user see no interface/);
  });

  test('that comes late ends at the deadline, wherever the run is', async () => {
    const { simulator, port } = await router();
    simulator.inject({ fault: 'slow', seconds: 600 });
    const startedAt = performance.now();
    const error = await failureOf(junosJob(port, { timeMs: 250 }));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'timeout']);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('a login', () => {
  test('by a password that is wrong is refused after one try', async () => {
    const { simulator, port } = await router();
    simulator.inject({ fault: 'unauthorized', times: 1 });
    const error = await failureOf(junosJob(port));
    // A second try would have been let in.
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', 'the router refused the user or its password']);
    expect(counts(simulator)).toEqual({ sessions: 0, calls: 0 });
  });

  test('answers the question for the password where the router asks it only so', async () => {
    const { port } = await router({ methods: ['keyboard-interactive'] });
    expect((await collector.read(junosJob(port))).readings).toHaveLength(7);
    const wrong = junosJob(port, { secret: { user: USER, password: 'other' } });
    expect((await failureOf(wrong)).code).toBe('SOURCE_REJECTED');
  });

  const pair = generateKeyPairSync('ed25519');
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const sec1 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = sec1.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const publicKey = () => {
    const parsed = utils.parseKey(pem);
    if (parsed instanceof Error) throw parsed;
    return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
  };

  test('by a key is as good', async () => {
    const { port } = await router({ publicKey: publicKey() });
    const job = junosJob(port, { secret: { user: USER, privateKey: pem } });
    expect((await collector.read(job)).readings).toHaveLength(7);
  });

  test('by a key that the router does not know is refused, and told as a key', async () => {
    const { port } = await router({ publicKey: publicKey() });
    const unknown = other.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    const error = await failureOf(junosJob(port, { secret: { user: USER, privateKey: unknown } }));
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', 'the router refused the user or its key']);
  });

  test('by a key that cannot be read is told, and nothing of the key', async () => {
    const { port } = await router();
    const broken = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END PRIVATE KEY-----`;
    const encrypted = pair.privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD })
      .toString();
    for (const privateKey of [broken, encrypted.replaceAll('ENCRYPTED ', '')]) {
      const error = await failureOf(junosJob(port, { secret: { user: USER, privateKey } }));
      expect([error.code, error.message]).toEqual([
        'SOURCE_REJECTED',
        expect.stringMatching(/key of this router cannot be used/),
      ]);
      expect(JSON.stringify([error.message, error.context])).not.toContain(privateKey.split('\n')[1]);
    }
  });
});

describe('the host key', () => {
  test('must be pinned for whatever is no loopback address, whatever the settings called it', async () => {
    const resolve = async () => ({ address: '192.0.2.7', family: 4 as const });
    const error = await failureOf(junosJob(830), createJunosCollector({ clock: systemClock, resolve }));
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringContaining('hostKeySha256')]);
  });

  test('that is another than the pinned one is named, and no login is sent', async () => {
    const { simulator, port, pin } = await router();
    const error = await failureOf(junosJob(port, { settings: { hostKeySha256: `SHA256:${'A'.repeat(43)}` } }));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'hostKey']);
    expect(error.message).toContain(`the host key ecdsa-sha2-nistp256 ${pin}, not the pinned one`);
    expect(error.context.operations).toMatchObject([
      { name: 'resolve', ok: true },
      { name: 'connect', ok: false },
    ]);
    // Nobody has tried to log in: the fault still waits.
    simulator.inject({ fault: 'unauthorized' });
    expect(JSON.stringify(simulator.state())).toContain('"pendingFaults":[{"fault":"unauthorized","times":1}]');
  });

  test('must be pinned for anything that is not this machine', async () => {
    const { simulator, port } = await router();
    const error = await failureOf(junosJob(port, { settings: { host: 'localhost' } }));
    expect([error.code, error.message]).toEqual([
      'SOURCE_REJECTED',
      expect.stringMatching(/hostKeySha256 must be given/),
    ]);
    expect(counts(simulator)).toEqual({ sessions: 0, calls: 0 });
  });
});

describe('before any packet leaves', () => {
  const PIN = `SHA256:${'A'.repeat(43)}`;

  test.each(['169.254.169.254', '127.0.0.1', '2130706433', '[::1]', '::ffff:127.0.0.1', '10.0.0.1', '0x7f.1'])(
    'the address %s is refused for a tenant who declared nothing',
    async (host) => {
      const { port } = await router();
      const error = await failureOf(junosJob(port, { settings: { host, hostKeySha256: PIN }, allowedNetworks: [] }));
      expect([error.code, (error.context.operations as unknown[]).length]).toEqual(['SOURCE_REJECTED', 1]);
    },
  );

  test('a secret that cannot be used is told without its values', async () => {
    const { port } = await router();
    const error = await failureOf(junosJob(port, { secret: { user: USER } }));
    expect([error.code, error.message]).toEqual([
      'SOURCE_REJECTED',
      expect.stringMatching(/secret.*password and privateKey/),
    ]);
  });

  test('the checked address is the one connected to, whatever the name is', async () => {
    const { port, pin } = await router();
    const resolve = async () => ({ address: '127.0.0.1', family: 4 as const });
    const driver = createJunosCollector({ clock: systemClock, resolve });
    const job = junosJob(port, { settings: { host: 'edge1.example', hostKeySha256: pin } });
    expect((await driver.read(job)).readings).toHaveLength(7);
  });

  test('a deadline that has passed is the end', async () => {
    const { simulator, port } = await router();
    const job = { ...junosJob(port), deadline: systemClock.now() - 1 };
    expect((await failureOf(job)).code).toBe('SOURCE_UNAVAILABLE');
    expect(counts(simulator)).toEqual({ sessions: 0, calls: 0 });
  });
});

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  toClose.push({
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

test('a router that never ends the connection keeps no descriptor of ours', async () => {
  const { port } = await router();
  const open: Socket[] = [];
  const front = await listen((socket) => {
    const back = createConnection(port, '127.0.0.1').on('error', () => undefined);
    toClose.push({ close: () => back.destroy() });
    socket.on('data', (octets) => back.write(octets));
    back.on('data', (octets) => socket.write(octets));
    open.push(socket);
  });
  expect((await collector.read(junosJob(front))).readings).toHaveLength(7);
  expect(open.map(({ destroyed }) => destroyed)).toEqual([false]);
  const [socket] = open as [Socket];
  // Where nobody holds the other end, words come back as a reset.
  const words = setInterval(() => socket.write('still here?'), 20);
  await once(socket, 'error', { signal: AbortSignal.timeout(1000) }).finally(() => clearInterval(words));
});

describe('a port that is no NETCONF', () => {
  test('nobody listens', async () => {
    const port = await listen(() => undefined);
    await Promise.all(toClose.splice(0).map((open) => open.close()));
    const error = await failureOf(junosJob(port));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'refused']);
    expect(error.message).toMatch(/set system services netconf ssh/);
  });

  test.each([
    ['a web server', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a server that hangs up', (socket: Socket) => void socket.destroy()],
    ['a server that says no word', () => undefined],
  ])('%s', async (_, serve) => {
    const port = await listen(serve);
    const error = await failureOf(junosJob(port, { timeMs: 250 }));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.message.length).toBeLessThan(300);
  });
});
