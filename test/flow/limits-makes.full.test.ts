/** A plan, a suspension and the hourly comparison on a simulated Junos and a simulated IOS-XE, under the functions' own roles. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startIosxeSimulator } from '../../local/simulators/iosxe.ts';
import { iosxeIspRouters } from '../../local/simulators/iosxe-isp.ts';
import { startJunosSimulator } from '../../local/simulators/junos.ts';
import { ispJunosRouters } from '../../local/simulators/junos-isp.ts';
import type { Simulator } from '../../local/simulators/simulator.ts';
import { type Flow, START, startFlow } from './flow.ts';

const LOGIN = { user: 'headroom', password: 'the-routers-own-password' };
const shared = { ...LOGIN, bootedAt: START - 86_400_000 };
let flow: Flow;
const simulators = new Map<string, Simulator>();

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  const now = () => flow.clock.now();
  const junos = await startJunosSimulator({ routers: ispJunosRouters(shared).slice(0, 1), now });
  const iosxe = await startIosxeSimulator({ routers: iosxeIspRouters(shared).slice(0, 1), now });
  simulators.set('junos', junos).set('iosxe', iosxe);
  const add = (type: string, settings: object) =>
    flow.call('POST', '/v1/sources', {
      body: { id: type, type, name: type, settings: { host: '127.0.0.1', ...settings }, credentials: LOGIN },
    });
  expect((await add('junos', { port: junos.routers[0]?.port })).status).toBe(201);
  expect((await add('iosxe', { port: iosxe.routers[0]?.port, plainHttp: true })).status).toBe(201);
}, 120_000);
afterAll(async () => {
  await flow.stop();
  for (const simulator of simulators.values()) await simulator.close();
});

const MAKES = [
  ['junos', 'ge-0/0/0.10'],
  ['iosxe', 'GigabitEthernet0/0/0.10'],
] as const;

describe.each(MAKES)('on %s', (make, target) => {
  const shown = async () => (await flow.call('GET', `/v1/resellers/${make}1`)).body;
  const ask = async (what: string, body: Record<string, unknown> = {}) =>
    flow.call('POST', `/v1/resellers/${make}1/${what}`, { body: { version: (await shown()).version, ...body } });
  const queue = async () => {
    const { body } = await flow.call('GET', `/v1/routers/${make}/queues`);
    return body.items.find((one: { name: string }) => one.name === `reseller_${make}1`);
  };
  /** Received and sent by the target, in the words of its simulator. */
  const octets = () => {
    const { routers } = (simulators.get(make)?.state() ?? { routers: [] }) as {
      routers: { interfaces: { name: string }[] }[];
    };
    const { received, sent, statistics } = (routers[0]?.interfaces.find(({ name }) => name === target) ?? {}) as {
      received?: string;
      sent?: string;
      statistics?: Record<string, string>;
    };
    return [received ?? statistics?.['in-octets'], sent ?? statistics?.['out-octets-64']].map((text) =>
      BigInt(text ?? ''),
    );
  };
  const passed = async (minutes: number) => {
    const before = octets();
    await flow.pass(minutes);
    return octets().map((now, at) => Number(now - (before[at] ?? 0n)));
  };

  test('a plan is made on the router, and read back', async () => {
    const routers = [{ router: make, targets: [target] }];
    const body = { id: `${make}1`, name: make, routers, plan: { downMbps: 20, upMbps: 10 } };
    expect((await flow.call('POST', '/v1/resellers', { body })).status).toBe(201);
    await flow.pass(1);
    expect(await shown()).toMatchObject({ work: { phase: 'done' } });
    expect(await queue()).toMatchObject({
      ...{ targets: [target], toTargetBitsPerSecond: 20e6, fromTargetBitsPerSecond: 10e6 },
    });
    const [received = 0, sent = 0] = await passed(5);
    // The curve would bring more than ten times as much.
    expect(Math.max(received / 10e6, sent / 20e6)).toBeLessThanOrEqual((301 / 8) * 1.01);
  }, 120_000);

  test('suspended it passes nothing, and restored it has its plan again', async () => {
    expect((await ask('suspend')).status).toBe(202);
    await flow.pass(1);
    expect(await shown()).toMatchObject({ status: 'suspended', work: { phase: 'done' } });
    expect(await passed(10)).toEqual([0, 0]);
    expect((await ask('restore')).status).toBe(202);
    await flow.pass(1);
    expect(await shown()).toMatchObject({ status: 'active', work: { phase: 'done' } });
    expect((await passed(10)).every((some) => some > 0)).toBe(true);
    expect(await queue()).toMatchObject({ targets: [target], toTargetBitsPerSecond: 20e6 });
  }, 120_000);

  test('a change that the router only said it made is told as failed, and made when it is asked for again', async () => {
    simulators.get(make)?.inject({ fault: 'lost-write' });
    expect((await ask('plan', { downMbps: 50, upMbps: 10 })).status).toBe(202);
    await flow.pass(1);
    expect(await shown()).toMatchObject({ work: { phase: 'failed', lastError: expect.stringContaining('20 Mb/s') } });
    expect((await ask('plan', { downMbps: 50, upMbps: 10 })).status).toBe(202);
    await flow.pass(1);
    expect(await shown()).toMatchObject({ work: { phase: 'done' } });
    expect(await queue()).toMatchObject({ toTargetBitsPerSecond: 50e6 });
  }, 120_000);

  test('removing it leaves nothing on the router', async () => {
    const { version } = await shown();
    expect((await flow.call('DELETE', `/v1/resellers/${make}1?version=${version}`)).status).toBe(202);
    await flow.pass(1);
    expect((await flow.call('GET', `/v1/resellers/${make}1`)).status).toBe(404);
    expect(JSON.stringify(simulators.get(make)?.state())).not.toContain('reseller_');
    expect((await flow.call('GET', '/v1/audit')).body).toMatchObject({ verified: true });
  }, 120_000);

  test('a try of the router also reads its queues', async () => {
    const { body } = await flow.call('POST', `/v1/routers/${make}/test`);
    expect(body).toMatchObject({ ok: true, error: null });
    expect(JSON.stringify(body.steps)).toMatch(/read (limits|policies)/);
  });
});
