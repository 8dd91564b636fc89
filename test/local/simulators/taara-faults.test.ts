import { expect, test } from 'vitest';
import type { FaultRequest } from '../../../local/simulators/simulator.ts';
import { DAY_MS, HOUR_MS, home, NOW, office, useWorld } from './taara-world.ts';

const world = useWorld();

test('drain and topup set the balance at once, and it goes on falling from there', async () => {
  world.taara.inject({ fault: 'drain', remainingPercent: 4.5 });
  expect(await world.usage(home)).toBe(45_000_000_000);
  world.now += HOUR_MS;
  const later = (await world.usage(home)) ?? 0;
  expect(later).toBeLessThan(45_000_000_000);
  expect(later).toBeGreaterThan(40_000_000_000);
  world.taara.inject({ fault: 'topup', remainingPercent: 80 });
  expect(world.percentOf()).toBe(80);
  world.taara.inject({ fault: 'topup' });
  expect(world.percentOf()).toBe(100);
  expect(world.percentOf(1)).toBeLessThan(13);
});

test('a drained plan is empty, not negative, and renews itself in time', async () => {
  world.taara.inject({ fault: 'drain', remainingPercent: 0 });
  world.now += DAY_MS;
  expect(await world.usage(home)).toBe(0);
  world.now = NOW + 16 * DAY_MS;
  expect(await world.usage(home)).toBe(1_000_000_000_000);
});

test('the account is named by number or by name', () => {
  world.taara.inject({ fault: 'drain', account: 2, remainingPercent: 3 });
  expect(world.percentOf(1)).toBe(3);
  world.taara.inject({ fault: 'drain', account: 'office', remainingPercent: 2 });
  expect(world.percentOf(1)).toBe(2);
  expect(world.percentOf(0)).toBeCloseTo(62, 3);
});

test('what was drained survives a restart, and so does the curve', async () => {
  const kept: { state?: unknown } = {};
  const persist = {
    load: () => kept.state,
    save(state: unknown) {
      kept.state = JSON.parse(JSON.stringify(state));
    },
  };
  await world.taara.close();
  await world.start({ persist });
  world.taara.inject({ fault: 'drain', remainingPercent: 15 });
  world.now += HOUR_MS;
  const before = [world.percentOf(0), world.percentOf(1)];
  await world.taara.close();
  await world.start({ persist });
  expect([world.percentOf(0), world.percentOf(1)]).toEqual(before);
  await world.taara.close();
  await world.start({ persist: { load: () => ({ adjustments: 'nonsense' }), save: () => undefined } });
  expect(world.percentOf(0)).toBeGreaterThan(60);
});

test('unauthorized ends the present token and refuses as many logins as told', async () => {
  const token = await world.tokenOf(home);
  world.taara.inject({ fault: 'unauthorized', times: 2 });
  expect((await world.read(home, token)).status).toBe(401);
  expect((await world.logIn(home)).status).toBe(401);
  expect((await world.logIn(home)).status).toBe(401);
  expect((await world.logIn(home)).status).toBe(200);
});

test('expire-token strikes the next data call, once unless told', async () => {
  const token = await world.tokenOf(home);
  world.taara.inject({ fault: 'expire-token' });
  expect((await world.read(home, token)).status).toBe(401);
  expect((await world.read(home, await world.tokenOf(home))).status).toBe(200);
});

test('rate-limit answers 429 with whatever Retry-After it was given', async () => {
  for (const [retryAfter, expected] of [
    [30, '30'],
    ['Fri, 20 Nov 2026 12:01:00 GMT', 'Fri, 20 Nov 2026 12:01:00 GMT'],
    [undefined, null],
  ] as const) {
    world.taara.inject({ fault: 'rate-limit', ...(retryAfter === undefined ? {} : { retryAfter }) });
    const answer = await world.logIn(home);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, expected]);
  }
  expect((await world.logIn(home)).status).toBe(200);
});

test('server-error, garbage and slow strike as often as told, and the other account not at all', async () => {
  const token = await world.tokenOf(home);
  const other = await world.tokenOf(office);
  world.taara.inject({ fault: 'server-error', times: 2 });
  expect([
    (await world.read(home, token)).status,
    (await world.read(office, other)).status,
    (await world.read(home, token)).status,
  ]).toEqual([500, 200, 500]);
  world.taara.inject({ fault: 'garbage' });
  const garbage = await world.read(home, token);
  expect([garbage.status, garbage.headers.get('content-type')]).toEqual([200, 'text/html']);
  world.taara.inject({ fault: 'slow', seconds: 0.3 });
  const startedAt = performance.now();
  expect((await world.read(home, token)).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThan(280);
  expect((await world.read(home, token)).status).toBe(200);
});

test('pending faults are shown until they have struck, and no credential is', async () => {
  world.taara.inject({ fault: 'server-error', times: 2 });
  await world.logIn(home);
  expect(world.taara.state()).toMatchObject({
    accounts: [{ name: 'home', pendingFaults: [{ fault: 'server-error', times: 1 }], calls: { login: 1 } }, {}],
  });
  const shown = JSON.stringify(world.taara.state());
  for (const secret of [home.passcode, home.nationalNumber, home.partnerId]) expect(shown).not.toContain(secret);
});

test('every fault is described with its parameters', () => {
  expect(world.taara.faults().map((f) => f.name)).toEqual([
    'drain',
    'topup',
    'unauthorized',
    'expire-token',
    'rate-limit',
    'server-error',
    'slow',
    'garbage',
    'recover',
  ]);
  for (const { parameters } of world.taara.faults()) expect(Object.keys(parameters)).toContain('account');
});

test.each<[FaultRequest, RegExp]>([
  [{ fault: 'explode' }, /fault must be one of drain, topup/],
  [{ fault: 'constructor' }, /fault must be one of/],
  [{ fault: 'drain' }, /remainingPercent must be a number from 0 to 100/],
  [{ fault: 'drain', remainingPercent: 101 }, /remainingPercent must be a number/],
  [{ fault: 'drain', remainingPercent: '' }, /remainingPercent must be a number/],
  [{ fault: 'drain', remainingPercent: 5, percent: 5 }, /drain has no parameter percent/],
  [{ fault: 'slow', seconds: -1 }, /seconds must be a number from 0 to 600/],
  [{ fault: 'slow', times: 0 }, /times must be a number from 1 to 1000/],
  [{ fault: 'slow', times: 1.5 }, /times must be a whole number/],
  [{ fault: 'server-error', account: 3 }, /account must be 1 to 2 or one of home, office/],
  [{ fault: 'server-error', account: 'nobody' }, /account must be/],
  [{ fault: 'garbage', shape: 'round' }, /shape must be one of html/],
  [{ fault: 'rate-limit', retryAfter: '1\r\nx: 1' }, /printable/],
])('the fault %j is refused with a sentence', (fault, sentence) => {
  expect(() => world.taara.inject(fault)).toThrow(RangeError);
  expect(() => world.taara.inject(fault)).toThrow(sentence);
});

test('closing does not wait for a slow answer', async () => {
  world.taara.inject({ fault: 'slow', seconds: 60 });
  const pending = world.logIn(home).then(
    () => 'answered',
    () => 'cut',
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  const startedAt = performance.now();
  await world.taara.close();
  expect(performance.now() - startedAt).toBeLessThan(1000);
  expect(await pending).toBe('cut');
  await world.start();
});
