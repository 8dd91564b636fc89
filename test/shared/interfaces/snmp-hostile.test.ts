/** Routers that lie, stutter or attack: whatever they send ends in a bounded, named error or in clean values. */
import { createSocket } from 'node:dgram';
import {
  AccessControlModelType,
  AuthProtocols,
  createAgent,
  MibProviderType,
  ObjectType,
  PrivProtocols,
  SecurityLevel,
} from 'net-snmp';
import { afterEach, describe, expect, test } from 'vitest';
import {
  integer,
  integerOctets,
  oidOctets,
  readChildren,
  readInteger,
  readOid,
  readTlv,
  TAG,
  tlv,
} from '../../../local/snmp/ber.ts';
import { integerVariable, textVariable, type Variable } from '../../../local/snmp/pdu.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { jobFor, SYS_UP_TIME, startTableAgent, tableOf } from './table-agent.ts';

const HC_IN = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6];
const collector = createSnmpCollector({ clock: systemClock, firstTimeoutsMs: [250, 250] });

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

/** A get-bulk as it arrived. */
interface Asked {
  readonly id: Buffer;
  readonly oids: readonly number[][];
  readonly repetitions: number;
  readonly round: number;
}

/** Answers each request with the bytes it is told to; undefined = not at all. */
async function startLiar(answer: (asked: Asked) => Buffer | readonly Buffer[] | undefined): Promise<number> {
  const socket = createSocket('udp4');
  toClose.push(socket);
  let round = 0;
  socket.on('message', (bytes, peer) => {
    const [, , pdu] = readChildren(readTlv(bytes, 0)?.content ?? Buffer.alloc(0)) ?? [];
    const [id, , repetitions, list] = readChildren(pdu?.content ?? Buffer.alloc(0)) ?? [];
    const oids = (readChildren(list?.content ?? Buffer.alloc(0)) ?? []).map(
      (binding) => readOid(readTlv(binding.content, 0)?.content ?? Buffer.alloc(0)) ?? [],
    );
    const said = answer({
      id: id?.content ?? Buffer.alloc(0),
      oids,
      repetitions: readInteger(repetitions?.content ?? Buffer.alloc(0)) ?? 0,
      round: round++,
    });
    for (const one of said === undefined ? [] : Buffer.isBuffer(said) ? [said] : said) {
      socket.send(one, peer.port, peer.address);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

function response(id: Buffer, variables: readonly Variable[], status = 0): Buffer {
  const bindings = variables.map(({ oid, tag, content }) =>
    tlv(TAG.sequence, tlv(TAG.oid, oidOctets(oid)), tlv(tag, content)),
  );
  const pdu = tlv(0xa2, tlv(TAG.integer, id), integer(status), integer(status), tlv(TAG.sequence, ...bindings));
  return tlv(TAG.sequence, integer(1), tlv(TAG.octets, Buffer.from('lab')), pdu);
}

const uptime = (ticks = 5000) => integerVariable(SYS_UP_TIME, TAG.timeTicks, ticks);
/** The scalars that a question asks for: the first one asks for two. */
const scalars = (round: number) => (round === 0 ? [uptime(), uptime()] : [uptime()]);
const scalarsAsked = (oids: readonly number[][]) =>
  oids.filter((oid) => oid.length < HC_IN.length && oid[6] !== 2).length;
const counter = (index: readonly number[]) => integerVariable([...HC_IN, ...index], TAG.counter64, 1);

async function failure(port: number): Promise<AppError> {
  const error = await collector.read(jobFor(port, { timeMs: 3_000 })).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('a liar', () => {
  const lies: readonly [string, (asked: Asked) => Buffer | undefined, string, RegExp][] = [
    [
      'repeats one row for ever',
      ({ id, round }) => response(id, [...scalars(round), counter([5])]),
      'SOURCE_MALFORMED',
      /does not rise/,
    ],
    [
      'walks backwards',
      ({ id, round }) => response(id, [...scalars(round), counter([9000 - round])]),
      'SOURCE_MALFORMED',
      /does not rise/,
    ],
    ['sends no rows at all', ({ id }) => response(id, []), 'SOURCE_MALFORMED', /without rows/],
    [
      'sends rows of two indexes',
      ({ id }) => response(id, [uptime(), uptime(), counter([1, 2])]),
      'SOURCE_MALFORMED',
      /no row of/,
    ],
    [
      'sends rows beyond every index',
      ({ id }) => response(id, [uptime(), uptime(), counter([4_000_000_000])]),
      'SOURCE_MALFORMED',
      /no row of/,
    ],
    ['sends noise', () => Buffer.from('HTTP/1.1 200 OK\r\n\r\n<html>'), 'SOURCE_MALFORMED', /no SNMP message/],
    [
      'cuts its message short',
      ({ id }) => response(id, [uptime(), counter([1])]).subarray(0, 40),
      'SOURCE_MALFORMED',
      /no SNMP message/,
    ],
    [
      'promises four gigabytes',
      () => Buffer.from('3084ffffffff02010104036c6162', 'hex'),
      'SOURCE_MALFORMED',
      /no SNMP message/,
    ],
    ['nests without end', () => Buffer.from('30'.repeat(30_000), 'hex'), 'SOURCE_MALFORMED', /no SNMP message/],
    [
      'answers another question',
      () => response(integerOctets(77n), [uptime(), counter([1])]),
      'SOURCE_UNAVAILABLE',
      /no answer/,
    ],
    ['fails generally', ({ id }) => response(id, [], 5), 'SOURCE_UNAVAILABLE', /could not answer \(GeneralError\)/],
    ['refuses access', ({ id }) => response(id, [], 16), 'SOURCE_REJECTED', /does not let these credentials/],
    ['finds every answer too big', ({ id }) => response(id, [], 1), 'SOURCE_MALFORMED', /one row does not fit/],
  ];

  test.each(lies)('that %s is told apart', async (_, answer, code, message) => {
    const error = await failure(await startLiar(answer));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  test('that floods unasked datagrams ends nothing but this run', async () => {
    const port = await startLiar(({ id }) => [
      ...Array.from({ length: 50 }, () => Buffer.from('garbage')),
      response(id, [uptime(), uptime(), counter([5])]),
    ]);
    expect((await failure(port)).code).toBe('SOURCE_MALFORMED');
    const table = tableOf(1, [{ index: 1, name: 'eth0', wide: [1n, 2n], status: 1 }]);
    const honest = await startTableAgent(() => table);
    toClose.push(honest);
    expect((await collector.read(jobFor(honest.port))).readings).toHaveLength(1);
  });

  test('on another port than the asked one is not heard', async () => {
    const spoofer = createSocket('udp4');
    toClose.push(spoofer);
    const socket = createSocket('udp4');
    toClose.push(socket);
    socket.on('message', (bytes, peer) => {
      const [, , pdu] = readChildren(readTlv(bytes, 0)?.content ?? Buffer.alloc(0)) ?? [];
      const [id] = readChildren(pdu?.content ?? Buffer.alloc(0)) ?? [];
      spoofer.send(
        response(id?.content ?? Buffer.alloc(0), [uptime(), uptime(), counter([1])]),
        peer.port,
        peer.address,
      );
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const error = await failure(socket.address().port);
    expect([error.code, error.message]).toEqual(['SOURCE_UNAVAILABLE', expect.stringMatching(/^no answer/)]);
  });

  test('whose answers were too big is asked for less until they fit', async () => {
    const asked: number[] = [];
    const port = await startLiar(({ id, oids, round, repetitions }) => {
      asked.push(repetitions);
      if (round < 2) return response(id, [], 1);
      const end = { oid: [1, 3, 9], tag: TAG.endOfMibView, content: Buffer.alloc(0) };
      const cells = oids
        .slice(scalarsAsked(oids))
        .map((oid) => (oid.length === HC_IN.length ? { ...counter([1]), oid: [...oid, 1] } : end));
      return response(id, [...oids.slice(0, scalarsAsked(oids)).map(() => uptime()), ...cells]);
    });
    const page = await collector.read(jobFor(port, { timeMs: 3_000 }));
    expect(page.readings).toHaveLength(1);
    expect(asked.slice(0, 3)).toEqual([5, 2, 1]);
  });
});

/** Another implementation of an agent, with whatever values it is given. */
async function startTheirs(
  rows: readonly (readonly [number, string, Buffer, Buffer, number, string])[],
): Promise<number> {
  const port = await freePort();
  const agent = createAgent({ port, address: '127.0.0.1', disableAuthorization: false }, () => undefined);
  toClose.push(agent);
  agent.getAuthorizer().addCommunity('lab');
  const column = (number: number, name: string, type: number) => ({ number, name, type, maxAccess: 2 });
  agent.registerProvider({
    name: 'sysUpTime',
    type: MibProviderType.Scalar,
    oid: '1.3.6.1.2.1.1.3',
    scalarType: ObjectType.TimeTicks,
    maxAccess: 2,
  });
  agent.getMib().setScalarValue('sysUpTime', 4_200);
  agent.registerProvider({
    name: 'ifXEntry',
    type: MibProviderType.Table,
    oid: '1.3.6.1.2.1.31.1.1.1',
    maxAccess: 0,
    tableColumns: [
      column(1, 'ifName', ObjectType.OctetString),
      column(6, 'ifHCInOctets', ObjectType.Counter64),
      column(10, 'ifHCOutOctets', ObjectType.Counter64),
      column(15, 'ifHighSpeed', ObjectType.Gauge),
      column(18, 'ifAlias', ObjectType.OctetString),
      column(30, 'index', ObjectType.Integer),
    ],
    tableIndex: [{ columnName: 'index' }],
  });
  for (const [index, name, received, sent, speed, alias] of rows) {
    agent.getMib().addTableRow('ifXEntry', [name, received, sent, speed, alias, index]);
  }
  return port;
}

/** Their agent writes a Counter64 only in this form. */
function eightOctets(value: bigint): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(value);
  return octets;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

describe('hostile values', () => {
  test('are cut, cleaned and named apart, and pollute nothing', async () => {
    const one = eightOctets(1n);
    const port = await startTheirs([
      [1, '__proto__', one, one, 1000, 'constructor'],
      [2, 'twin', one, one, 1000, ''],
      [3, 'twin', one, one, 1000, ''],
      [4, 'line\u0000\u001b[31m\r\n', one, one, 1000, '\u202Eevil\u200B'],
      [5, 'x'.repeat(3000), one, one, 1000, 'y'.repeat(3000)],
      [6, 'max', Buffer.from('ffffffffffffffff', 'hex'), Buffer.alloc(8), 4_294_967_295, ''],
    ]);
    const page = await collector.read(jobFor(port));
    expect(page.entities.map(({ id }) => id)).toEqual([
      'core1/__proto__',
      'core1/twin#2',
      'core1/twin#3',
      'core1/line[31m',
      `core1/${'x'.repeat(128)}`,
      'core1/max',
    ]);
    expect(page.entities[3]?.attributes.ifAlias).toBe('evil');
    expect(String(page.entities[4]?.attributes.ifAlias)).toHaveLength(128);
    expect(page.readings[5]?.values).toEqual({ ifHCInOctets: 2n ** 64n - 1n, ifHCOutOctets: 0n });
    expect(page.rejected).toEqual([]);
    expect(({} as Record<string, unknown>).constructor).toBe(Object);
  });

  test('of the wrong type are rejected with their raw form, and the others of the row stay', async () => {
    const table = [
      uptime(),
      textVariable([...HC_IN, 1], 'many'),
      integerVariable([...HC_IN.slice(0, -1), 10, 1], TAG.counter64, 9),
      integerVariable([...HC_IN.slice(0, -1), 1, 1], TAG.integer, 5),
      integerVariable([1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 1], TAG.integer, 77),
    ];
    const sorted = [table[0], table[4], table[3], table[1], table[2]].filter((variable) => variable !== undefined);
    const agent = await startTableAgent(() => sorted);
    toClose.push(agent);
    const page = await collector.read(jobFor(agent.port));
    expect(page.readings.map(({ entity, values }) => [entity, values])).toEqual([['core1/#1', { ifHCOutOctets: 9n }]]);
    expect(page.rejected.map(({ path }) => path).sort()).toEqual(['ifHCInOctets.1', 'ifName.1', 'ifOperStatus.1']);
  });
});

describe('SNMPv3', () => {
  const keys = { user: 'reader', authKey: 'auth-pass-phrase', privKey: 'priv-pass-phrase' };
  const settings = { version: 'v3', authProtocol: 'sha256', privProtocol: 'aes' };

  async function startV3() {
    const port = await freePort();
    const agent = createAgent(
      { port, address: '127.0.0.1', accessControlModelType: AccessControlModelType.None },
      () => undefined,
    );
    toClose.push(agent);
    agent.getAuthorizer().addUser({
      name: keys.user,
      level: SecurityLevel.authPriv,
      authProtocol: AuthProtocols.sha256,
      authKey: keys.authKey,
      privProtocol: PrivProtocols.aes,
      privKey: keys.privKey,
    });
    agent.registerProvider({
      name: 'ifXEntry',
      type: MibProviderType.Table,
      oid: '1.3.6.1.2.1.31.1.1.1',
      maxAccess: 0,
      tableColumns: [
        { number: 1, name: 'ifName', type: ObjectType.OctetString, maxAccess: 2 },
        { number: 6, name: 'ifHCInOctets', type: ObjectType.Counter64, maxAccess: 2 },
        { number: 30, name: 'index', type: ObjectType.Integer, maxAccess: 2 },
      ],
      tableIndex: [{ columnName: 'index' }],
    });
    agent.getMib().addTableRow('ifXEntry', ['eth0', eightOctets(42n), 1]);
    return { port, agent };
  }

  test('reads with the right keys', async () => {
    const { port } = await startV3();
    const page = await collector.read(jobFor(port, { settings, secret: keys }));
    expect(page.readings[0]?.values).toEqual({ ifHCInOctets: 42n });
  });

  test('an answer in clear to a signed and encrypted question is not believed', async () => {
    const { port, agent } = await startV3();
    const send = agent.listener.send;
    agent.listener.send = (
      message: { pdu: { type: number }; setAuthentication(on: boolean): void; setPrivacy(on: boolean): void },
      ...rest: unknown[]
    ) => {
      if (message.pdu.type === 0xa2) {
        message.setPrivacy(false);
        message.setAuthentication(false);
      }
      send.call(agent.listener, message, ...rest);
    };
    const error = await collector.read(jobFor(port, { settings, secret: keys })).catch((thrown: unknown) => thrown);
    expect((error as AppError).code).toBe('SOURCE_MALFORMED');
    expect((error as AppError).message).toMatch(/does not fit/);
  });

  test.each([
    ['an unknown user', { ...keys, user: 'stranger' }],
    ['a wrong authentication key', { ...keys, authKey: 'planted-secret-1' }],
    ['a wrong privacy key', { ...keys, privKey: 'planted-secret-2' }],
  ])('refuses %s in words, and no key stands anywhere in the error', async (_, secret) => {
    const { port } = await startV3();
    const error = await collector.read(jobFor(port, { settings, secret })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    const told = JSON.stringify([
      error,
      (error as AppError).message,
      (error as AppError).context,
      String((error as AppError).cause),
    ]);
    expect(told).not.toMatch(/planted-secret|pass-phrase/);
    expect(['SOURCE_REJECTED', 'SOURCE_UNAVAILABLE']).toContain((error as AppError).code);
  });
});
