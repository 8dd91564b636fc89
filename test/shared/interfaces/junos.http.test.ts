/** One run of the REST driver of Junos against real servers: what it asks, what it makes of each failure, what never leaves it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { JunosSimulator, JunosSimulatorOptions } from '../../../local/simulators/junos.ts';
import { createJunosRestCollector } from '../../../shared/interfaces/junos.http.ts';
import { createJunosCollector } from '../../../shared/interfaces/junos.netconf.ts';
import { createRouterProbe } from '../../../shared/interfaces/router-probe.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import { JunosWorld, PASSWORD, USER } from '../../local/simulators/junos-world.ts';
import { junosJob } from './junos-router.ts';
import { type Script, type Scripted, startRouter } from './routeros-router.ts';

const TOKEN = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

const collector = createJunosRestCollector({ clock: systemClock });

async function router(options: Partial<JunosSimulatorOptions> = {}) {
  const world = new JunosWorld();
  toClose.push(world);
  const simulator = await world.open(options);
  const [place] = simulator.routers;
  if (place === undefined) throw new Error('there is one router');
  return { simulator, place, port: place.rest.port };
}

async function scripted(script: Script) {
  const server = await startRouter(script);
  toClose.push(server);
  return server;
}

/** A job by REST: in clear unless the settings say otherwise. */
function restJob(port: number, overrides: Parameters<typeof junosJob>[1] = {}) {
  const { settings = { plainHttp: true } } = overrides;
  return junosJob(port, { ...overrides, settings: { api: 'rest', ...settings } });
}

async function failureOf(job: ReturnType<typeof restJob>, driver = collector): Promise<AppError> {
  const error = await driver.read(job).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const { message, context, cause } = error as AppError;
  const told = JSON.stringify([error, message, context, String(cause)]);
  expect(told).not.toContain(PASSWORD);
  expect(told).not.toContain(TOKEN);
  return error as AppError;
}

const callsOf = ({ state }: JunosSimulator) => (state() as { routers: { calls: number }[] }).routers[0]?.calls;

describe('a run', () => {
  test('asks two questions in XML over one connection, for the interfaces that are wanted only', async () => {
    const accepted: (string | undefined)[] = [];
    const server = await scripted(({ incoming }) => {
      accepted.push(incoming.headers.accept);
      return { body: '<rpc-error><error-message>permission denied</error-message></rpc-error>' };
    });
    const error = await failureOf(restJob(server.port, { settings: { plainHttp: true, interfaceName: 'ge-0/0/0*' } }));
    expect(error.code).toBe('SOURCE_REJECTED');
    const { simulator, port } = await router();
    const page = await collector.read(restJob(port, { settings: { plainHttp: true, interfaceName: 'lo*' } }));
    expect(page.entities.map(({ id }) => id)).toEqual(['core1/lo0']);
    expect(callsOf(simulator)).toBe(2);
    expect(server.requests).toEqual(['GET /rpc/get-interface-information?interface-name=ge-0%2F0%2F0*&extensive=']);
    expect(accepted).toEqual(['application/xml']);
    expect(server.authorizations).toEqual([`Basic ${TOKEN}`]);
  });

  test.each([
    ['plainly', undefined],
    ['by routing engine', 'multi-routing-engine'],
    ['briefly', 'brief'],
    ['beside a warning', 'warning'],
    ['without an uptime for this user', 'no-uptime'],
  ])('brings what NETCONF brings of the same router, answered %s', async (_, fault) => {
    const { simulator, place } = await router();
    const inject = () => fault && simulator.inject({ fault, ...(fault === 'warning' ? { times: 2 } : {}) });
    inject();
    const byRest = await collector.read(restJob(place.rest.port));
    inject();
    const byNetconf = await createJunosCollector({ clock: systemClock }).read(junosJob(place.port));
    const told = ({ readings, entities, complete }: typeof byRest) => [
      readings.map(({ entity, values, lives }) => [
        entity,
        values,
        // Instants of receipt, and so of the start, are a little apart.
        Object.entries(lives ?? {}).map(([metric, { bootAt: _bootAt, ...life }]) => [metric, life]),
      ]),
      entities.map(({ seenAt: _seenAt, ...entity }: Record<string, unknown>) => entity),
      complete,
    ];
    expect(told(byRest)).toEqual(told(byNetconf));
    expect(byRest.rejected.map(({ path }) => path)).toEqual(byNetconf.rejected.map(({ path }) => path));
    expect(byRest.operations.map(({ name }) => name)).toEqual(['resolve', 'read interfaces', 'read uptime']);
  });

  test('reads over HTTPS from the certificate that is pinned, and says nothing to another', async () => {
    const { simulator, place } = await router({ tls: true });
    const { port, certificateSha256 = '' } = place.rest;
    const { readings } = await collector.read(restJob(port, { settings: { certificateSha256 } }));
    expect(readings).toHaveLength(7);
    const calls = callsOf(simulator);
    const error = await failureOf(restJob(port, { settings: { certificateSha256: 'ab'.repeat(32) } }));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'tls']);
    expect(error.message).toContain('it shows the certificate with SHA-256');
    expect(callsOf(simulator)).toBe(calls);
  });

  test('sends no password in clear to another machine', async () => {
    const resolve = async () => ({ address: '192.0.2.7', family: 4 as const });
    const error = await failureOf(restJob(3000), createJunosRestCollector({ clock: systemClock, resolve }));
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringContaining('system services rest')]);
  });
});

describe('an answer to the list', () => {
  const injected: readonly (readonly [string, Record<string, unknown>, ErrorCode, RegExp])[] = [
    ['a wrong password', { fault: 'unauthorized' }, 'SOURCE_REJECTED', /^the router refused the user or its password$/],
    ['too many connections', { fault: 'connection-limit' }, 'SOURCE_UNAVAILABLE', /HTTP 503/],
    ['an error with 200', { fault: 'rpc-error' }, 'SOURCE_MALFORMED', /refused: syntax error, operation-failed/],
    ['no permission', { fault: 'rpc-error', message: 'permission denied' }, 'SOURCE_REJECTED', /permission denied/],
    ['an echo of the password', { fault: 'rpc-error', message: PASSWORD }, 'SOURCE_MALFORMED', /refused: •••/],
    ['half of it', { fault: 'closes' }, 'SOURCE_UNAVAILABLE', /./],
    ['nothing', { fault: 'garbage', shape: 'empty' }, 'SOURCE_MALFORMED', /no XML/],
    ['half of its XML', { fault: 'garbage' }, 'SOURCE_MALFORMED', /no XML/],
    [
      'words',
      { fault: 'garbage', shape: 'no-xml' },
      'SOURCE_MALFORMED',
      /with words: error: the routing engine is busy/,
    ],
    ['a bomb of entities', { fault: 'garbage', shape: 'doctype' }, 'SOURCE_MALFORMED', /document type/],
    ['nesting without end', { fault: 'garbage', shape: 'deep' }, 'SOURCE_MALFORMED', /nested/],
    ['no REST API', { fault: 'no-rest' }, 'SOURCE_MALFORMED', /HTTP 404.*set system services rest https/],
  ];
  test.each(injected)('of %s has its class, and the run keeps its operations', async (_, fault, code, message) => {
    const { simulator, port } = await router();
    simulator.inject(fault as { fault: string });
    const error = await failureOf(restJob(port));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(error.context.operations).toMatchObject([
      { name: 'resolve', ok: true },
      { name: 'read interfaces', ok: false },
    ]);
    simulator.inject({ fault: 'recover' });
    expect((await collector.read(restJob(port))).readings).toHaveLength(7);
  });

  const hostile: readonly (readonly [string, Scripted, ErrorCode, RegExp])[] = [
    [
      'words about rights',
      { body: 'error: permission denied: show interfaces' },
      'SOURCE_REJECTED',
      /permission denied/,
    ],
    [
      'a refusal as an error of the server',
      { status: 500, body: rpcError('permission denied') },
      'SOURCE_REJECTED',
      /permission/,
    ],
    ['another error of the server', { status: 500, body: rpcError('internal') }, 'SOURCE_UNAVAILABLE', /HTTP 500/],
    [
      'half an answer that speaks of rights',
      { body: '<interface-information><description>permission' },
      'SOURCE_MALFORMED',
      /no XML/,
    ],
    ['an error that echoes the login', { status: 400, body: rpcError(`Basic ${TOKEN}`) }, 'SOURCE_MALFORMED', /•••/],
    ['words that echo the password', { body: `error: ${PASSWORD}` }, 'SOURCE_MALFORMED', /•••/],
    ['another place', { status: 302, headers: { location: 'http://192.0.2.1/' } }, 'SOURCE_MALFORMED', /not followed/],
    ['a web page', { body: '<!DOCTYPE html><html><body>Log in</body></html>' }, 'SOURCE_MALFORMED', /document type/],
    ['another document', { body: '<software-information/>' }, 'SOURCE_MALFORMED', /see no interface/],
    ['JSON', { body: '{"interface-information":[]}' }, 'SOURCE_MALFORMED', /with words/],
    ['a request for patience', { status: 429, headers: { 'retry-after': '60' } }, 'SOURCE_THROTTLED', /429/],
    ['a connection that is cut', { hangUp: true }, 'SOURCE_UNAVAILABLE', /./],
  ];
  test.each(hostile)('of %s has its class and tells no secret', async (_, answer, code, message) => {
    const server = await scripted(() => answer);
    const error = await failureOf(restJob(server.port));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  test('of more interfaces than are allowed is refused', async () => {
    const { port } = await router();
    const error = await failureOf(restJob(port, { settings: { plainHttp: true, maximumInterfaces: 6 } }));
    expect(error.message).toBe('the router sent 7 interfaces; at most 6 are read');
  });

  test('of more than 16 MB is refused', async () => {
    const server = await scripted(() => ({ body: `<interface-information>${' '.repeat(16_000_001)}` }));
    expect((await failureOf(restJob(server.port))).code).toBe('SOURCE_MALFORMED');
  });

  test('that comes late ends at the deadline', async () => {
    const { simulator, port } = await router();
    simulator.inject({ fault: 'slow', seconds: 600 });
    const error = await failureOf(restJob(port, { timeMs: 250 }));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'timeout']);
  });

  test('without the uptime now fails: a restart would look like traffic', async () => {
    const { simulator, port } = await router();
    const now = () => {
      // The list has come, and the uptime is not asked for yet.
      if (callsOf(simulator) === 1) simulator.inject({ fault: 'connection-limit' });
      return systemClock.now();
    };
    const error = await failureOf(restJob(port), createJunosRestCollector({ clock: { now } }));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.context.operations).toMatchObject([{}, { ok: true }, { name: 'read uptime', ok: false }]);
  });
});

function rpcError(message: string): string {
  return `<rpc-error xmlns="http://xml.juniper.net/xnm/1.1/xnm"><error-severity>error</error-severity><error-message>${message}</error-message></rpc-error>`;
}

test('a secret for NETCONF is told to be none for REST, without a value of it', async () => {
  const secret = { user: USER, privateKey: `-----BEGIN PRIVATE KEY-----\n${PASSWORD}\n-----END PRIVATE KEY-----` };
  const error = await failureOf(restJob(1, { secret }));
  expect([error.code, error.message]).toEqual([
    'SOURCE_REJECTED',
    expect.stringMatching(/password must be.*privateKey is of NETCONF/),
  ]);
});

test('who tries it is told each step in the words of the run, and the one that failed with its reason', async () => {
  const { simulator, port } = await router();
  const { source, secret } = restJob(port);
  const probe = createRouterProbe({
    collector,
    openLimits: () => Promise.reject(new Error('is not asked for')),
    secrets: { readSecret: async () => secret },
    clock: systemClock,
  });
  const tenant = { ...{ tenant: 'demo', name: 'Demo', zone: 'UTC' }, simulated: true, createdAt: 0 };
  const tried = () => probe({ ...tenant, allowedNetworks: ['127.0.0.0/8'] }, source, systemClock.now() + 5_000);
  const well = await tried();
  expect([well.error, well.steps.map(({ name, ok }) => `${name} ${ok}`)]).toEqual([
    undefined,
    ['resolve true', 'read interfaces true', 'read uptime true'],
  ]);
  simulator.inject({ fault: 'rpc-error', message: 'permission denied' });
  const refused = await tried();
  expect(refused.error).toContain('does not let this user read /rpc/get-interface-information');
  expect(refused.steps.at(-1)).toMatchObject({ name: 'read interfaces', ok: false, status: 200 });
});
