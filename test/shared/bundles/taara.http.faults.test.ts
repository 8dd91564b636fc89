import { expect, test } from 'vitest';
import type { AppError } from '../../../shared/platform/errors.ts';
import { respond } from '../platform/hostile-server.ts';
import { fixtureText } from './fixtures.ts';
import { account, failureOf, operationsOf, secret, tokenCache, useWorld } from './taara-world.ts';

const world = useWorld();

test('a token that could smuggle something into a header is malformed, and is not repeated', async () => {
  const server = await world.portal(
    respond(500, ''),
    respond(200, JSON.stringify({ accessToken: 'secret-part\r\nx: 1' })),
  );
  const failure = await failureOf(world.collectorOf({ simulatorUrl: server.url }).read(world.jobOf()));
  expect(failure.code).toBe('SOURCE_MALFORMED');
  expect(JSON.stringify([failure.message, failure.context])).not.toContain('secret-part');
});

test.each([
  ['seconds', '120', 120],
  ['a date', 'Fri, 20 Nov 2099 12:00:00 GMT', 3600],
  ['absent', undefined, 60],
  ['absurd', '99999999999', 3600],
  ['words', 'later', 60],
])('F10: a 429 with Retry-After as %s', async (_, retryAfter, expected) => {
  world.taara.inject({ fault: 'rate-limit', ...(retryAfter === undefined ? {} : { retryAfter }) });
  const failure = await failureOf(world.collectorOf().read(world.jobOf()));
  expect(failure).toMatchObject({ code: 'SOURCE_THROTTLED', retryable: true, context: { status: 429 } });
  expect(failure.context.retryAfterSeconds).toBe(expected);
  expect(operationsOf(failure)).toEqual([['login', false, 429]]);
});

test('a 5xx is an absence with its status, and the token is kept', async () => {
  const collector = world.collectorOf();
  const tokens = tokenCache();
  await collector.read(world.jobOf({ tokens }));
  world.taara.inject({ fault: 'server-error' });
  const failure = await failureOf(collector.read(world.jobOf({ tokens })));
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', context: { failure: 'status', status: 500 } });
  expect(operationsOf(failure)).toEqual([['data', false, 500]]);
  expect(tokens.token).toBeDefined();
});

test("F12: a slow service is given up at the job's deadline", async () => {
  world.taara.inject({ fault: 'slow', seconds: 60 });
  const startedAt = performance.now();
  const failure = await failureOf(world.collectorOf().read(world.jobOf({ deadline: world.now + 200 })));
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', context: { failure: 'timeout' } });
  expect(operationsOf(failure)).toEqual([['login', false, undefined]]);
});

test.each([
  ['html', /web page/],
  ['empty', /empty/],
  ['truncated', /not complete JSON/],
  ['wrong-types', /data\.subscriberActiveAndUnusedPlans must be of type array/],
  ['deep', /nests deeper/],
  ['huge', /more than 2000000 bytes/],
])('F13: %s instead of an answer is malformed', async (shape, problem) => {
  world.taara.inject({ fault: 'garbage', shape });
  const failure = await failureOf(world.collectorOf().read(world.jobOf()));
  expect(failure).toMatchObject({ code: 'SOURCE_MALFORMED', retryable: false, context: { status: 200 } });
  expect(failure.message).toMatch(problem);
  expect(operationsOf(failure)).toEqual([
    ['login', true, 200],
    ['data', false, 200],
  ]);
  expect((failure.context.rawText ?? '').length).toBeLessThan(2100);
});

test('F13: good plans of a partly malformed answer are read, and the rest is rejected with its text', async () => {
  const server = await world.portal(respond(200, fixtureText('bundle-200-partly-malformed')));
  const page = await world.collectorOf({ simulatorUrl: server.url }).read(world.jobOf());
  expect(page.readings).toHaveLength(3);
  expect(page.rejected).toContainEqual({
    path: 'data.subscriberActiveAndUnusedPlans[0].remainingBalance',
    message: 'not an amount that is understood',
    rawText: '1,024.5 GB',
  });
  expect(page.complete).toBe(false);
});

test('F13: thousands of bad records are counted, not listed', async () => {
  const body = JSON.stringify({ data: { subscriberActiveAndUnusedPlans: [], purchasedHistory: Array(900).fill(1) } });
  const server = await world.portal(respond(200, body));
  const page = await world.collectorOf({ simulatorUrl: server.url }).read(world.jobOf());
  expect(page.rejected).toHaveLength(101);
  expect(page.rejected.at(-1)?.message).toBe('800 more values could not be used');
});

test('planted secrets are absent from raw text, rejections, operations and errors', async () => {
  const token = (JSON.parse(fixtureText('login-200')) as { accessToken: string }).accessToken;
  const planted = [
    secret.phoneNumber,
    secret.passcode,
    secret.partnerId,
    token,
    account.subscriberId,
    'Secret Place',
  ].map(String);
  const echo = planted.join(' | ');
  const good = JSON.parse(fixtureText('bundle-200')) as {
    data: { subscriberActiveAndUnusedPlans: unknown[]; purchasedHistory: unknown[] };
  };
  good.data.subscriberActiveAndUnusedPlans.push({
    planId: 'x',
    planName: 'x',
    remainingBalance: planted.slice(0, 5).join(' | '),
    expiresIn: '1 day',
    isActive: true,
  });
  good.data.purchasedHistory.push({
    purchasedHistoryPlans: [{ hotspotName: 'Secret Place', note: planted.slice(0, 5).join(' | ') }],
  });
  const headless = planted.slice(0, 5).join(' | ');
  const outcomes: string[] = [];
  for (const [status, body] of [
    [200, JSON.stringify(good)],
    [200, `{"hotspotName":"${echo}`],
    [200, `<html>${headless}</html>`],
    [500, headless],
    [429, JSON.stringify({ message: headless })],
    [418, JSON.stringify({ message: JSON.stringify({ hotspotName: echo }) })],
  ] as const) {
    const server = await world.portal(respond(status, body));
    const outcome = await world
      .collectorOf({ simulatorUrl: server.url })
      .read(world.jobOf())
      .catch((error: AppError) => ({ message: error.message, context: error.context, cause: String(error.cause) }));
    outcomes.push(
      JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
    );
  }
  for (const outcome of outcomes) {
    expect(outcome).toContain('•••');
    for (const value of planted) expect(outcome).not.toContain(value);
  }
});
