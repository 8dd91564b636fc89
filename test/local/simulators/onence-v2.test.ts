import { expect, test } from 'vitest';
import { iccid, SIM, useWorld } from './onence-world.ts';

const world = useWorld();
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

test('the list is that of version 1', async () => {
  const [older, newer] = [await world.get('/v1/sims?page=2'), await world.get('/v2/sims?page=2')];
  expect(newer.body).toEqual(older.body);
  expect(newer.headers.get('x-total-pages')).toBe('24');
});

test('a single SIM is "Enabled" here, and an unknown one an error with a token', async () => {
  expect((await world.ofSim(SIM.plain, '', 'v2')).body.status).toBe('Enabled');
  for (const below of ['', '/quota/data', '/status', '/events', '/sms']) {
    const unknown = await world.ofSim(999, below, 'v2');
    expect([unknown.status, unknown.body]).toEqual([
      404,
      { error_code: 1000, error_token: 'NotFound', message: 'Element not found' },
    ]);
  }
});

test('the quota has ISO dates, its own ids of status, and neither throughput nor status change', async () => {
  const { body } = await world.ofSim(SIM.low, '/quota/data', 'v2');
  expect(body).toEqual({
    id: expect.any(Number),
    status: { id: 1, description: 'ACTIVE' },
    volume: expect.any(Number),
    total_volume: 500,
    accumulated_total_volume: 500,
    last_volume_added: 500,
    service: 'data',
    threshold_percentage: 20,
    threshold_volume: 100,
    expiry_date: expect.stringMatching(ISO),
    created_at: expect.stringMatching(ISO),
  });
  expect(body.volume).toBe((await world.ofSim(SIM.low, '/quota/data')).body.volume);
});

test('an exhausted quota has the status 0 and may be below zero, where version 1 says 0', async () => {
  const all = await Promise.all(
    [SIM.exhausted, SIM.exhausted + 1].map(async (n) => (await world.ofSim(n, '/quota/data', 'v2')).body),
  );
  for (const one of all) {
    expect(one.status).toEqual({ id: 0, description: 'EXHAUSTED' });
    expect(one.volume).toBeLessThan(0);
    expect(one.volume).toBeGreaterThan(-1);
  }
  expect((await world.ofSim(SIM.exhausted, '/quota/sms', 'v2')).body).toMatchObject({
    service: 'sms',
    total_volume: 250,
  });
});

test('after a top-up the total is what was left plus what was added, and the sum of all is told', async () => {
  const before = (await world.ofSim(SIM.low, '/quota/data', 'v2')).body;
  expect((await world.call('POST', `/v2/sims/${iccid(SIM.low)}/topup`)).status).toBe(201);
  const after = (await world.ofSim(SIM.low, '/quota/data', 'v2')).body;
  expect(after.total_volume).toBeCloseTo(before.volume + 500, 6);
  expect(after.volume).toBe(after.total_volume);
  expect(after).toMatchObject({ accumulated_total_volume: 1000, last_volume_added: 500 });
  expect(after.threshold_volume).toBeCloseTo(after.total_volume * 0.2, 6);
});

test('the status is an object, sessions a list, and a disabled SIM is blocked', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => world.ofSim(i + 12, '/status', 'v2')));
  const online = all.map((a) => a.body).find((b) => b.status?.description === 'ONLINE');
  expect(online).toMatchObject({
    data_traffic_limit_state: { description: 'NOT_REACHED' },
    location: {
      operator: { id: expect.any(Number), mnc: expect.any(String), country: { iso_code: expect.any(String) } },
      country: { country_id: expect.any(String), iso_code: expect.any(String) },
    },
    pdp_contexts: [{ rat_type: { rat_type_id: expect.any(String) }, created: expect.stringMatching(ISO) }],
  });
  const blocked = (await world.ofSim(SIM.disabled, '/status', 'v2')).body;
  expect([blocked.status, blocked.pdp_contexts]).toEqual([{ description: 'BLOCKED' }, []]);
});

test('events are a bare list of objects within objects, the IMSI among them', async () => {
  const { body } = await world.ofSim(SIM.plain, '/events?pageSize=3', 'v2');
  expect(body).toHaveLength(3);
  expect(body[0]).toMatchObject({
    id: expect.any(Number),
    event_type: { id: expect.any(Number), description: expect.any(String) },
    timestamp: expect.stringMatching(ISO),
    user: null,
    event_severity: { id: 0, description: 'INFO' },
    sim: { iccid: iccid(SIM.plain) },
    imsi: { id: 1, imsi: '901000000000001' },
  });
});

test('sending a message answers its id, cancelling one too; the list has numbers where version 1 has texts', async () => {
  const path = `/v2/sims/${iccid(SIM.silent)}/sms`;
  const sent = await world.call('POST', path, { payload: 'hello' });
  expect([sent.status, sent.body]).toEqual([201, { id: expect.stringMatching(/^\d+$/) }]);
  const [first] = (await world.get(path)).body;
  expect(first).toMatchObject({
    id: Number(sent.body.id),
    retry_count: 0,
    msc: 0,
    status: { id: 2, description: 'PENDING' },
  });
  const cancelled = await world.call('DELETE', `${path}/${sent.body.id}`);
  expect([cancelled.status, cancelled.body]).toEqual([200, sent.body]);
  expect((await world.get(`${path}/${sent.body.id}`)).body.error_token).toBe('NotFound');
  expect((await world.call('POST', path, {})).body).toMatchObject({ error_token: 'BadRequest' });
});

test.each(['/limits', '/topup', '/autoTopup', '/extension', '/simTransfer', ''])(
  'there is no POST to /v2/sims%s',
  async (path) => {
    const { status, text } = await world.call('POST', `/v2/sims${path}`, []);
    expect([status, text]).toEqual([404, '']);
  },
);

test('the daily usage is there, or not, as the account is told', async () => {
  const usage = '/usage?start_dt=2026-11-10&end_dt=2026-11-12';
  expect((await world.ofSim(SIM.plain, usage, 'v2')).body).toEqual((await world.ofSim(SIM.plain, usage)).body);
  await world.restart({ v2Usage: false });
  const off = await world.ofSim(SIM.plain, usage, 'v2');
  expect([off.status, off.text]).toEqual([404, '']);
  expect((await world.ofSim(SIM.plain, usage)).status).toBe(200);
});
