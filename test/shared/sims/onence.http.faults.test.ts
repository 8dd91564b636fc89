import { expect, test } from 'vitest';
import { AppError } from '../../../shared/platform/errors.ts';
import { NOON } from '../collect/fakes.ts';
import { CREDENTIALS, failureOf, ICCID, outcomes, type World, worldOf } from './onence-world.ts';
import type { Script, Told } from './scripted-onence.ts';

const SIM = { iccid: ICCID };
const SPRING = {
  timestamp: '2030-01-01T00:00:00.000+0000',
  status: 500,
  error: 'Oops',
  message: `no ${ICCID}`,
  path: '/x',
};
const HTML: Told = { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>down</html>' };

const always =
  (told: Told): Script =>
  () =>
    told;

test('fifty workers whose token ends at the same time log in once, and each repeats its call once', async () => {
  const world = await worldOf(always({ body: SIM }));
  const workers = Array.from({ length: 50 }, () => world.clientOf());
  await Promise.all(workers.map((worker) => worker.readSim(ICCID)));
  expect(world.api.logins()).toBe(1);
  world.api.tokens.clear();
  const answers = await Promise.all(workers.map((worker) => worker.readSim(ICCID)));
  expect(answers.every(({ value }) => value?.iccid === ICCID)).toBe(true);
  expect(world.api.logins()).toBe(2);
  expect(world.api.calls()).toHaveLength(50 + 100);
  expect(world.cache).toMatchObject({ token: 'token-2', writes: 2 });
});

test('a token that is refused once is replaced, and the call repeated in its turn', async () => {
  const world = await worldOf(always({ body: SIM }));
  world.cache.token = 'of yesterday';
  const client = world.clientOf();
  expect((await client.readSim(ICCID)).value).toMatchObject(SIM);
  expect(world.pace.taken).toBe(2);
  expect(outcomes(client.operations)).toEqual([
    ['SIM', false, 401],
    ['token', true, 200],
    ['SIM', true, 200],
  ]);
});

test('an account whose new token is refused as well is rejected, and no token is repeated', async () => {
  const world = await worldOf(always({ status: 401, body: { message: 'The token is invalid: token-1' } }));
  const failure = await failureOf(world.clientOf().readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_REJECTED', retryable: false, context: { status: 401 } });
  expect(JSON.stringify([failure.message, failure.context])).not.toMatch(/token-\d/);
  expect(world.api.logins()).toBe(2);
  expect(world.api.calls()).toHaveLength(2);
});

const refusal = (errorCode: string): Told => ({
  status: 400,
  body: { statusCode: 400, errorCode, message: `wrong for ${CREDENTIALS.clientId}:${CREDENTIALS.clientSecret}` },
});

test.each<[string, Told, string, RegExp]>([
  ['a wrong password', refusal('CognitoAuthenticationError'), 'SOURCE_REJECTED', /client id and secret/],
  ['a wrong password, newer spelling', refusal('BadCredentials'), 'SOURCE_REJECTED', /client id and secret/],
  ['no credentials', refusal('AuthValidationError'), 'SOURCE_REJECTED', /client id and secret/],
  ['401', { status: 401 }, 'SOURCE_REJECTED', /client id and secret/],
  ["the portal's owner", { status: 403 }, 'SOURCE_REJECTED', /owner cannot/],
  ['another 400', refusal('BodyValidationError'), 'SOURCE_MALFORMED', /HTTP 400/],
  ['a missing path', { status: 404 }, 'SOURCE_MALFORMED', /HTTP 404/],
  ['no body', {}, 'SOURCE_MALFORMED', /empty/],
  ['no token', { body: { token_type: 'bearer' } }, 'SOURCE_MALFORMED', /no access token/],
  ['a token with a line end', { body: { access_token: 'secret-part\r\nx: 1' } }, 'SOURCE_MALFORMED', /no access token/],
  ['a web page', { ...HTML, status: 200 }, 'SOURCE_MALFORMED', /web page/],
  ['an outage', HTML, 'SOURCE_UNAVAILABLE', /HTTP 503/],
  ['too many', { status: 429, headers: { 'retry-after': '7' } }, 'SOURCE_THROTTLED', /HTTP 429/],
  ['a lost connection', { fault: 'reset' }, 'SOURCE_UNAVAILABLE', /closed the connection/],
])('a login that meets %s', async (_, told, code, sentence) => {
  const world = await worldOf(always({ body: SIM }), told);
  const client = world.clientOf();
  const failure = await failureOf(client.readSim(ICCID));
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(sentence);
  expect(JSON.stringify([failure.message, failure.context])).not.toMatch(/secret-/);
  expect(outcomes(client.operations)).toEqual([['token', false, told.fault ? undefined : (told.status ?? 200)]]);
  expect(world.api.calls()).toEqual([]);
});

test.each([
  ['seconds', { 'retry-after': '120' }, 120],
  ['a date', { 'retry-after': 'Fri, 20 Nov 2026 12:02:00 GMT', date: 'Fri, 20 Nov 2026 12:00:00 GMT' }, 120],
  ['absent', {}, 2],
  ['absurd', { 'retry-after': '99999999999' }, 3600],
  ['words', { 'retry-after': 'later' }, 2],
])('a 429 with Retry-After as %s stops all workers, and nobody waits for it here', async (_, headers, seconds) => {
  const world = await worldOf(always({ status: 429, headers }));
  const client = world.clientOf();
  const failure = await failureOf(client.readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_THROTTLED', context: { status: 429, retryAfterSeconds: seconds } });
  expect(world.pace.heldUntil).toEqual([NOON + seconds * 1000]);
  expect(world.pauses).toEqual([]);
  expect(world.api.calls()).toHaveLength(1);
});

test('without Retry-After the wait doubles from wave to wave, and begins anew after a good answer', async () => {
  const statuses = [429, 429, 429, 200, 429];
  const world = await worldOf(() => {
    const status = statuses.shift() ?? 200;
    return status === 200 ? { body: SIM } : { status };
  });
  let now = NOON;
  const client = world.clientOf({ clock: { now: () => now }, deadline: NOON + 3_600_000 });
  const waits: unknown[] = [];
  for (let i = 0; i < 5; i++) {
    try {
      await client.readSim(ICCID);
      waits.push('answered');
    } catch (error) {
      const seconds = Number((error as AppError).context.retryAfterSeconds);
      waits.push(seconds);
      now += seconds * 1000;
    }
  }
  expect(waits).toEqual([2, 4, 8, 'answered', 2]);
});

test('a 429 is told as such even if the other workers could not be stopped', async () => {
  const world = await worldOf(always({ status: 429 }));
  const hold = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'the table did not answer'));
  const failure = await failureOf(world.clientOf({ pace: { ...world.pace, hold } }).readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_THROTTLED', context: { retryAfterSeconds: 2, holdFailed: true } });
});

test('a turn that does not come in time is no call', async () => {
  const world = await worldOf(always({ body: SIM }));
  const take = () => Promise.reject(new AppError('SOURCE_THROTTLED', 'no turn', { context: { retryAfterSeconds: 9 } }));
  const failure = await failureOf(world.clientOf({ pace: { ...world.pace, take } }).readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_THROTTLED', context: { retryAfterSeconds: 9 } });
  expect(world.api.calls()).toEqual([]);
});

const HICCUPS: [string, Told, object][] = [
  ['a v1 error', { status: 500, body: SPRING }, { failure: 'status', status: 500 }],
  [
    'a v2 error',
    { status: 500, body: { error_code: 1, error_token: 'InternalServerError', message: 'x' } },
    { failure: 'status', status: 500 },
  ],
  ['a gateway', HTML, { failure: 'status', status: 503 }],
  ['408', { status: 408 }, { failure: 'status', status: 408 }],
  ['a reset', { fault: 'reset' }, { failure: 'reset' }],
  ['a body that ends early', { fault: 'truncated', body: '[{"iccid":' }, { failure: 'reset' }],
];

test.each(HICCUPS)('%s that passes costs a pause and a second call', async (_, told) => {
  const world = await worldOf((_asked, nth) => (nth === 1 ? told : { body: SIM }));
  expect((await world.clientOf().readSim(ICCID)).value).toMatchObject(SIM);
  expect(world.pauses).toEqual([1000]);
  expect(world.pace.taken).toBe(2);
});

test.each(HICCUPS)('%s that stays is unavailable after two calls', async (_, told, context) => {
  const world = await worldOf(always(told));
  const client = world.clientOf();
  const failure = await failureOf(client.readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true, context });
  expect(world.api.calls()).toHaveLength(2);
  expect(JSON.stringify([failure.message, failure.context, client.operations])).not.toContain(ICCID);
});

test('an outage that says how long it will take is not tried again', async () => {
  const world = await worldOf(always({ ...HTML, headers: { 'retry-after': '120' } }));
  const failure = await failureOf(world.clientOf().readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', context: { retryAfterSeconds: 120 } });
  expect(world.api.calls()).toHaveLength(1);
});

test('no pause is made that would end after the deadline', async () => {
  const world = await worldOf(always(HTML));
  await failureOf(world.clientOf({ deadline: NOON + 900 }).readSim(ICCID));
  expect(world.pauses).toEqual([]);
  expect(world.api.calls()).toHaveLength(1);
});

test('an answer that drips is given up at the deadline', async () => {
  const world = await worldOf(always({ fault: 'drip', body: '' }));
  const failure = await failureOf(world.clientOf({ deadline: NOON + 300 }).readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', context: { failure: 'timeout' } });
});

test('nobody there', async () => {
  const world = await worldOf(always({ body: SIM }));
  const client = world.clientOf({ baseUrl: await unusedUrl() });
  const failure = await failureOf(client.readSim(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', context: { failure: 'refused' } });
});

async function unusedUrl(): Promise<string> {
  const gone = await worldOf(() => undefined);
  await gone.api.close();
  return gone.api.url;
}

const reads: [string, (world: World) => Promise<unknown>][] = [
  ['list', (world) => world.clientOf().listSims(1)],
  ['SIM', (world) => world.clientOf().readSim(ICCID)],
];

test.each(
  reads.flatMap(([read, of]) =>
    (
      [
        ['a web page', { ...HTML, status: 200 }, /web page/],
        ['half a JSON', { body: '[{"iccid":"89' }, /not complete JSON/],
        ['absurd nesting', { body: '['.repeat(1000) }, /nests deeper/],
        ['too much', { body: 'x'.repeat(2_100_000) }, /more than 2000000 bytes/],
        ['a redirect', { status: 302, headers: { location: 'http://192.0.2.1/' } }, /HTTP 302/],
        ['a status without sense', { status: 418 }, /HTTP 418/],
      ] as [string, Told, RegExp][]
    ).map(([what, told, problem]) => [what, read, told, problem, of] as const),
  ),
)('%s instead of a %s is malformed, at once', async (_, __, told, problem, of) => {
  const world = await worldOf(always(told));
  const failure = await failureOf(of(world));
  expect(failure).toMatchObject({ code: 'SOURCE_MALFORMED', retryable: false });
  expect(failure.message).toMatch(problem);
  expect(world.api.calls()).toHaveLength(1);
});

test.each<[string, Told, string, RegExp]>([
  ['nothing', {}, 'SOURCE_MALFORMED', /empty/],
  ['something else', { body: { message: 'hello' } }, 'SOURCE_MALFORMED', /no list of SIMs/],
  ['403', { status: 403 }, 'SOURCE_REJECTED', /owner cannot/],
  ['404', { status: 404 }, 'SOURCE_MALFORMED', /HTTP 404/],
])('a list that is %s', async (_, told, code, sentence) => {
  const world = await worldOf(always(told));
  const failure = await failureOf(world.clientOf().listSims(1));
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(sentence);
});

test.each<[string, Told, RegExp | undefined]>([
  ['an empty 200', {}, undefined],
  ['204', { status: 204 }, undefined],
  ['an empty 404', { status: 404 }, undefined],
  ['403', { status: 403 }, /does not let this user/],
  ['410', { status: 410 }, /not offer this any more/],
  ['422', { status: 422 }, /only extensions are permitted/],
  ['a shape that says nothing', { body: { hello: 1 } }, /./],
])('one SIM that is answered by %s is unknown, and where there is a reason it is told', async (_, told, reason) => {
  const world = await worldOf(always(told));
  const answer = await world.clientOf().readSim(ICCID);
  expect(answer.value).toBeUndefined();
  expect(answer.receivedAt).toBe(NOON);
  if (reason) expect(answer.rejected[0]?.message).toMatch(reason);
  else expect(answer.rejected).toEqual([]);
});

test.each([
  ['v2', 'v1'],
  ['v1', 'v2'],
])('a user that %s refuses and %s does not know is told that it may not', async (forbidding) => {
  const world = await worldOf(({ path }) => (path.startsWith(`/${forbidding}/`) ? { status: 403 } : undefined));
  const failure = await failureOf(world.clientOf({ generation: 'auto' }).listSims(1));
  expect(failure).toMatchObject({ code: 'SOURCE_REJECTED', context: { status: 403 } });
  expect(world.api.calls()).toHaveLength(2);
});

test('what is kept of an answer holds no token, no secret, no number of a SIM', async () => {
  const body = `{"access_token":"a1","client_secret":"b2","msisdn":"882000000000001","x":"${ICCID} token-1 ${CREDENTIALS.clientSecret}",`;
  const world = await worldOf(always({ body }));
  const failure = await failureOf(world.clientOf().listSims(1));
  expect(failure.context.rawText).toMatch(/^\{"access_token":"•••"/);
  for (const secret of ['a1', 'b2', '882000000000001', ICCID, 'token-1', CREDENTIALS.clientSecret])
    expect(failure.context.rawText).not.toContain(secret);
});
