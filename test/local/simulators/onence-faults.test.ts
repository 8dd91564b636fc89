import { expect, test } from 'vitest';
import type { FaultRequest } from '../../../local/simulators/simulator.ts';
import { DAY_MS, HOUR_MS, iccid, memory, SIM, useWorld } from './onence-world.ts';

const world = useWorld();
const LIST = '/v1/sims?pageSize=100';
const inject = (fault: string, parameters: Record<string, unknown> = {}) =>
  world.onence.inject({ fault, ...parameters });
const left = async (number: number): Promise<number> => (await world.ofSim(number, '/quota/data')).body.volume;
const day = async (number: number, of: string): Promise<number> =>
  Number((await world.ofSim(number, `/usage?start_dt=${of}&end_dt=${of}`)).body.stats[0].data.volume);
const statuses = async (count: number, path = LIST) => {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await world.get(path)).status);
  return found;
};
const iccids = async (page: number) =>
  (await world.get(`${LIST}&page=${page}`)).body.map((s: { iccid: string }) => s.iccid);

test('unauthorized ends every token so far, and refuses logins where it is told to', async () => {
  expect((await world.get(LIST)).status).toBe(200);
  inject('unauthorized');
  expect((await world.get(LIST)).body).toMatchObject({ status: 401, error: 'Unauthorized' });
  world.forgetToken();
  expect((await world.get(LIST)).status).toBe(200);
  inject('unauthorized', { times: 2 });
  expect(world.account.pendingFaults).toEqual([{ fault: 'unauthorized', times: 2 }]);
  const logins = [(await world.logIn()).status, (await world.logIn()).status, (await world.logIn()).status];
  expect(logins).toEqual([400, 400, 200]);
});

test('expire-token ends the token of the next call, or of the next call to one path', async () => {
  await world.get(LIST);
  inject('expire-token', { endpoint: 'usage' });
  expect((await world.get(LIST)).status).toBe(200);
  expect((await world.ofSim(1, '/usage')).status).toBe(401);
  expect((await world.get(LIST)).status).toBe(401);
  world.forgetToken();
  expect((await world.get(LIST)).status).toBe(200);
});

test.each([
  [30, '30'],
  ['Fri, 20 Nov 2026 12:01:00 GMT', 'Fri, 20 Nov 2026 12:01:00 GMT'],
  ['soon', 'soon'],
  [-5, '-5'],
  [undefined, null],
])('rate-limit answers 429 with whatever Retry-After it was given (%s)', async (retryAfter, expected) => {
  await world.get(LIST);
  inject('rate-limit', { times: 2, ...(retryAfter === undefined ? {} : { retryAfter }) });
  const first = await world.get(LIST);
  expect([first.status, first.headers.get('retry-after')]).toEqual([429, expected]);
  expect(await statuses(2)).toEqual([429, 200]);
  expect(world.account.throttled).toBe(2);
});

test('server-error is a page of HTML by the gateway, or the error of the version', async () => {
  await world.get(LIST);
  inject('server-error', { times: 2 });
  const outage = await world.get(LIST);
  expect([outage.status, outage.headers.get('content-type')]).toEqual([503, 'text/html']);
  expect(await statuses(2)).toEqual([503, 200]);
  inject('server-error', { status: 500, times: 2 });
  expect((await world.get(LIST)).body).toMatchObject({ status: 500, path: '/internal-global-api/v1/sims' });
  expect((await world.get('/v2/sims')).body).toMatchObject({ error_token: 'InternalServerError' });
});

test('a fault for one path strikes there only', async () => {
  inject('server-error', { endpoint: 'quota/data' });
  expect(await statuses(2)).toEqual([200, 200]);
  expect((await world.ofSim(1, '/quota/data')).status).toBe(503);
  expect((await world.ofSim(1, '/quota/data')).status).toBe(200);
  inject('server-error', { endpoint: 'token' });
  expect(await statuses(1)).toEqual([200]);
  expect((await world.logIn()).status).toBe(503);
});

test('slow waits before it answers, and a closing simulator does not wait for it', async () => {
  await world.get(LIST);
  inject('slow', { seconds: 0.01 });
  expect(await statuses(1)).toEqual([200]);
  inject('slow', { seconds: 60 });
  const pending = world.get(LIST).then(
    () => 'answered',
    () => 'cut',
  );
  await expect.poll(() => world.account.pendingFaults).toEqual([]);
  await world.onence.close();
  expect(await pending).toBe('cut');
  await world.start();
});

test.each([
  ['html', (text: string) => text.startsWith('<!DOCTYPE html>')],
  ['empty', (text: string) => text === ''],
  ['truncated', (text: string) => text.startsWith('[{"iccid"') && !text.endsWith(']')],
  ['wrong-types', (text: string) => JSON.parse(text)[0].iccid.text === iccid(1)],
  ['deep', (text: string) => text.startsWith('[[[[[[') && text.length === 200_000],
  ['huge', (text: string) => text.length > 3_000_000],
])('garbage can be %s, in a 200, once', async (shape, isSo) => {
  await world.get(LIST);
  inject('garbage', { shape });
  const spoilt = await world.get(LIST);
  expect([spoilt.status, isSo(spoilt.text)]).toEqual([200, true]);
  expect((await world.get(LIST)).body).toHaveLength(100);
});

test('repeat-page gives one page for all that follow, until recover', async () => {
  inject('repeat-page');
  const first = await iccids(1);
  expect(await iccids(2)).toEqual(first);
  expect(await iccids(3)).toEqual(first);
  expect(world.account.pendingFaults).toEqual([
    { fault: 'repeat-page', times: 'until recover', page: 1, shape: 'same' },
  ]);
  inject('recover');
  expect(await iccids(2)).not.toEqual(first);
  inject('repeat-page', { page: 2, times: 1 });
  expect(await iccids(1)).toEqual(first);
  expect(await iccids(3)).toEqual([...Array(100).keys()].map((i) => iccid(101 + i)));
  expect(await iccids(3)).toHaveLength(40);
});

test('a list that grows announces one page more with every page', async () => {
  inject('repeat-page', { shape: 'growing' });
  for (const page of [1, 2, 3, 4, 50]) {
    const { body, headers } = await world.get(`${LIST}&page=${page}`);
    expect(Number(headers.get('x-total-pages'))).toBeGreaterThanOrEqual(Math.max(3, page + 1));
    expect(body.length).toBeGreaterThan(0);
  }
});

test('a lost page is empty, or the last one is not announced, while the count stays', async () => {
  inject('lost-page', { page: 2 });
  expect(await iccids(1)).toHaveLength(100);
  const lost = await world.get(`${LIST}&page=2`);
  expect([lost.body, lost.headers.get('x-total-count'), lost.headers.get('x-total-pages')]).toEqual([[], '240', '3']);
  inject('recover');
  inject('lost-page', { shape: 'short' });
  const { headers } = await world.get(LIST);
  expect([headers.get('x-total-count'), headers.get('x-total-pages')]).toEqual(['240', '2']);
});

test('a missing SIM is gone from the list and by itself until recover', async () => {
  inject('missing-sim', { iccid: iccid(SIM.low) });
  expect(world.account.sims).toBe(239);
  expect(await iccids(1)).not.toContain(iccid(SIM.low));
  expect(await iccids(1)).toHaveLength(100);
  expect((await world.get(LIST)).headers.get('x-total-count')).toBe('239');
  expect((await world.ofSim(SIM.low)).text).toBe('');
  inject('recover');
  expect(await iccids(1)).toContain(iccid(SIM.low));
});

test('added SIMs are listed last', async () => {
  inject('add-sims', { count: 5 });
  expect(await iccids(3)).toHaveLength(45);
  expect((await iccids(3)).at(-1)).toBe(iccid(245));
  expect(() => inject('add-sims', { count: 100_000 })).not.toThrow();
  expect(() => inject('add-sims', { count: 100_000 })).toThrow(/131072 SIMs at most/);
});

test('restate changes what a past day used, and what is left with it', async () => {
  const [before, other, remaining] = [await day(20, '2026-11-15'), await day(20, '2026-11-16'), await left(20)];
  inject('restate', { iccid: iccid(20), day: '2026-11-15', megabytes: 1.234567 });
  expect(await day(20, '2026-11-15')).toBe(1.234567);
  expect(await day(20, '2026-11-16')).toBe(other);
  expect(await left(20)).toBeCloseTo(remaining + before - 1.234567, 6);
  inject('restate', { iccid: 20, megabytes: 0 });
  expect(await day(20, '2026-11-19')).toBe(0);
});

test('drain leaves so much of the total, and the usage of today shows where it went', async () => {
  const [used, remaining] = [await day(1, '2026-11-20'), await left(1)];
  inject('drain', { remainingPercent: 4.5 });
  expect(await left(1)).toBe(22.5);
  expect(await day(1, '2026-11-20')).toBeCloseTo(used + remaining - 22.5, 6);
  expect((await world.ofSim(1)).body.quota_status.id).toBe(1);
  inject('drain', { remainingPercent: 0 });
  expect((await world.ofSim(1)).body.quota_status.id).toBe(2);
  expect(() => inject('drain', { remainingPercent: 50 })).toThrow(/less than 50 %/);
});

test('topup adds 500 MB, or fills to a share, and costs nothing', async () => {
  const before = await left(SIM.low);
  inject('topup', { iccid: SIM.low });
  expect(await left(SIM.low)).toBeCloseTo(before + 500, 6);
  inject('topup', { iccid: SIM.exhausted, remainingPercent: 50 });
  expect(await left(SIM.exhausted)).toBe(250);
  expect(() => inject('topup', { iccid: SIM.exhausted, remainingPercent: 10 })).toThrow(/more than 10 %/);
  expect(world.account.orders).toBe(0);
});

test('a silenced SIM sends nothing until recover', async () => {
  inject('silence', { iccid: 20 });
  const before = await left(20);
  world.now += DAY_MS;
  world.forgetToken();
  expect(await left(20)).toBe(before);
  expect((await world.ofSim(20, '/status')).body).toMatchObject({ status: 'OFFLINE' });
  expect((await world.ofSim(20)).body.status).toBe('Activated');
  inject('recover');
  world.now += HOUR_MS / 2;
  expect(await left(20)).toBeLessThan(before);
});

test('swap-imei puts the SIM into another device, move into another country', async () => {
  const imei = async () => (await world.ofSim(1)).body.imei;
  const before = await imei();
  inject('swap-imei');
  expect(await imei()).not.toBe(before);
  inject('move', { country: 'KE' });
  expect((await world.ofSim(1, '/status')).body.location.country).toMatchObject({ iso_code: 'ke', mcc: '639' });
  inject('move');
  expect((await world.ofSim(1, '/status')).body.location.country.iso_code).not.toBe('ke');
  const types = (await world.ofSim(1, '/events')).body.events.map((e: { event_type: string }) => e.event_type);
  expect(types).toEqual(expect.arrayContaining(['IMEI changed', 'Country changed to Kenya']));
});

test('bad-request-v1 retires version 1 of SIMs, version 2 goes on', async () => {
  inject('bad-request-v1');
  const retired = await world.ofSim(1, '/usage');
  expect([retired.status, retired.text]).toEqual([410, '']);
  expect((await world.ofSim(1, '/usage', 'v2')).status).toBe(200);
  expect((await world.get('/v2/sims')).status).toBe(200);
  inject('recover');
  expect((await world.ofSim(1, '/usage')).status).toBe(200);
});

test('what a fault changed of a SIM survives a restart, what still was to strike does not', async () => {
  const { persist } = memory();
  await world.restart({ persist });
  inject('drain', { remainingPercent: 3 });
  inject('add-sims', { count: 2 });
  inject('missing-sim', { iccid: 2 });
  inject('swap-imei', { iccid: 3 });
  inject('bad-request-v1');
  const imei = (await world.ofSim(3, '', 'v2')).body.imei;
  await world.restart({ persist });
  expect(await left(1)).toBe(15);
  expect((await world.ofSim(3)).body.imei).toBe(imei);
  expect(world.account).toMatchObject({ sims: 241, pendingFaults: [] });
});

test('the state counts calls by path and shows no credential', async () => {
  const login = await world.logIn();
  await world.get(LIST);
  await world.ofSim(1, '/usage');
  await world.ofSim(2, '/usage');
  inject('server-error', { times: 3 });
  expect(world.account).toEqual({
    account: 1,
    name: 'fleet',
    title: '1NCE fleet (simulated)',
    sims: 240,
    changedSims: 0,
    logins: 2,
    throttled: 0,
    calls: { 'POST /oauth/token': 2, 'GET /v1/sims': 1, 'GET /v1/sims/{iccid}/usage': 2 },
    orders: 0,
    moneySpent: { amountMinor: '0', currency: 'EUR' },
    pendingFaults: [{ fault: 'server-error', times: 3 }],
  });
  const shown = JSON.stringify(world.onence.state());
  for (const secret of ['simulated-secret-of-the-fleet', login.body.access_token]) expect(shown).not.toContain(secret);
});

test('every fault is described with its parameters', () => {
  expect(world.onence.faults().map((f) => f.name)).toEqual([
    'unauthorized',
    'expire-token',
    'rate-limit',
    'server-error',
    'slow',
    'garbage',
    'repeat-page',
    'lost-page',
    'missing-sim',
    'add-sims',
    'restate',
    'drain',
    'topup',
    'silence',
    'swap-imei',
    'move',
    'bad-request-v1',
    'recover',
  ]);
  for (const { parameters } of world.onence.faults()) expect(Object.keys(parameters)).toContain('account');
});

test('a form that sends empty fields means what was not given', () => {
  expect(() => inject('topup', { iccid: '', remainingPercent: '', account: '' })).not.toThrow();
});

test.each<[FaultRequest, RegExp]>([
  [{ fault: 'explode' }, /fault must be one of unauthorized, expire-token/],
  [{ fault: 'constructor' }, /fault must be one of/],
  [{ fault: 'drain' }, /remainingPercent must be a number from 0 to 100/],
  [{ fault: 'drain', remainingPercent: 101 }, /remainingPercent must be a number/],
  [{ fault: 'drain', remainingPercent: 5, percent: 5 }, /drain has no parameter percent/],
  [{ fault: 'drain', remainingPercent: 5, iccid: 241 }, /iccid must be the ICCID of a SIM of the account, or 1 to 240/],
  [{ fault: 'silence', iccid: 'nonsense' }, /iccid must be/],
  [{ fault: 'silence', iccid: 0 }, /iccid must be/],
  [{ fault: 'slow', seconds: -1 }, /seconds must be a number from 0 to 600/],
  [{ fault: 'slow', times: 0 }, /times must be a number from 1 to 1000000/],
  [{ fault: 'slow', times: 1.5 }, /times must be a whole number/],
  [{ fault: 'server-error', status: 404 }, /status must be a number from 500 to 599/],
  [{ fault: 'server-error', account: 3 }, /account must be 1 to 1 or one of fleet/],
  [{ fault: 'garbage', shape: 'round' }, /shape must be one of html/],
  [{ fault: 'repeat-page', shape: 'round' }, /shape must be one of same, growing/],
  [{ fault: 'rate-limit', retryAfter: '1\r\nx: 1' }, /printable/],
  [{ fault: 'move', country: 'xx' }, /country must be one of pl/],
  [{ fault: 'restate', day: '2026-02-30', megabytes: 1 }, /day must be a day in the form YYYY-MM-DD/],
  [{ fault: 'restate', day: '2026-11-20', megabytes: 1 }, /day must be before today/],
  [{ fault: 'restate' }, /megabytes must be a number/],
])('the fault %j is refused with a sentence', (fault, sentence) => {
  expect(() => world.onence.inject(fault)).toThrow(RangeError);
  expect(() => world.onence.inject(fault)).toThrow(sentence);
});
