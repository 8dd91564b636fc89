/** What the night operator is told of resellers, by routers that refuse, are away, drift or are full, on the local cloud. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

let flow: Flow;
const NAME = 'Corner Net (r1002)';
beforeAll(async () => {
  flow = await startFlow({ isp: true });
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  await flow.addIsp('demo', { coreOnly: true });
  await flow.runNow('collect-interfaces');
  const routers = [{ router: 'core-router', targets: ['198.51.100.2'], interfaces: ['vlan10'] }];
  const body = { id: 'r1002', name: 'Corner Net', routers, plan: { downMbps: 100, upMbps: 100 } };
  expect((await flow.call('POST', '/v1/resellers', { body })).status).toBe(201);
  await load(30);
  await flow.pass(12);
}, 120_000);
afterAll(() => flow.stop());

const load = (outMbps: number) =>
  flow.inject('routeros', { fault: 'load', router: 'core', interface: 'vlan10', inMbps: 5, outMbps });
const broken = (fault: Record<string, unknown>) => flow.inject('routeros', { router: 'core', ...fault });
const told = async (name = NAME) =>
  (await flow.messages())
    .filter(({ channel, body }) => channel === 'whatsapp' && body.includes(name))
    .map((m) => m.body);
const alerts = async (id: string, state = 'open') =>
  (await flow.call('GET', `/v1/resellers/${id}/alerts?state=${state}`, { role: 'viewer' })).body.items;
const save = async (downMbps: number, id = 'r1002') => {
  const { version } = (await flow.call('GET', `/v1/resellers/${id}`)).body;
  const answer = await flow.call('POST', `/v1/resellers/${id}/plan`, { body: { downMbps, version } });
  expect(answer.status).toBe(202);
};
/** What was told since the last call. */
let heard = 0;
const news = async () => {
  const all = await told();
  const fresh = all.slice(heard);
  heard = all.length;
  return fresh;
};

test('a plan that is full tells once at 96 %, and once that it is over; a burst of one slot tells nobody', async () => {
  expect(await news()).toEqual([]);
  await load(99);
  await flow.pass(5);
  await load(30);
  await flow.pass(12);
  expect(await news()).toEqual([]);
  await load(96);
  await flow.pass(25);
  const [full, ...more] = await news();
  expect(more).toEqual([]);
  expect(full).toMatch(/CRITICAL: Corner Net \(r1002\) - uses 9\d\.\d % of its plan for a while, the limit is 95\.0 %/);
  expect(full).toMatch(/Now down 9\d(\.\d+)? Mb\/s, up .* the plan is down 100 Mb\/s, up 100 Mb\/s/);
  await load(30);
  await flow.pass(25);
  const over = await news();
  expect(over).toHaveLength(1);
  expect(over[0]).toContain('Plan nearly used: back to normal');
  expect(await alerts('r1002')).toEqual([]);
  expect(await alerts('r1002', 'history')).toMatchObject([{ rule: 'reseller-plan', resolvedReason: 'cleared' }]);
}, 180_000);

test('a router that is away while a plan is changed is told after half an hour, and when the plan is on it', async () => {
  await broken({ fault: 'server-error', status: 503, times: 100_000 });
  await save(300);
  await flow.pass(28);
  expect(await news()).toEqual([]);
  await flow.pass(10);
  const [away, ...more] = await news();
  expect(more).toEqual([]);
  expect(away).toContain('CRITICAL: Corner Net (r1002) - its router does not have what was asked for.');
  expect(away).toMatch(/Still trying: core-router: .*503/);
  await broken({ fault: 'recover' });
  await flow.pass(45);
  expect((await flow.call('GET', '/v1/resellers/r1002')).body).toMatchObject({ work: { phase: 'done' } });
  const back = await news();
  expect(back).toHaveLength(1);
  expect(back[0]).toContain('Not on its router: back to normal');
}, 240_000);

test('a router that somebody changed by hand is told when it stays so, and mended by saving the plan again', async () => {
  await broken({ fault: 'drift', queue: 'reseller_r1002', maxLimit: '5M/5M' });
  await flow.pass(90);
  const drifted = await news();
  expect(drifted).toHaveLength(1);
  expect(drifted[0]).toContain('WARNING: Corner Net (r1002) - its router no longer has what was put there.');
  expect(drifted[0]).toMatch(
    /Seen on core-router: limit: wanted down 300 Mb\/s, up 300 Mb\/s, found down 5 Mb\/s, up 5 Mb\/s/,
  );
  await save(300);
  await flow.pass(8);
  const mended = await news();
  expect(mended).toHaveLength(1);
  expect(mended[0]).toContain('Router differs from the plan: back to normal');
}, 240_000);

test('a plan that the router refuses is told with its words, and ends when the reseller is removed', async () => {
  // An earlier queue of the router has its packets already.
  const routers = [{ router: 'core-router', targets: ['198.51.100.1'] }];
  const body = { id: 'r9', name: 'Late Net', routers, plan: { downMbps: 10 } };
  expect((await flow.call('POST', '/v1/resellers', { body })).status).toBe(201);
  await flow.pass(8);
  const [refused, ...more] = await told('Late Net (r9)');
  expect(more).toEqual([]);
  expect(refused).toMatch(/CRITICAL: Late Net \(r9\) - .* Given up: core-router: .*the earlier queue "reseller_r1001"/);
  expect(await alerts('r9')).toMatchObject([
    { rule: 'reseller-limit-failed', state: 'firing', detail: expect.stringContaining('reseller_r1001') },
  ]);
  expect(await alerts('r1002')).toEqual([]);
  const { version } = (await flow.call('GET', '/v1/resellers/r9')).body;
  const gone = await flow.call('DELETE', `/v1/resellers/r9?version=${version}&leaveRouters=true`);
  expect(gone.status).toBe(202);
  await flow.pass(8);
  const messages = await told('Late Net (r9)');
  expect(messages).toHaveLength(2);
  expect(messages[1]).toContain('Not on its router: entity removed');
  expect((await flow.call('GET', '/v1/resellers/r9/alerts')).status).toBe(404);
}, 120_000);
