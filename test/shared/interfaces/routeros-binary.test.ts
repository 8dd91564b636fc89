/** One run by RouterOS's binary API against real sockets: what it asks, what it makes of each failure, and what never leaves it. */
import { createHash } from 'node:crypto';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { worded } from '../../../local/simulators/routeros-words.ts';
import { selfSigned } from '../../../local/simulators/tls-front.ts';
import { createRouterosCollector } from '../../../shared/interfaces/routeros.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import { type ApiScript, type ApiScripted, apiJob, goodApi, startApiRouter } from './routeros-api-router.ts';
import { fixture, PASSWORD, startRouter, USER } from './routeros-router.ts';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

async function router(...given: Parameters<typeof startApiRouter>) {
  const server = await startApiRouter(...given);
  toClose.push(server);
  return server;
}

const collector = createRouterosCollector({ clock: systemClock });

async function failureOf(job: ReturnType<typeof apiJob>, driver = collector): Promise<AppError> {
  const error = await driver.read(job).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const { message, context, cause } = error as AppError;
  expect(JSON.stringify([error, message, context, String(cause)])).not.toContain(PASSWORD);
  return error as AppError;
}

const LOGIN = ['/login', `=name=${USER}`, `=password=${PASSWORD}`];
const LIST = '/interface/print';

describe('a run', () => {
  test('is a login and its questions over one connection, which is ended', async () => {
    const server = await router(goodApi());
    const page = await collector.read(apiJob(server.port));
    expect(server.commands.slice(0, 4)).toEqual([
      LOGIN,
      [LIST, '=.proplist=.id,name,type,comment,running,disabled,rx-byte,tx-byte'],
      ['/system/resource/print', '=.proplist=uptime'],
      ['/interface/ethernet/monitor', '=numbers=*1,*2', '=once='],
    ]);
    expect(page.readings).toHaveLength(8);
    expect([page.complete, page.rejected, page.rawText]).toEqual([true, [], undefined]);
    expect(page.readings[0]?.lives?.ifHCInOctets?.bootAt).toBeGreaterThan(0);
    expect(page.operations.slice(0, 5).map(({ name, ok }) => [name, ok])).toEqual([
      ['resolve', true],
      ['log in', true],
      ['read interfaces', true],
      ['read uptime', true],
      ['read rates', true],
    ]);
    await vi.waitFor(() => expect(server.open()).toBe(0));
    expect(server.connections()).toBe(1);
  });

  test('brings what the same rows bring by REST, in the words of version 6 as well', async () => {
    const words: Readonly<Record<string, string>> = { true: 'yes', false: 'no' };
    const older = (fixture('interfaces') as Record<string, string>[]).map((row) => ({
      ...row,
      ...{ running: words[row.running ?? ''] ?? '', disabled: words[row.disabled ?? ''] ?? '', comment: 'yes' },
    }));
    const read = async (other: Parameters<typeof goodApi>[0]) =>
      collector.read(apiJob((await router(goodApi(other))).port));
    const [first, second] = [await read({}), await read({ [LIST]: { rows: older } })];
    expect(second.rejected).toEqual([]);
    expect(second.readings.map(({ values }) => values)).toEqual(first.readings.map(({ values }) => values));
    expect(second.entities.map(({ attributes }) => attributes.ifAlias)).toEqual(second.entities.map(() => 'yes'));
  });

  test.each([
    ['2w3d04:05:06', 1_483_506],
    ['1w2d3h4m5s', 788_645],
    ['04:05:06', 14_706],
    ['5s', 5],
  ])('takes an uptime of %s', async (uptime, seconds) => {
    const server = await router(goodApi({ '/system/resource/print': { rows: [{ uptime }] } }));
    const { readings } = await collector.read(apiJob(server.port));
    const bootAt = readings[0]?.lives?.ifHCInOctets?.bootAt ?? 0;
    expect(Math.abs(systemClock.now() - bootAt - seconds * 1000)).toBeLessThan(5_000);
  });

  test('takes `!empty`, with or without a tag, for no rows', async () => {
    for (const extra of [[], ['.tag=3']]) {
      const sentences = [
        ['!empty', ...extra],
        ['!done', '.tag=3'],
      ];
      const server = await router(goodApi({ '/interface/ethernet/monitor': { sentences } }));
      const page = await collector.read(apiJob(server.port));
      expect(page.operations).toContainEqual(expect.objectContaining({ name: 'read rates', ok: true }));
    }
  });

  test('keeps the good values, the wrong ones as they came, and the answer that held them', async () => {
    const rows = (fixture('interfaces') as Record<string, unknown>[]).map((row, i) =>
      i === 1 ? { ...row, 'rx-byte': `12 KiB ${PASSWORD}` } : row,
    );
    const server = await router(goodApi({ [LIST]: { rows } }));
    const page = await collector.read(apiJob(server.port));
    expect(page.readings).toHaveLength(8);
    expect(page.rejected).toEqual([
      { path: 'interface[1].rx-byte', message: 'is not a whole number of octets', rawText: '12 KiB •••' },
    ]);
    expect(page.rawText).toContain('12 KiB •••');
  });

  test('never uses a name of the router’s as one of its own', async () => {
    const rows = [{ '.id': '*1', name: '__proto__', type: 'ether', 'rx-byte': '1', ['__proto__']: 'x', toString: 'y' }];
    const server = await router(goodApi({ [LIST]: { rows } }));
    const { entities, readings } = await collector.read(apiJob(server.port));
    expect(entities.map(({ id }) => id)).toEqual(['core1/__proto__']);
    expect(readings[0]?.values).toEqual({ ifHCInOctets: 1n });
  });
});

describe('a login', () => {
  const CHALLENGE = '0123456789abcdef0123456789abcdef';
  const proof = (password: string) => {
    const octets = Buffer.concat([Buffer.of(0), Buffer.from(password), Buffer.from(CHALLENGE, 'hex')]);
    return `00${createHash('md5').update(octets).digest('hex')}`;
  };
  const older: ApiScript = (command) => {
    if (command.name !== '/login') return goodApi()(command);
    const { response } = command.values;
    if (response === undefined) return { ret: CHALLENGE };
    return response === proof(PASSWORD) ? {} : { trap: 'cannot log in' };
  };

  test('as before 6.43 proves the password, in letters of any kind', async () => {
    const server = await router(older);
    expect((await collector.read(apiJob(server.port))).readings).toHaveLength(8);
    expect(server.commands[1]).toEqual(['/login', `=name=${USER}`, `=response=${proof(PASSWORD)}`]);
    const secret = { user: USER, password: 'päss=wörd' };
    expect((await failureOf(apiJob(server.port, { secret }))).message).toMatch(/refused the user.*cannot log in/);
  });

  const cases: readonly (readonly [string, ApiScripted, ErrorCode, RegExp])[] = [
    [
      'refused',
      { trap: 'invalid user name or password (6)' },
      'SOURCE_REJECTED',
      /^the router refused the user or its password \(invalid user name or password \(6\)\)$/,
    ],
    ['refused for its rights', { trap: 'not permitted (9)' }, 'SOURCE_REJECTED', /not permitted/],
    ['that waits for RADIUS in vain', { trap: 'std failure: timeout (13)' }, 'SOURCE_UNAVAILABLE', /timeout/],
    ['answered with a proof that nobody knows', { ret: 'f00' }, 'SOURCE_MALFORMED', /form that is not known/],
    ['cut', { hangUp: true }, 'SOURCE_UNAVAILABLE', /closed the connection/],
    ['ended', { fatal: 'too many sessions' }, 'SOURCE_UNAVAILABLE', /ended the session \(too many sessions\)/],
    ['answered by a web server', { raw: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'SOURCE_MALFORMED', /its api-ssl\?/],
    ['answered with an echo of the password', { trap: `no ${PASSWORD}` }, 'SOURCE_REJECTED', /no •••/],
    ['answered with one in disguise', { trap: PASSWORD.split('').join('\u200b') }, 'SOURCE_REJECTED', /•••/],
  ];
  test.each(cases)('%s has its class, and the run keeps its operations', async (_, scripted, code, message) => {
    const server = await router(goodApi({ '/login': scripted }));
    const error = await failureOf(apiJob(server.port));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(error.context.operations).toMatchObject([
      { name: 'resolve', ok: true },
      { name: 'log in', ok: false },
    ]);
    expect(server.commands).toHaveLength(1);
    await vi.waitFor(() => expect(server.open()).toBe(0));
  });
});

describe('an answer to the list', () => {
  const re = (...words: string[]) => ['!re', ...words];
  const cases: readonly (readonly [string, ApiScripted, ErrorCode, RegExp])[] = [
    [
      'no such command',
      { trap: 'no such command prefix', category: '0' },
      'SOURCE_MALFORMED',
      /refused \/interface\/print \(no such command prefix\)/,
    ],
    ['no right', { trap: 'not enough permissions (9)' }, 'SOURCE_REJECTED', /does not let this user read.*\(9\)/],
    ['an interruption', { trap: 'interrupted', category: '2' }, 'SOURCE_UNAVAILABLE', /broke \/interface\/print off/],
    ['rows and then a refusal', { rows: [{ name: 'a' }], trap: 'failure: busy' }, 'SOURCE_MALFORMED', /busy/],
    ['a refusal without words', { sentences: [['!trap'], ['!done']] }, 'SOURCE_MALFORMED', /no reason given/],
    ['a last word', { fatal: 'session terminated' }, 'SOURCE_UNAVAILABLE', /\(session terminated\)/],
    ['a cut connection', { hangUp: true }, 'SOURCE_UNAVAILABLE', /closed the connection/],
    [
      'half a sentence',
      { raw: Buffer.from('\x03!re\x0a=nam', 'latin1'), hangUp: true },
      'SOURCE_UNAVAILABLE',
      /closed/,
    ],
    ['no interface', { rows: [] }, 'SOURCE_MALFORMED', /lets this user see no interface/],
    ['a word of 4 GB', { raw: Buffer.from('f0ffffffff21', 'hex') }, 'SOURCE_MALFORMED', /announced a word/],
    ['what is no reply', { sentences: [['!what']] }, 'SOURCE_MALFORMED', /no reply/],
    ['another question’s end', { sentences: [['!done', '.tag=7']] }, 'SOURCE_MALFORMED', /what nobody asked/],
    ['an echo of the password', { trap: `=password=${PASSWORD}` }, 'SOURCE_MALFORMED', /•••/],
    [
      'rows of which one names another question',
      { sentences: [re('=name=a'), re('=name=b', '.tag=9'), ['!done']] },
      'SOURCE_MALFORMED',
      /what nobody asked/,
    ],
  ];
  test.each(cases)('of %s has its class, and the run keeps its operations', async (_, scripted, code, message) => {
    const server = await router(goodApi({ [LIST]: scripted }));
    const error = await failureOf(apiJob(server.port));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(error.context.operations).toMatchObject([
      { name: 'resolve', ok: true },
      { name: 'log in', ok: true },
      { name: 'read interfaces', ok: false },
    ]);
    await vi.waitFor(() => expect(server.open()).toBe(0));
  });

  test('of more octets than any router has is refused while it comes', async () => {
    const row = { name: 'x'.repeat(60_000) };
    const server = await router(goodApi({ [LIST]: { rows: Array.from({ length: 140 }, () => row), silent: false } }));
    const error = await failureOf(apiJob(server.port));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_MALFORMED', 'oversized']);
  });

  test('of more rows than any caller takes is refused while it comes', async () => {
    const raw = Buffer.from('\x03!re\x00'.repeat(60_001), 'latin1');
    const server = await router(goodApi({ [LIST]: { raw } }));
    const error = await failureOf(apiJob(server.port));
    expect([error.code, error.message]).toEqual([
      'SOURCE_MALFORMED',
      'the router sent more than 60000 rows in one answer',
    ]);
  });

  test('of more interfaces than are allowed is refused', async () => {
    const server = await router(goodApi());
    const error = await failureOf(apiJob(server.port, { settings: { plainHttp: true, maximumInterfaces: 7 } }));
    expect([error.code, error.message]).toEqual([
      'SOURCE_MALFORMED',
      'the router sent 8 interfaces; at most 7 are read',
    ]);
  });

  test('that has more behind its end ends the session: the next question is asked in a new one', async () => {
    const words = Object.entries((fixture('interfaces') as Record<string, string>[])[0] ?? {});
    const sentences = [re(...words.map(([name, value]) => `=${name}=${value}`)), ['!done'], re('=name=more')];
    // In one packet, so that it is there before the next question.
    const server = await router(goodApi({ [LIST]: { raw: Buffer.concat(sentences.map(worded)) } }));
    const page = await collector.read(apiJob(server.port));
    expect(page.readings).toHaveLength(1);
    const names = page.operations.map(({ name }) => name);
    expect(names.slice(0, 5)).toEqual(['resolve', 'log in', 'read interfaces', 'log in', 'read uptime']);
    expect(server.connections()).toBe(2);
  });

  test('that never comes ends at the deadline, and nothing is sent after it', async () => {
    const server = await router(goodApi({ [LIST]: { silent: true } }));
    const error = await failureOf(apiJob(server.port, { timeMs: 300 }));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'timeout']);
    await vi.waitFor(() => expect(server.open()).toBe(0));
    const late = { ...apiJob(server.port), deadline: systemClock.now() - 1 };
    expect((await failureOf(late)).context.failure).toBe('timeout');
    expect(server.connections()).toBe(1);
  });
});

describe('what only one question lacks', () => {
  test.each([
    ['no such command', { trap: 'no such command' }],
    ['not allowed', { trap: 'not enough permissions (9)' }],
    ['cut', { hangUp: true }],
    ['garbage', { raw: 'garbage' }],
    ['more of them than ports', { rows: Array(3).fill({ name: 'ether1', rate: '1Gbps' }) }],
  ])('rates (%s) cost the speeds and nothing else', async (_, scripted: ApiScripted) => {
    const server = await router(goodApi({ '/interface/ethernet/monitor': scripted }));
    const page = await collector.read(apiJob(server.port));
    expect(page.readings).toHaveLength(8);
    expect(page.entities[0]?.attributes.speedBitsPerSecond).toBeUndefined();
    expect(page.operations).toContainEqual(expect.objectContaining({ name: 'read rates', ok: false }));
  });

  test('an uptime that this user may not read is unknown, and said so', async () => {
    const server = await router(goodApi({ '/system/resource/print': { trap: 'not enough permissions (9)' } }));
    const page = await collector.read(apiJob(server.port));
    expect(page.readings[0]?.lives?.ifHCInOctets?.bootAt).toBe(0);
    expect(page.rejected.map(({ path }) => path)).toEqual(['read uptime']);
  });
});

test('in clear it goes to a loopback address only, whatever the tenant declared', async () => {
  const resolve = async () => ({ address: '10.1.2.3', family: 4 as const });
  const driver = createRouterosCollector({ clock: systemClock, resolve });
  const settings = { host: 'core1.example', plainHttp: true };
  const error = await failureOf(apiJob(8728, { settings, allowedNetworks: ['10.0.0.0/8'] }), driver);
  expect([error.code, error.message]).toEqual([
    'SOURCE_REJECTED',
    expect.stringMatching(/password in clear.*use api-ssl$/),
  ]);
});

describe('over TLS', () => {
  const own = selfSigned('router.test');
  const other = selfSigned('elsewhere.test');
  const resolve = async () => ({ address: '127.0.0.1', family: 4 as const });
  const driver = createRouterosCollector({ clock: systemClock, resolve });

  test.each([
    ['the pinned fingerprint', { host: 'router.test', certificateSha256: own.sha256 }],
    ['its authority, by name', { host: 'router.test', certificateAuthority: own.certificatePem }],
    ['its authority, by address', { host: '127.0.0.1', certificateAuthority: own.certificatePem }],
  ])('%s is proof enough', async (_, settings) => {
    const server = await router(goodApi(), own);
    expect((await driver.read(apiJob(server.port, { settings }))).readings).toHaveLength(8);
    await vi.waitFor(() => expect(server.open()).toBe(0));
    expect(server.connections()).toBe(1);
  });

  test.each([
    ['another certificate than the pinned one', { certificateSha256: other.sha256 }, own.sha256],
    ['another authority', { certificateAuthority: other.certificatePem }, 'give the SHA-256'],
    ['no public authority', {}, 'give the SHA-256'],
    [
      'a certificate for another name',
      { host: 'other.test', certificateAuthority: own.certificatePem },
      'give the SHA-256',
    ],
  ])('%s is told, and no octet of the credentials is sent', async (_, settings, words) => {
    const server = await router(goodApi(), own);
    const error = await failureOf(apiJob(server.port, { settings: { host: 'router.test', ...settings } }), driver);
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'tls']);
    expect(error.message).toContain(words);
    expect(server.commands).toEqual([]);
  });

  test('a service without a certificate, which offers only anonymous ciphers, is told what it lacks', async () => {
    const ciphers = 'ADH-AES256-GCM-SHA384:@SECLEVEL=0';
    const server = createTlsServer({ ciphers, maxVersion: 'TLSv1.2', dhparam: 'auto' }).on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    toClose.push(server);
    const { port } = server.address() as { port: number };
    const settings = { host: 'router.test', certificateSha256: own.sha256 };
    const error = await failureOf(apiJob(port, { settings }), driver);
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'tls']);
    expect(error.message).toContain('does its service api-ssl have a certificate?');
  });

  test('a port that speaks no TLS is told apart from a wrong certificate', async () => {
    const server = await startRouter(() => ({}));
    toClose.push(server);
    const error = await failureOf(apiJob(server.port, { settings: { host: 'router.test' } }), driver);
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'tls']);
    expect(error.message).not.toMatch(/give the SHA-256|have a certificate/);
  });
});
