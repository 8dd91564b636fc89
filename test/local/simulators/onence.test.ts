import { expect, test } from 'vitest';
import { basic, DAY_MS, iccid, NOW, SIM, useWorld } from './onence-world.ts';

const world = useWorld();

test('it answers on loopback under its name, below the real base path', async () => {
  expect(world.onence.name).toBe('onence');
  expect(world.onence.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const outside = await fetch(`${world.onence.url}/v1/sims`);
  expect([outside.status, await outside.text()]).toEqual([404, '']);
});

test('a login answers in snake case, with an opaque token of about 3 kB that lasts as long as it says', async () => {
  const { status, body } = await world.logIn();
  expect(status).toBe(200);
  expect(body).toEqual({
    status_code: 200,
    access_token: expect.stringMatching(/^[A-Za-z0-9+/]{2976}$/),
    token_type: 'bearer',
    expires_in: 3600,
    userId: 'user',
    scope: 'all',
  });
  const headers = { authorization: `Bearer ${body.access_token}` };
  world.now += 3_599_000;
  expect((await world.raw('GET', '/v1/sims', headers)).status).toBe(200);
  world.now += 1000;
  expect((await world.raw('GET', '/v1/sims', headers)).status).toBe(401);
});

test('a form is taken for a login too, another type of body is not', async () => {
  const form = { authorization: basic(), 'content-type': 'application/x-www-form-urlencoded' };
  expect((await world.raw('POST', '/oauth/token', form, 'grant_type=client_credentials')).status).toBe(200);
  const text = await world.raw('POST', '/oauth/token', { ...form, 'content-type': 'text/plain' }, 'grant_type=x');
  expect([text.status, text.body.errorCode]).toEqual([400, 'UnsupportedContentTypeError']);
  const other = await world.raw('POST', '/oauth/token', form, 'grant_type=password');
  expect([other.status, other.body.errorCode]).toEqual([400, 'BodyValidationError']);
  const json = { 'content-type': 'application/json' };
  const nobody = await world.raw('POST', '/oauth/token', json, '{"grant_type":"client_credentials"}');
  expect([nobody.status, nobody.body.errorCode]).toEqual([400, 'AuthValidationError']);
});

test.each([
  ['a wrong secret', basic(undefined, 'wrong'), 'Incorrect username or password.'],
  ['an unknown client', basic('nobody'), 'User does not exist.'],
])('%s is refused by 400, in camel case', async (_, authorization, message) => {
  const { status, body } = await world.logIn(authorization);
  expect(status).toBe(400);
  expect(body).toEqual({ statusCode: 400, errorCode: 'CognitoAuthenticationError', message });
});

test('no token: 401 and nothing; a bad one: 401 and the recorded body', async () => {
  const none = await world.raw('GET', '/v1/sims');
  expect([none.status, none.text]).toEqual([401, '']);
  const bad = await world.raw('GET', '/v1/sims', { authorization: 'Bearer nonsense' });
  expect(bad.status).toBe(401);
  expect(bad.body).toEqual({
    timestamp: '2026-11-20T12:00:00.000+0000',
    status: 401,
    error: 'Unauthorized',
    message: expect.stringMatching(/^The token is invalid: /),
    path: '/internal-global-api/v1/sims',
  });
});

test('the list is a bare array, ten at a time, and its headers tell the pages', async () => {
  const first = await world.get('/v1/sims');
  expect(first.body).toHaveLength(10);
  const paging = ['x-current-page', 'x-count-per-page', 'x-total-count', 'x-total-pages'];
  expect(paging.map((name) => first.headers.get(name))).toEqual(['1', '10', '240', '24']);
  const last = await world.get('/v1/sims?page=3&pageSize=100');
  expect(last.body).toHaveLength(40);
  expect(paging.map((name) => last.headers.get(name))).toEqual(['3', '100', '240', '3']);
  const beyond = await world.get('/v1/sims?page=9&pageSize=100');
  expect([beyond.status, beyond.body]).toEqual([200, []]);
  const large = await world.get('/v1/sims?pageSize=5000');
  expect([large.body.length, large.headers.get('x-count-per-page')]).toEqual([100, '100']);
});

test('every SIM is listed once', async () => {
  const pages = await Promise.all([1, 2, 3].map((page) => world.get(`/v1/sims?page=${page}&pageSize=100`)));
  const iccids = pages.flatMap((page) => page.body.map((sim: { iccid: string }) => sim.iccid));
  expect(new Set(iccids).size).toBe(240);
  expect(iccids[0]).toBe('8988000000000000001');
});

test('a listed SIM has the recorded fields: "Enabled", a quota status, numbers as numbers', async () => {
  const [sim] = (await world.get('/v1/sims')).body;
  expect(sim).toMatchObject({
    iccid: '8988000000000000001',
    imsi: '901000000000001',
    msisdn: '882000000000001',
    imei: '0000000000000108',
    imei_lock: false,
    status: 'Enabled',
    activation_date: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/),
    ip_address: expect.stringMatching(/^198\.1[89]\./),
    current_quota: 500,
    quota_status: { id: 0, description: 'More than 20% available' },
    current_quota_SMS: 250,
    quota_status_SMS: { id: 0, description: 'More than 20% available' },
    label: 'unit-1',
  });
});

test('imei and label are absent where they are unset, never null', async () => {
  const sims: Record<string, unknown>[] = (await world.get('/v1/sims?pageSize=100')).body;
  expect(sims.some((sim) => !('imei' in sim))).toBe(true);
  expect(sims.filter((sim) => !('label' in sim))).toHaveLength(50);
  expect(JSON.stringify(sims)).not.toContain('null');
});

test('the single answer says "Activated" where the list says "Enabled"', async () => {
  expect((await world.ofSim(SIM.plain)).body.status).toBe('Activated');
  expect((await world.ofSim(SIM.disabled)).body.status).toBe('Disabled');
});

test('an unknown ICCID is 200 with nothing at all; below it, 404 with nothing', async () => {
  for (const unknown of [iccid(241), '8988999999999999999', 'nonsense']) {
    const answer = await world.get(`/v1/sims/${unknown}`);
    expect([answer.status, answer.text, answer.headers.get('content-length')]).toEqual([200, '', '0']);
  }
  const usage = await world.ofSim(999, '/usage');
  expect([usage.status, usage.text]).toEqual([404, '']);
});

test('a path that is none is 404 with nothing', async () => {
  for (const path of ['/v1/nothing', '/v3/sims', `/v2/sims/${iccid(1)}/connectivity_info`]) {
    const answer = await world.get(path);
    expect([answer.status, answer.text]).toEqual([404, '']);
  }
});

test('the data quota is in MB with six decimals, as numbers, its dates with a space', async () => {
  const { text, body } = await world.ofSim(SIM.low, '/quota/data');
  expect(text).toMatch(/"volume":\d{1,3}\.\d{1,6},"total_volume":500,/);
  expect(body).toEqual({
    volume: expect.any(Number),
    total_volume: 500,
    expiry_date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    peak_throughput: 1_000_000,
    last_volume_added: 500,
    last_status_change_date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    threshold_percentage: 20,
  });
});

test('the SMS quota counts messages and has no throughput', async () => {
  const { body } = await world.ofSim(SIM.plain, '/quota/sms');
  expect(body).toMatchObject({ total_volume: 250, last_volume_added: 250, threshold_percentage: 20 });
  expect(Number.isInteger(body.volume)).toBe(true);
  expect(body).not.toHaveProperty('peak_throughput');
});

test('usage comes newest first, in texts, the sum last', async () => {
  const { body } = await world.ofSim(SIM.plain, '/usage?start_dt=2026-11-10&end_dt=2026-11-12');
  expect(body.stats.map((row: { date: string }) => row.date)).toEqual([
    '2026-11-12',
    '2026-11-11',
    '2026-11-10',
    'TOTAL',
  ]);
  const [newest] = body.stats;
  expect(newest.data).toEqual({
    volume: expect.stringMatching(/^\d+\.\d{6}$/),
    volume_tx: expect.stringMatching(/^\d+\.\d{6}$/),
    volume_rx: expect.stringMatching(/^\d+\.\d{6}$/),
    cost: `${newest.data.volume}0000`,
    traffic_type: { description: 'Data', unit: 'MB', id: 5 },
    currency: { code: 'EUR', symbol: '€', id: 1 },
  });
  expect(body.stats.at(-1).data).not.toHaveProperty('cost');
  expect(body.stats.at(-1).data).not.toHaveProperty('traffic_type');
});

test('a day without traffic is "0" and has neither cost nor currency', async () => {
  const { body } = await world.ofSim(SIM.silent, '/usage?start_dt=2026-11-19&end_dt=2026-11-20');
  expect(body.stats[0]).toEqual({
    date: '2026-11-20',
    data: { volume: '0', volume_tx: '0', volume_rx: '0' },
    sms: { volume: '0', volume_tx: '0', volume_rx: '0' },
  });
});

test.each([
  ['years for days', 'start_dt=2000&end_dt=1998'],
  ['backwards', 'start_dt=2026-11-12&end_dt=2026-11-10'],
  ['no day of any month', 'start_dt=2026-02-30&end_dt=2026-11-10'],
  ['older than six months', 'start_dt=2025-01-01&end_dt=2025-01-31'],
])('a range that makes no sense (%s) brings only the sum', async (_, range) => {
  const { status, body } = await world.ofSim(SIM.plain, `/usage?${range}`);
  expect(status).toBe(200);
  expect(body.stats).toEqual([
    {
      date: 'TOTAL',
      data: { volume: '0', volume_tx: '0', volume_rx: '0' },
      sms: { volume: '0', volume_tx: '0', volume_rx: '0' },
    },
  ]);
});

test('usage reaches back six months and not into the future; without dates it is the month so far', async () => {
  const dates = async (query: string) =>
    (await world.ofSim(SIM.plain, `/usage${query}`)).body.stats.map((row: { date: string }) => row.date);
  const all = await dates('?start_dt=2020-01-01&end_dt=2030-01-01');
  expect([all[0], all.at(-2), all.at(-1)]).toEqual(['2026-11-20', '2026-05-20', 'TOTAL']);
  const month = await dates('');
  expect([month[0], month.at(-2), month.length]).toEqual(['2026-11-20', '2026-11-01', 21]);
});

test('the status is a word, where a session is absent without one, and ids are of mixed types', async () => {
  const all = await Promise.all(Array.from({ length: 30 }, (_, i) => world.ofSim(i + 12, '/status')));
  const words = all.filter((a) => a.status === 200).map((a) => a.body);
  expect(new Set(words.map((w) => w.status))).toEqual(new Set(['ONLINE', 'ATTACHED', 'OFFLINE']));
  for (const one of words) {
    expect('pdp_context' in one).toBe(one.status === 'ONLINE');
    expect(one.location).toMatchObject({
      last_updated: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      operator_id: expect.any(String),
      operator: { id: expect.any(Number), country: { iso_code: expect.stringMatching(/^[a-z]{2}$/) } },
      country: { country_id: expect.any(String) },
    });
  }
  const session = words.find((w) => w.status === 'ONLINE').pdp_context;
  expect(session).toMatchObject({ duration: expect.stringMatching(/^\d\d:\d\d:\d\d$/), created: expect.any(String) });
});

test('the cell is known on 2G and 3G only', async () => {
  const radios = new Map<string, boolean>();
  for (let number = 12; number < 60; number++) {
    const status = (await world.ofSim(number, '/status')).body;
    const { body } = await world.ofSim(number, '/connectivity_info');
    if (status?.pdp_context) radios.set(status.pdp_context.rat_type.description, body.subscriber_info.success);
    if (body?.subscriber_info.success) {
      expect(body).toEqual({
        subscriber_info: {
          success: true,
          state: 'assumed_idle',
          location: {
            current_location_retrieved: expect.any(Boolean),
            age_of_location: expect.any(Number),
            cell_global_id: {
              mcc: expect.any(String),
              mnc: expect.any(String),
              lac: expect.any(Number),
              cid: expect.any(Number),
            },
          },
        },
        request_timestamp: '2026-11-20T12:00:00.000+0000',
        reply_timestamp: '2026-11-20T12:00:00.202+0000',
      });
    }
  }
  expect(Object.fromEntries(radios)).toEqual({ LTE: false, GPRS: true, UMTS: true });
  const without = await world.ofSim(12, '/connectivity_info?subscriber=false&ussd=true');
  expect(Object.keys(without.body)).toEqual(['ussd_info', 'request_timestamp', 'reply_timestamp']);
});

test('events are wrapped, newest first, paged in headers and body, and sorted as asked', async () => {
  const { body, headers } = await world.ofSim(SIM.plain, '/events?pageSize=5');
  expect(body.events).toHaveLength(5);
  expect(body.totalEvents).toBe(Number(headers.get('x-total-count')));
  expect([body.totalPages, headers.get('x-current-page')]).toEqual([Math.ceil(body.totalEvents / 5), '1']);
  const times = (answer: typeof body) => answer.events.map((e: { timestamp: string }) => e.timestamp);
  expect(times(body)).toEqual(times(body).toSorted().reverse());
  const oldest = (await world.ofSim(SIM.plain, '/events?pageSize=1000&sort=timestamp')).body;
  expect(oldest.events[0]).toEqual({
    timestamp: expect.stringMatching(/\.000\+0000$/),
    event_type: "Status of SIM changed from 'Issued' to 'Activated'",
    iccid: iccid(SIM.plain),
    alert: false,
    event_severity: 'Info',
  });
});

test('an expired SIM is refused whatever would change it, and its card, quota and usage are still told', async () => {
  const paths = ['', '/quota/data', '/usage'];
  for (const path of paths) expect((await world.ofSim(SIM.expired, path)).status).toBe(200);
  const put = await world.call('PUT', `/v1/sims/${iccid(SIM.expired)}`, { label: 'x' });
  expect([put.status, put.body.message]).toEqual([422, expect.stringContaining('only extensions')]);
  expect((await world.ofSim(SIM.expired, '/status')).status).toBe(422);
  expect((await world.ofSim(SIM.expired, '/status', 'v2')).body.status.description).toBe('OFFLINE');
  expect((await world.call('PUT', `/v2/sims/${iccid(SIM.expired)}`, { label: 'x' })).status).toBe(409);
  expect((await world.ofSim(SIM.expired, '/quota/data', 'v2')).body.status).toEqual({ id: 2, description: 'EXPIRED' });
});

test('the fleet has one of each kind', async () => {
  const level = async (number: number) => (await world.ofSim(number)).body.quota_status;
  expect(await level(SIM.plain)).toEqual({ id: 0, description: 'More than 20% available' });
  expect(await level(SIM.low)).toMatchObject({ id: 1, threshold_reached_date: expect.any(String) });
  expect(await level(SIM.exhausted)).toMatchObject({ id: 2, quota_exceeded_date: expect.any(String) });
  expect((await world.ofSim(SIM.exhausted, '/quota/data')).body.volume).toBe(0);
  expect((await world.ofSim(SIM.silent, '/status')).body.status).toBe('OFFLINE');
});

test('the roamer and the changed device turn at the first midnight after the anchor', async () => {
  const country = async () => (await world.ofSim(SIM.roamer, '/status')).body.location.country.iso_code;
  const imei = async () => (await world.ofSim(SIM.device)).body.imei;
  const before = [await country(), await imei()];
  world.now = Date.parse('2026-11-20T23:59:59Z');
  world.forgetToken();
  expect([await country(), await imei()]).toEqual(before);
  world.now += 1000;
  const after = [await country(), await imei()];
  expect(after[0]).not.toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  const events = (await world.ofSim(SIM.device, '/events')).body.events;
  expect(events).toContainEqual(expect.objectContaining({ event_type: 'IMEI changed', alert: true, imei: after[1] }));
});

test('the runaway uses twenty times its median on every day from the anchor on', async () => {
  world.now = NOW + DAY_MS;
  const { stats } = (await world.ofSim(SIM.runaway, '/usage?start_dt=2026-11-01&end_dt=2026-11-20')).body;
  const [today, ...days] = stats.slice(0, -1).map((row: { data: { volume: string } }) => Number(row.data.volume));
  const median = days.toSorted((a: number, b: number) => a - b)[9];
  expect(today / median).toBeGreaterThan(18);
  expect(today / median).toBeLessThan(22);
});
