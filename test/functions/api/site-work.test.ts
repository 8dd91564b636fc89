/** The exchange with a site's agent: what it is given, what is taken of it, and every way to get at work that is not one's own. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type SiteKey, siteSignature } from '../../../shared/collect/site-key.ts';
import { answerPurpose, type Conversation, WaitingForSite } from '../../../shared/collect/site-work.ts';
import { toPackedResult } from '../../../shared/interfaces/limit-commands.convert.ts';
import type { RouterWork } from '../../../shared/interfaces/router-limits.ts';
import { ROUTER, SITE, SiteWorld } from '../../agent/site-world.ts';
import { memoryQueue } from '../../shared/collect/fakes.ts';

const RESULT = toPackedResult([]);

let world: SiteWorld;
let woken: ReturnType<typeof memoryQueue<unknown>>;
let signedAt: number;
beforeEach(async () => {
  world = await new SiteWorld().start();
  woken = memoryQueue();
  world.queue = woken;
  signedAt = 0;
});

function signed(body: unknown, over: { key?: SiteKey; atSeconds?: number } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { id, secret } = over.key ?? world.key;
  signedAt = Math.max(signedAt + 1, Math.floor(world.clock.at / 1000));
  const time = String(over.atSeconds ?? signedAt);
  const signature = siteSignature(secret, time, Buffer.from(text));
  return { headers: { 'x-headroom-key': id, 'x-headroom-time': time, 'x-headroom-signature': signature }, body: text };
}

async function exchange(answers: unknown[] = [], over: Parameters<typeof signed>[1] = {}) {
  const request = signed({ version: 1, answers }, over);
  const { status, text, headers } = await world.send(request);
  return { status, headers, text, request, body: JSON.parse(text) };
}

const work = (over: Partial<RouterWork> = {}): RouterWork => ({
  ...{
    id: 'work',
    begunBy: 'one',
    wake: { go: 'on' },
    replaces: () => false,
    look: async () => undefined,
    resume: async () => undefined,
  },
  ...over,
});

/** What the router cuts off, if the site has said so already. */
async function readCut(over: Partial<RouterWork> = {}, tenant = 'demo'): Promise<readonly string[] | 'waiting'> {
  const router = await world.openRouter()(tenant, ROUTER, 0, work(over));
  return router.readCut().catch((error: unknown) => {
    if (!(error instanceof WaitingForSite)) throw error;
    return 'waiting' as const;
  });
}

/** One open command. */
async function asked(over: Partial<RouterWork> = {}): Promise<string> {
  await exchange();
  expect(await readCut(over)).toBe('waiting');
  const { body } = await exchange();
  return body.commands[0].id;
}
const conversation = () => world.store.read(SITE, ROUTER) as Promise<Conversation>;

describe('an agent', () => {
  test('is given what waits, with how long it is good for, signed for this request and no other', async () => {
    const id = await asked();
    world.clock.advance(30_000);
    const { status, body, text, headers, request } = await exchange();
    expect([status, body]).toEqual([
      200,
      {
        commands: [{ id, kind: 'limits', router: ROUTER, operation: 'readCut', arguments: {}, validForSeconds: 60 }],
        refused: [],
      },
    ]);
    const purpose = answerPurpose(request.headers['x-headroom-signature']);
    expect(headers.get('x-headroom-signature')).toBe(siteSignature(world.key.secret, purpose, Buffer.from(text)));
  });

  test('answers, and the work goes on with that answer', async () => {
    const id = await asked();
    const { body } = await exchange([{ id, result: toPackedResult(['192.0.2.1']) }]);
    expect(body).toEqual({ commands: [], refused: [] });
    expect(woken.sent).toEqual([{ message: { go: 'on' } }]);
    expect(await readCut()).toEqual(['192.0.2.1']);
  });

  test('that failed is heard in its own words, without what nobody can see', async () => {
    const id = await asked();
    const error = { code: 'SOURCE_REJECTED', message: 'the router refused\u202e the user', retryAfterSeconds: 7 };
    await exchange([{ id, error }]);
    await expect(readCut()).rejects.toMatchObject({
      ...{ code: 'SOURCE_REJECTED', message: 'the router refused the user' },
      context: { retryAfterSeconds: 7 },
    });
  });

  test('that answers twice changes nothing; where our word was lost, the work is woken again', async () => {
    const id = await asked();
    await exchange([{ id, result: RESULT }]);
    const { body } = await exchange([{ id, result: toPackedResult(['192.0.2.1']) }]);
    expect(body.refused).toEqual([]);
    expect(woken.sent).toHaveLength(2);
    expect(await readCut()).toEqual([]);
    // The next command is open: now nobody waits for that one.
    const router = await world.openRouter()('demo', ROUTER, 0, work());
    await router.readCut();
    await expect(router.readCut()).rejects.toBeInstanceOf(WaitingForSite);
    const again = await exchange([{ id, result: RESULT }]);
    expect(again.body.refused).toEqual([{ id, reason: expect.stringContaining('not asked that') }]);
    expect(again.body.commands).toHaveLength(1);
  });

  test('that is lost its wake-up by a queue that is down is told so, and its next request wakes the work', async () => {
    const id = await asked();
    world.queue = { send: () => Promise.reject(new Error('down')) };
    expect((await exchange([{ id, result: RESULT }])).status).toBe(500);
    world.queue = woken;
    expect((await exchange([{ id, result: RESULT }])).status).toBe(200);
    expect(woken.sent).toHaveLength(1);
  });

  test('that answers late is told that nobody waits any more, and its answer is kept from the work', async () => {
    const id = await asked();
    world.clock.advance(101_000);
    const { body } = await exchange([{ id, result: RESULT }]);
    expect(body).toEqual({ commands: [], refused: [{ id, reason: expect.stringContaining('too late') }] });
    expect(woken.sent).toEqual([]);
    await expect(readCut()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  test('is not given what it could not end in time', async () => {
    await asked();
    world.clock.advance(76_000);
    expect((await exchange()).body.commands).toEqual([]);
  });

  test('that asks leaves a mark once a minute, and by that is missed', async () => {
    await exchange();
    const first = await world.store.seenAt(SITE);
    world.clock.advance(59_000);
    await exchange();
    expect(await world.store.seenAt(SITE)).toBe(first);
    world.clock.advance(1_000);
    await exchange();
    expect(await world.store.seenAt(SITE)).toBe(world.clock.at);
    world.clock.advance(151_000);
    await expect(readCut()).rejects.toThrow(/has not asked for work since 2030-01-01T12:01:00/);
  });
});

describe('what is no answer', () => {
  test.each([
    ['of no form at all', { version: 1 }],
    ['of another version', { version: 2, answers: [] }],
    ['a pack of counters', { version: 1, uptimeSeconds: 1, readings: [{ interfaces: [{ name: 'a' }] }] }],
    ['neither result nor error', { version: 1, answers: [{ id: 'a'.repeat(32) }] }],
    [
      'both of them',
      {
        version: 1,
        answers: [{ id: 'a'.repeat(32), result: RESULT, error: { code: 'SOURCE_REJECTED', message: 'x' } }],
      },
    ],
    [
      'a code of the house’s own',
      { version: 1, answers: [{ id: 'a'.repeat(32), error: { code: 'STORE_UNAVAILABLE', message: 'x' } }] },
    ],
    ['a result that is no base64', { version: 1, answers: [{ id: 'a'.repeat(32), result: '<script>' }] }],
    ['a result too long to be kept', { version: 1, answers: [{ id: 'a'.repeat(32), result: 'A'.repeat(200_004) }] }],
    [
      'a hundred and one answers',
      { version: 1, answers: Array.from({ length: 101 }, () => ({ id: 'a'.repeat(32), result: RESULT })) },
    ],
  ])('%s is refused with all that is wrong', async (_, body) => {
    const { status, text } = await world.send(signed(body));
    expect([status, JSON.parse(text).errors.length > 0]).toEqual([422, true]);
  });

  test('more than the house reads at once is refused unread', async () => {
    const { status } = await world.send(signed({ version: 1, answers: [], more: 'x'.repeat(240_000) }));
    expect(status).toBe(422);
  });

  test.each([
    ['octets that are no gzip', Buffer.from('no gzip').toString('base64')],
    ['a bomb', toPackedResult('0'.repeat(17_000_000))],
    ['the result of something else', toPackedResult({ queues: [] })],
  ])('%s ends the work in words, and not the worker', async (_, result) => {
    const id = await asked();
    expect((await exchange([{ id, result }])).status).toBe(200);
    await expect(readCut()).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      message: expect.stringContaining('agent'),
    });
  });
});

describe('who is not let in', () => {
  const refused = async (request: Parameters<SiteWorld['send']>[0], status: number) => {
    const id = (await conversation()).open?.id ?? '';
    const answer = await world.send(request);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(id);
    expect(answer.headers.get('x-headroom-signature')).toBeNull();
    expect(woken.sent).toEqual([]);
    expect((await conversation()).open?.id).toBe(id);
    return JSON.parse(answer.text).detail as string;
  };
  const empty = { version: 1, answers: [] };

  test('a forged signature, another body under a good one, and a clock that is off', async () => {
    const id = await asked();
    await refused(signed(empty, { key: { ...world.key, secret: 'f'.repeat(64) } }), 401);
    const good = signed({ version: 1, answers: [{ id, result: RESULT }] });
    await refused({ ...good, body: good.body.replace(RESULT, toPackedResult(['192.0.2.1'])) }, 401);
    expect(await refused(signed(empty, { atSeconds: world.clock.at / 1000 - 400 }), 401)).toContain('400 s behind');
  });

  test('a recorded request: it has no second effect, and learns nothing', async () => {
    const id = await asked();
    const { request } = await exchange();
    await refused(request, 409);
    // Nor is an older one taken that never arrived.
    const kept = signed({ version: 1, answers: [{ id, result: RESULT }] });
    await exchange();
    await refused(kept, 409);
  });

  test('a secret that is sent instead of a signature, whatever the source allows', async () => {
    await asked();
    const headers = { authorization: `Bearer ${world.key.id}.${world.key.secret}` };
    await refused({ headers, body: JSON.stringify(empty) }, 401);
    world.putSite('demo', { bearer: true });
    expect(await refused({ headers, body: JSON.stringify(empty) }, 401)).toContain('agents that sign');
  });

  test('a site that was not told to take commands: by default none is', async () => {
    await asked();
    for (const settings of [{}, { commands: false }, { commands: true, bearer: true }]) {
      world.putSite('demo', settings);
      expect(await refused(signed(empty), 403)).toContain('settings.commands');
    }
  });

  test('another site of the tenant, and one of another tenant, that know the id of a command', async () => {
    const id = await asked();
    for (const [tenant, source] of [
      ['demo', 'other'],
      ['rival', SITE.source],
    ] as const) {
      world.putSite(tenant, { commands: true }, source);
      const key = await world.keys.renew({ tenant, source });
      const { status, body } = await exchange([{ id, result: RESULT }], { key });
      expect([status, body]).toEqual([
        200,
        { commands: [], refused: [{ id, reason: expect.stringContaining('not asked that') }] },
      ]);
    }
    expect(woken.sent).toEqual([]);
    expect((await conversation()).open?.id).toBe(id);
  });

  test('the key of before, once it was renewed', async () => {
    await asked();
    const old = world.key;
    world.key = await world.keys.renew(SITE);
    await refused(signed(empty, { key: old }), 401);
  });

  test('a router of another tenant is not reached by naming its site', async () => {
    world.putRouter('rival', ROUTER);
    await exchange();
    await expect(readCut({}, 'rival')).rejects.toMatchObject({
      ...{ code: 'SOURCE_REJECTED', message: 'site "branch", which reaches this router, is no source of type push' },
    });
  });
});

describe('one router', () => {
  test('has one conversation: another work waits until it is over', async () => {
    await asked();
    await expect(readCut({ id: 'other' })).rejects.toMatchObject({ reason: 'taken' });
  });

  test('is not given up while something may be under way there, not even to the work that replaces it', async () => {
    await asked();
    const over = { id: 'newer', replaces: () => true };
    world.clock.advance(99_000);
    await expect(readCut(over)).rejects.toMatchObject({ reason: 'taken' });
    world.clock.advance(2_000);
    await exchange();
    expect(await readCut(over)).toBe('waiting');
  });

  test('asks the same of two conversations under different ids: no answer of one is taken for the other’s', async () => {
    const id = await asked();
    await exchange([{ id, result: RESULT }]);
    const router = await world.openRouter()('demo', ROUTER, 0, work());
    await router.conversation?.end();
    expect(await readCut({ begunBy: 'two' })).toBe('waiting');
    expect((await conversation()).open?.id).not.toBe(id);
  });

  test('that is asked something else than before begins anew, in words', async () => {
    const id = await asked();
    await exchange([{ id, result: RESULT }]);
    const router = await world.openRouter()('demo', ROUTER, 0, work());
    await expect(router.cut(['192.0.2.1'])).rejects.toMatchObject({
      ...{ code: 'SOURCE_UNAVAILABLE', message: expect.stringContaining('asked anew') },
    });
  });
});
