/** Whatever is wished, killed, lost and switched off in between: a router behind a site ends with what was wished last. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../../shared/platform/errors.ts';
import { Killed, SiteResellersWorld } from '../site-resellers-world.ts';

const numRuns = process.env.HEADROOM_LONG ? 400 : 12;
const RESELLERS = ['r1', 'r2'] as const;
const targetOf = (id: string) => `198.51.100.${id.slice(1)}`;
const reseller = fc.constantFrom(...RESELLERS);

type Event =
  | { readonly what: 'plan'; readonly id: string; readonly mbps: number }
  | { readonly what: 'suspend' | 'restore'; readonly id: string }
  | { readonly what: 'agent'; readonly isOn: boolean }
  | { readonly what: 'kill'; readonly step: number }
  | { readonly what: 'lose'; readonly isAnswer: boolean; readonly times: number }
  | { readonly what: 'compare' }
  | { readonly what: 'run'; readonly seconds: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ what: fc.constant('plan' as const), id: reseller, mbps: fc.integer({ min: 1, max: 900 }) }),
  fc.record({ what: fc.constantFrom('suspend' as const, 'restore' as const), id: reseller }),
  fc.record({ what: fc.constant('agent' as const), isOn: fc.boolean() }),
  fc.record({ what: fc.constant('kill' as const), step: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ what: fc.constant('lose' as const), isAnswer: fc.boolean(), times: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ what: fc.constant('compare' as const) }),
  fc.record({ what: fc.constant('run' as const), seconds: fc.integer({ min: 1, max: 200 }) }),
);

async function happen(world: SiteResellersWorld, one: Event, shown: (id: string) => Promise<{ version: number }>) {
  const { site } = world;
  if (one.what === 'run') await world.run(one.seconds);
  else if (one.what === 'compare') await world.compareAll();
  else if (one.what === 'agent') {
    if (one.isOn) world.restartAgent();
    else world.isAgentOn = false;
  } else if (one.what === 'kill') {
    let left = one.step;
    world.beforeStep = () => {
      if (--left === 0) throw new Killed();
    };
  } else if (one.what === 'lose') {
    let left = one.times;
    const fail = () => new AppError('SOURCE_UNAVAILABLE', 'reset');
    if (!one.isAnswer) site.broken = () => (left-- > 0 ? fail() : undefined);
    else
      site.bends = (answer) => {
        if (left-- > 0) throw fail();
        return answer;
      };
  } else {
    const { version } = await shown(one.id);
    const body = one.what === 'plan' ? { version, downMbps: one.mbps, upMbps: one.mbps } : { version };
    // A wish that is refused (suspended twice) is none.
    await world.api()(`POST /v1/resellers/{id}/${one.what}`, { params: { id: one.id }, body });
  }
}

/** A look at a command that nobody answered, killed when its conversation was over and before anything else was written. */
const DIED_WITH_THE_CONVERSATION: Event[] = [
  { what: 'run', seconds: 21 },
  { what: 'agent', isOn: false },
  { what: 'kill', step: 24 },
  { what: 'run', seconds: 12 },
  { what: 'run', seconds: 101 },
];

test('the newest wish of each is on the router, and the audit is whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 25 }), async (events) => {
      const world = await new SiteResellersWorld().start();
      const shown = async (id: string) =>
        (await world.api()('GET /v1/resellers/{id}', { params: { id } })).body as {
          version: number;
          status: string;
          plan: { downMbps: number };
          work: { phase: string };
        };
      for (const id of RESELLERS) {
        const routers = [{ router: 'core', targets: [targetOf(id)] }];
        const plan = { downMbps: 10, upMbps: 10 };
        await world.api()('POST /v1/resellers', { body: { id, name: id, routers, plan } });
      }
      for (const one of events) await happen(world, one, shown);
      world.beforeStep = () => undefined;
      world.site.broken = undefined;
      world.site.bends = (answer) => answer;
      world.restartAgent();
      await world.run(2 * 3600);
      const router = world.router();
      for (const id of RESELLERS) {
        const { status, plan, work } = await shown(id);
        const isCut = router.cutOff.includes(`${targetOf(id)}/32`);
        expect([id, work.phase, isCut]).toEqual([id, 'done', status === 'suspended']);
        const limit = router.queues.get(`reseller_${id}`)?.limit.toTargetBitsPerSecond;
        if (status !== 'suspended') expect([id, limit]).toEqual([id, plan.downMbps * 1e6]);
      }
      expect(await world.site.store.list({ tenant: 'demo', source: 'branch' })).toMatchObject({ conversations: [] });
      expect(await world.deps().audit.verify('demo')).not.toHaveProperty('broken');
    }),
    { numRuns, examples: [[DIED_WITH_THE_CONVERSATION]] },
  );
}, 120_000);
