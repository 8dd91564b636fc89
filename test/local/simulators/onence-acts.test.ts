import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, iccid, memory, SIM, useWorld } from './onence-world.ts';

const world = useWorld();
const card = async (number: number) => (await world.ofSim(number)).body;
const left = async (number: number): Promise<number> => (await world.ofSim(number, '/quota/data')).body.volume;

test('one SIM is changed at once: label, IMEI lock, status; an empty change is none', async () => {
  const path = `/v1/sims/${iccid(1)}`;
  expect((await world.call('PUT', path, {})).status).toBe(200);
  const changed = await world.call('PUT', path, { label: 'gate 7', imei_lock: true, status: 'Disabled' });
  expect([changed.status, changed.text]).toEqual([200, '']);
  expect(await card(1)).toMatchObject({ label: 'gate 7', imei_lock: true, status: 'Disabled' });
  expect((await world.call('PUT', path, { label: '', status: 'Enabled' })).status).toBe(200);
  expect(await card(1)).toMatchObject({ imei_lock: true, status: 'Activated' });
  expect(await card(1)).not.toHaveProperty('label');
});

test.each([[[]], [{ status: 'Off' }], [{ label: 5 }], [{ imei_lock: 'yes' }], ['text']])(
  'a change that is none (%j) is 400 and changes nothing',
  async (body) => {
    const before = await card(1);
    expect((await world.call('PUT', `/v1/sims/${iccid(1)}`, body)).status).toBe(400);
    expect(await card(1)).toEqual(before);
  },
);

test('many SIMs are changed by a queue: the answer comes first, the effect later', async () => {
  expect((await world.call('POST', '/v1/sims', [])).status).toBe(201);
  const answer = await world.call('POST', '/v1/sims', [
    { iccid: iccid(1), status: 'Disabled', label: 'a' },
    { iccid: iccid(12), status: 'Enabled', label: 'b' },
    { iccid: iccid(999), status: 'Enabled' },
  ]);
  expect([answer.status, answer.text]).toEqual([201, '']);
  expect(await card(1)).toMatchObject({ status: 'Activated', label: 'unit-1' });
  world.now += 2000;
  expect(await card(1)).toMatchObject({ status: 'Disabled', label: 'a' });
  expect((await card(12)).label).toBe('b');
  expect((await world.call('POST', '/v1/sims', [{ iccid: iccid(1) }])).status).toBe(400);
});

test('a disabled SIM uses nothing until it is enabled again, and its events tell', async () => {
  await world.call('PUT', `/v1/sims/${iccid(1)}`, { status: 'Disabled' });
  const before = await left(1);
  world.now += DAY_MS;
  world.forgetToken();
  expect(await left(1)).toBe(before);
  expect((await world.ofSim(1, '/status')).body.status).toBe('OFFLINE');
  await world.call('PUT', `/v1/sims/${iccid(1)}`, { status: 'Enabled' });
  world.now += HOUR_MS / 2;
  expect(await left(1)).toBeLessThan(before);
  const types = (await world.ofSim(1, '/events')).body.events.map((e: { event_type: string }) => e.event_type);
  expect(types).toContain("Status of SIM changed from 'Disabled' to 'Enabled'");
});

test('a reset is queued, and is an event', async () => {
  const reset = await world.call('POST', `/v1/sims/${iccid(1)}/reset`);
  expect([reset.status, reset.text]).toEqual([201, '']);
  expect((await world.ofSim(1, '/events')).body.events[0].event_type).toBe('Connectivity reset was requested');
});

test('a message with nothing but its text is taken; where it stands is told by a host inside', async () => {
  const path = `/v1/sims/${iccid(SIM.silent)}/sms`;
  const before = (await world.ofSim(SIM.silent, '/quota/sms')).body.volume;
  const sent = await world.call('POST', path, { payload: 'ping' });
  expect([sent.status, sent.text]).toEqual([201, '']);
  const id = /\/(\d+)$/.exec(sent.headers.get('location') ?? '')?.[1];
  expect(sent.headers.get('location')).toMatch(/^http:\/\/[a-z.]+\.invalid/);
  expect((await world.get(`${path}/${id}`)).body).toMatchObject({
    id: Number(id),
    submit_date: '2026-11-20T12:00:00.000Z',
    retry_count: '0',
    msc: expect.any(String),
    payload: 'ping',
    status: { id: 2, description: 'PENDING' },
    sms_type: { id: 1, description: 'MT' },
    source_address_type: { id: 161 },
  });
  expect((await world.ofSim(SIM.silent, '/quota/sms')).body.volume).toBe(before - 1);
  expect((await world.call('DELETE', `${path}/${id}`)).status).toBe(204);
  expect((await world.get(`${path}/${id}`)).status).toBe(404);
});

test('a message to a SIM that is there is delivered, to one that is not it expires', async () => {
  const online = (
    await Promise.all([12, 13, 14, 15, 16].map(async (n) => [n, await world.ofSim(n, '/status')] as const))
  )
    .filter(([, answer]) => answer.body?.status === 'ONLINE')
    .map(([n]) => n)[0];
  for (const number of [online ?? 0, SIM.silent]) {
    await world.call('POST', `/v1/sims/${iccid(number)}/sms`, { payload: 'x', expiry_date: '2026-11-20T12:30:00Z' });
  }
  world.now += HOUR_MS / 2;
  const state = async (number: number) => (await world.ofSim(number, '/sms')).body[0].status.description;
  expect(await state(online ?? 0)).toBe('DELIVERED');
  expect(await state(SIM.silent)).toBe('EXPIRED');
  const usage = (await world.ofSim(SIM.silent, '/usage?start_dt=2026-11-20&end_dt=2026-11-20')).body.stats[0];
  expect(usage.sms).toMatchObject({ volume: '1', volume_tx: '1', volume_rx: '0', traffic_type: { id: 6 } });
});

test('a top-up is an order: it adds 500 MB, costs money and tells its number', async () => {
  const before = await left(SIM.low);
  const answer = await world.call('POST', `/v1/sims/${iccid(SIM.low)}/topup?payment_method=creditcard`);
  expect([answer.status, answer.text]).toEqual([201, '']);
  const number = /\/v1\/orders\/(\d+)$/.exec(answer.headers.get('location') ?? '')?.[1];
  expect(await left(SIM.low)).toBeCloseTo(before + 500, 6);
  expect((await world.get(`/v1/orders/${number}`)).body).toMatchObject({
    order_number: Number(number),
    order_type: 'TOPUP',
    invoice_amount: expect.stringMatching(/^\d+\.\d\d$/),
    currency: 'EUR',
    sims: [{ iccid: iccid(SIM.low) }],
    products: [{ product_id: 2, quantity: 1 }],
  });
  expect(world.account).toMatchObject({ orders: 1, moneySpent: { amountMinor: '1000', currency: 'EUR' } });
});

test('several are topped up by one order', async () => {
  const answer = await world.call('POST', '/v1/sims/topup', [iccid(SIM.low), iccid(SIM.exhausted)]);
  expect(answer.status).toBe(201);
  expect((await world.get('/v1/orders')).body).toHaveLength(1);
  expect(world.account.moneySpent.amountMinor).toBe('2000');
  expect(await left(SIM.exhausted)).toBeGreaterThan(499);
});

test('a payment method that is none is refused and costs nothing', async () => {
  const answer = await world.call('POST', `/v1/sims/${iccid(SIM.low)}/topup?payment_method=shells`);
  expect([answer.status, answer.body]).toEqual([400, { message: 'Payment method used is not valid.' }]);
  expect(world.account).toMatchObject({ orders: 0, moneySpent: { amountMinor: '0' } });
});

test('with automatic top-ups a SIM that was running out does not', async () => {
  expect((await world.call('POST', '/v1/sims/autoTopup', { enabled: true, iccids: [iccid(SIM.low)] })).status).toBe(
    201,
  );
  expect(await left(SIM.low)).toBeGreaterThan(500);
  expect((await card(SIM.low)).quota_status.id).toBe(0);
  expect((await world.call('POST', '/v1/sims/autoTopup', { enabled: 'yes', iccids: [] })).status).toBe(400);
});

test('an extension lets an expired SIM go on', async () => {
  const answer = await world.call('POST', '/v1/sims/extension', { iccids: [iccid(SIM.expired)] });
  expect(answer.status).toBe(201);
  expect((await world.call('PUT', `/v1/sims/${iccid(SIM.expired)}`, { label: 'again' })).status).toBe(200);
  const { expiry_date } = (await world.ofSim(SIM.expired, '/quota/data')).body;
  expect(expiry_date.slice(0, 4)).toBe('2031');
});

test('limits are those of all SIMs, set by id out of choices', async () => {
  expect((await world.get('/v1/sims/limits')).body).toEqual({
    data: { id: 5, limit: '16', unit: 'MB' },
    smsMt: { id: 5, limit: '16', unit: 'SMS' },
    smsMo: { id: 5, limit: '16', unit: 'SMS' },
  });
  const choices = (await world.get('/v1/sims/smsMT/limits')).body;
  expect(choices[0]).toEqual({ id: 1, limit: '1', unit: 'SMS' });
  const ids = { dataLimitId: 6, smsMtLimitId: 1, smsMoLimitId: 2 };
  expect((await world.call('POST', '/v1/sims/limits', ids)).status).toBe(201);
  expect((await world.get('/v1/sims/limits')).body.data).toEqual({ id: 6, limit: '100', unit: 'MB' });
  expect((await world.call('POST', '/v1/sims/limits', { ...ids, dataLimitId: 99 })).status).toBe(400);
});

test('orders, products and requests for support are listed', async () => {
  const products = (await world.get('/v1/products')).body;
  expect(products[0]).toMatchObject({ id: 1, one_time_charges: [{ amount_net: 10, currency: 'EUR' }] });
  const order = await world.call('POST', '/v1/orders', { products: [{ productId: 1, quantity: 3 }] });
  expect(order.status).toBe(201);
  expect((await world.get('/v1/orders')).body[0]).toMatchObject({
    order_type: 'ADDITIONAL_ORDER',
    invoice_amount: '30.00',
    products: [{ product_id: 1, quantity: 3 }],
  });
  expect((await world.get('/v1/orders/1')).status).toBe(404);
  expect((await world.call('POST', '/v1/orders', { products: [{ productId: 9, quantity: 1 }] })).status).toBe(400);
  expect((await world.call('POST', '/v1/support', { subject: 'a', text: 'b' })).status).toBe(201);
  expect((await world.get('/v1/support')).body).toMatchObject([{ caseId: 1, status: 'OPEN', subject: 'a' }]);
});

test('transferred SIMs are gone, by list and by range', async () => {
  const body = {
    target_organisation: 7,
    iccids: [iccid(3)],
    iccid_ranges: [{ from: iccid(100), to: iccid(104) }],
  };
  expect((await world.call('POST', '/v1/sims/simTransfer', body)).status).toBe(201);
  expect(world.account.sims).toBe(234);
  expect((await world.ofSim(102)).text).toBe('');
  const pages = await Promise.all([1, 2, 3].map((page) => world.get(`/v1/sims?page=${page}&pageSize=100`)));
  const iccids = pages.flatMap((page) => page.body.map((sim: { iccid: string }) => sim.iccid));
  expect(iccids).toHaveLength(234);
  expect(new Set(iccids).size).toBe(234);
  expect(iccids).not.toContain(iccid(102));
  expect(iccids).toContain(iccid(105));
});

test('what was changed survives a restart; nonsense that was kept is forgotten', async () => {
  const { persist, kept } = memory();
  await world.restart({ persist });
  await world.call('PUT', `/v1/sims/${iccid(1)}`, { label: 'kept', status: 'Disabled' });
  await world.call('POST', `/v1/sims/${iccid(SIM.low)}/topup`);
  await world.call('POST', `/v1/sims/${iccid(SIM.silent)}/sms`, { payload: 'kept' });
  await world.call('POST', '/v1/sims', [{ iccid: iccid(12), status: 'Enabled', label: 'queued' }]);
  const before = [await card(1), await left(SIM.low), (await world.ofSim(SIM.silent, '/sms')).body];
  await world.restart({ persist });
  expect([await card(1), await left(SIM.low), (await world.ofSim(SIM.silent, '/sms')).body]).toEqual(before);
  expect(world.account).toMatchObject({ orders: 1, moneySpent: { amountMinor: '1000' } });
  world.now += 2000;
  expect((await card(12)).label).toBe('queued');
  kept.state = { accounts: { fleet: { sims: 'nonsense' } } };
  await world.restart({ persist });
  expect((await card(1)).label).toBe('unit-1');
});
