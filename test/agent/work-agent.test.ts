/** The agent against whoever would like to command it, and against the very function that may: nothing makes it stop, or do too much. */
import { beforeEach, describe, expect, test } from 'vitest';
import { siteSignature } from '../../shared/collect/site-key.ts';
import { answerPurpose, WaitingForSite } from '../../shared/collect/site-work.ts';
import type { RouterLimits } from '../../shared/interfaces/limits.port.ts';
import type { RouterWork } from '../../shared/interfaces/router-limits.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { MemoryRouter } from '../shared/resellers/memory-router.ts';
import { type Request, ROUTER, SITE, SiteWorld } from './site-world.ts';

let world: SiteWorld;
let router: MemoryRouter;
beforeEach(async () => {
  world = await new SiteWorld().start();
  router = new MemoryRouter();
  world.routers.set(ROUTER, { mayWrite: true, open: async () => router.open() });
  await world.ask();
});

const ID = 'a'.repeat(32);
const CUT = { id: ID, kind: 'limits', router: ROUTER, operation: 'cut', arguments: { targets: ['192.0.2.1'] } };
const command = (over: Record<string, unknown> = {}) => ({ ...CUT, validForSeconds: 60, ...over });

/** An answer as the house would sign it, to this request. */
function signedAnswer({ headers }: Request, body: unknown, secret = world.key.secret) {
  const text = JSON.stringify(body);
  const signature = siteSignature(secret, answerPurpose(headers['x-headroom-signature'] ?? ''), Buffer.from(text));
  return { status: 200, headers: new Headers({ 'x-headroom-signature': signature }), text, responseMs: 1 };
}

/** The house says this once; then it is itself again. Resolves to what the agent answered. */
async function told(answer: (request: Request) => ReturnType<typeof signedAnswer>) {
  world.broken = (request) => {
    world.broken = undefined;
    return answer(request);
  };
  await world.ask();
  await world.pass(200_000);
  const bodies = world.requests.map(
    ({ body }) => JSON.parse(body).answers as { id: string; error?: { code: string; message: string } }[],
  );
  return bodies.flat();
}
const given = (...commands: unknown[]) => told((request) => signedAnswer(request, { commands, refused: [] }));

const work = (id = 'work'): RouterWork => ({
  ...{ id, begunBy: id, wake: {}, replaces: () => false, look: async () => undefined, resume: async () => undefined },
});
/** Asks the house's way, without waiting. */
async function want(act: (limits: RouterLimits) => Promise<unknown>, over: RouterWork = work()): Promise<unknown> {
  const opened = await world.openRouter()('demo', ROUTER, 0, over);
  return act(opened).catch((error: unknown) => {
    if (!(error instanceof WaitingForSite)) throw error;
    return error.reason;
  });
}

describe('whom it obeys', () => {
  test('the house, and says in one line what it did', async () => {
    expect(await want((limits) => limits.cut(['192.0.2.1']))).toBe('asked');
    await world.pass(16_000);
    expect(await want((limits) => limits.cut(['192.0.2.1']))).toBeUndefined();
    expect(router.cutOff).toEqual(['192.0.2.1']);
    expect(world.said).toEqual([
      expect.stringMatching(/^[0-9a-f]{8} cut on core {"targets":\["192\.0\.2\.1"\]}: done in \d+ ms$/),
    ]);
  });

  test.each([
    [
      'who signs with another secret',
      (r: Request) => signedAnswer(r, { commands: [command()], refused: [] }, 'f'.repeat(64)),
    ],
    [
      'who does not sign at all',
      (r: Request) => ({ ...signedAnswer(r, { commands: [command()], refused: [] }), headers: new Headers() }),
    ],
    [
      'who changes what the house signed',
      (r: Request) => {
        const good = signedAnswer(r, { commands: [command()], refused: [] });
        return { ...good, text: good.text.replace('192.0.2.1', '0.0.0.0/0') };
      },
    ],
    [
      'who sends its own request back to it',
      (r: Request) => ({
        ...{ status: 200, text: r.body, responseMs: 1 },
        headers: new Headers({ 'x-headroom-signature': r.headers['x-headroom-signature'] ?? '' }),
      }),
    ],
  ])('nobody %s', async (_, forge) => {
    expect(await told(forge)).toEqual([]);
    expect(router.calls).toEqual([]);
    expect(world.said[0]).toContain('did not sign');
  });

  test('nobody who recorded an answer of the house, for that was to another request', async () => {
    let recorded: Request | undefined;
    await told((request) => {
      recorded = request;
      return signedAnswer(request, { commands: [], refused: [] });
    });
    const old = signedAnswer(recorded ?? { headers: {}, body: '' }, { commands: [command()], refused: [] });
    expect(await told(() => old)).toEqual([]);
    expect(router.calls).toEqual([]);
  });
});

describe('what it does not carry out', () => {
  test.each([
    ['an operation that is none of the port', { operation: 'reboot', arguments: {} }, 'knows no command limits.reboot'],
    ['one that every object has', { operation: 'constructor', arguments: {} }, 'knows no command'],
    ['opening and closing', { operation: 'close', arguments: {} }, 'knows no command'],
    ['another kind', { kind: 'radius' }, 'knows no command radius.cut'],
    ['arguments that are missing', { arguments: {} }, 'cannot read the command cut: targets'],
    [
      'arguments beside the right ones',
      { arguments: { targets: ['192.0.2.1'], path: '/rest/user' } },
      'cannot read the command cut',
    ],
    [
      'targets without number',
      { arguments: { targets: Array(1001).fill('192.0.2.1') } },
      'cannot read the command cut',
    ],
    [
      'a limit that is no number',
      { operation: 'writeLimit', arguments: { name: 'q', targets: [], limit: { toTargetBitsPerSecond: '1M' } } },
      'cannot read',
    ],
    ['a router that its file does not name', { router: 'other' }, 'has no router "other" in its file'],
    ['a command of no form', { arguments: 'all' }, 'cannot read the form'],
    ['one that is good for ever', { validForSeconds: 1e9 }, 'cannot read the form'],
    ['one whose time is over', { validForSeconds: 0 }, 'came too late'],
  ])('%s: the house hears why, and the agent goes on', async (_, over, words) => {
    expect(await given(command(over))).toEqual([
      { id: ID, error: expect.objectContaining({ message: expect.stringContaining(words) }) },
    ]);
    expect(router.calls).toEqual([]);
    expect(await want((limits) => limits.readCut())).toBe('asked');
    await world.pass(130_000);
    expect(router.calls).toEqual(['readCut']);
  });

  test('what has not even an id, or is no list', async () => {
    expect(await given(null, 7, 'cut', {}, { ...command(), id: '../../etc' })).toEqual([]);
    expect(await told((request) => signedAnswer(request, { commands: 'all' }))).toEqual([]);
    expect(await told((request) => signedAnswer(request, 'commands'))).toEqual([]);
    expect(router.calls).toEqual([]);
  });

  test('changes on a router that it may only read', async () => {
    world.routers.set(ROUTER, { mayWrite: false, open: async () => router.open() });
    const answers = await given(
      command(),
      command({ id: 'b'.repeat(32), router: 'core2', operation: 'readCut', arguments: {} }),
    );
    expect(answers[0]).toMatchObject({
      error: { code: 'SOURCE_REJECTED', message: expect.stringContaining('does not say write') },
    });
    for (const [n, operation] of ['writeLimit', 'removeQueue', 'reconnect'].entries()) {
      const args = { name: 'q', targets: ['192.0.2.1'], limit: {} };
      const own = { writeLimit: args, removeQueue: { name: 'q' }, reconnect: { targets: ['192.0.2.1'] } }[operation];
      await given(command({ id: String(n).repeat(32), operation, arguments: own }));
    }
    expect(router.calls).toEqual([]);
    await given(command({ id: 'c'.repeat(32), operation: 'readQueues', arguments: {} }));
    expect(router.calls).toEqual(['readQueues']);
  });

  test('a command whose answer was so long on the way that its time is over', async () => {
    await told((request) => {
      const answer = signedAnswer(request, { commands: [command({ validForSeconds: 30 })], refused: [] });
      world.clock.advance(30_000);
      return answer;
    });
    expect(router.calls).toEqual([]);
    expect(world.said[0]).toContain('came too late');
  });
});

describe('what goes wrong at a router', () => {
  test('is answered in its words, without what is no failure of a source', async () => {
    for (const [error, code] of [
      [new AppError('SOURCE_THROTTLED', 'wait', { context: { retryAfterSeconds: 9999.5 } }), 'SOURCE_THROTTLED'],
      [new AppError('CONFIG_INVALID', 'x'.repeat(2000)), 'SOURCE_UNAVAILABLE'],
      [new TypeError('a bug with hunter2 in it'), 'SOURCE_UNAVAILABLE'],
    ] as const) {
      router.before = () => {
        throw error;
      };
      const id = String(code.length + error.message.length).padStart(32, '0');
      const answer = (await given(command({ id }))).find((one) => one.id === id);
      expect(answer?.error?.code).toBe(code);
    }
    expect(JSON.stringify(world.requests)).not.toContain('hunter2');
    expect(router.opened).toBe(router.closed);
  });

  test('an answer too large to be carried is an error that says so', async () => {
    const random = Array.from(
      { length: 20_000 },
      (_, i) => `${Math.imul(i, 2_654_435_761) >>> 0}.${Math.imul(i, 40_503) >>> 0}`,
    );
    router.cutOff = random;
    const [answer] = await given(command({ operation: 'readCut', arguments: {} }));
    expect(answer?.error).toMatchObject({
      code: 'SOURCE_MALFORMED',
      message: expect.stringContaining('octets packed'),
    });
  });

  test('thousands of queues fit', async () => {
    for (let i = 0; i < 5000; i++) {
      const name = `<pppoe-customer-${i}>`;
      const limit = { fromTargetBitsPerSecond: 1e6 + i, toTargetBitsPerSecond: 5e6 };
      const octets = { octetsFromTarget: BigInt(i) ** 3n, octetsToTarget: BigInt(i) * 97_003n };
      router.queues.set(name, {
        name,
        targets: [`10.0.${i >> 8}.${i & 255}`],
        limit,
        dynamic: true,
        disabled: false,
        ...octets,
      });
    }
    await want((limits) => limits.readQueues());
    await world.pass(20_000);
    expect(await want((limits) => limits.readQueues())).toEqual({ queues: [...router.queues.values()], rejected: [] });
  });

  test('a router that hangs keeps no other waiting, and gets no second command meanwhile', async () => {
    world.isPatient = false;
    let free: () => void = () => undefined;
    router.before = () =>
      new Promise<void>((resolve) => {
        free = resolve;
      });
    const other = new MemoryRouter();
    world.routers.set('edge', { mayWrite: true, open: async () => other.open() });
    const second = command({ id: 'b'.repeat(32), validForSeconds: 300 });
    await given(command({ validForSeconds: 300 }), second, command({ id: 'c'.repeat(32), router: 'edge' }));
    expect([router.calls, other.calls]).toEqual([['cut'], ['cut']]);
    expect(world.requests.some(({ body }) => body.includes('"cccc'))).toBe(true);
    free();
    await world.ask();
    expect(await given(second)).not.toEqual([]);
    expect(router.calls).toEqual(['cut', 'cut']);
  });
});

describe('when it asks', () => {
  const gaps = () =>
    world.requests
      .map(({ headers }) => Number(headers['x-headroom-time']))
      .map((at, i, all) => at - (all[i - 1] ?? at))
      .slice(1);

  test('each quarter of a minute, and each second around a command', async () => {
    await world.pass(60_000);
    expect(gaps()).toEqual([15, 15, 15, 15].slice(0, gaps().length));
    await want((limits) => limits.readCut());
    await world.pass(40_000);
    expect(gaps().filter((gap) => gap === 1).length).toBeGreaterThan(5);
    expect(gaps().at(-1)).toBe(15);
  });

  test('less and less often while the house is away, and nothing is lost by it', async () => {
    await want((limits) => limits.readCut());
    await world.ask();
    world.broken = () => new AppError('SOURCE_UNAVAILABLE', 'the house refuses connections');
    const before = world.requests.length;
    await world.pass(80_000);
    expect(world.requests.length - before).toBeLessThan(8);
    world.broken = undefined;
    world.clock.advance(-60_000);
    world.newAgent();
    await world.pass(5_000);
    expect(await want((limits) => limits.readCut())).toEqual([]);
  });

  test('an answer that was lost on the way is brought again, and nothing is done twice for it', async () => {
    await want((limits) => limits.cut(['192.0.2.1']));
    world.bends = (answer) => {
      world.bends = (next) => {
        world.bends = (same) => same;
        // The house has taken it; its word of that does not arrive.
        void next;
        throw new AppError('SOURCE_UNAVAILABLE', 'reset');
      };
      return answer;
    };
    await world.pass(60_000);
    expect(await want((limits) => limits.cut(['192.0.2.1']))).toBeUndefined();
    expect(router.calls).toEqual(['cut']);
  });

  test.each([-400_000, 400_000])('by the house’s clock where its own is %i ms off', async (ms) => {
    world.skewMs = ms;
    world.newAgent();
    await want((limits) => limits.readCut());
    await world.pass(30_000);
    expect(await want((limits) => limits.readCut())).toEqual([]);
    expect(world.said.filter((line) => line.includes('clock of this machine'))).toHaveLength(1);
  });

  test('never twice with the signature of one second', async () => {
    for (let i = 0; i < 20; i++) await want((limits) => limits.readCut(), work(`work ${i}`)).catch(() => undefined);
    await world.pass(30_000);
    const times = world.requests.map(({ headers }) => headers['x-headroom-time']);
    expect(new Set(times).size).toBe(times.length);
  });

  test('rarely where the site takes no commands: it is told why, once each time', async () => {
    world.putSite(SITE.tenant, {});
    const before = world.requests.length;
    await world.pass(3600_000);
    expect(world.requests.length - before).toBeLessThan(40);
    expect(world.said[0]).toContain('settings.commands');
  });
});
