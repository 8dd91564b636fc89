/** The demo's resellers: forty plans that the worker writes to the simulated routers, two of them suspended, one that its router refuses, one changed there by hand. */
import type { JsonFile } from '../services/json-file.ts';
import { RESELLERS, resellerNumbered } from '../simulators/isp-resellers.ts';
import { CUSTOMERS } from '../simulators/routeros-isp.ts';
import { type ApiClient, expectOk } from './client.ts';

/** As POST /v1/resellers takes it. */
export interface ResellerSeed {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly addresses: readonly string[];
  readonly routers: readonly { readonly router: string; readonly targets?: string[]; readonly interfaces?: string[] }[];
  readonly plan: { readonly name: string; readonly downMbps: number; readonly upMbps: number };
}

export interface ResellerSeedOptions {
  /** What was done already, by name of the step; what a user undid of it stays undone. */
  readonly seeded: JsonFile<Record<string, string>>;
  /** What somebody does to a router by hand. */
  changeByHand(change: { readonly router: string; readonly queue: string; readonly maxLimit: string }): void;
  /** Has every router compared now, and not within the hour. */
  compare(): Promise<unknown>;
  readonly say: (line: string) => void;
  /** Between two wishes for one router, which gets one conversation at a time; whoever finds it busy waits long. 700 unless told. */
  readonly apartMs?: number;
}

const SUSPENDED: readonly string[] = ['r1010', 'r1027'];
const CHANGED_BY_HAND = { router: 'core', queue: 'reseller_r1014', maxLimit: '60M/60M' };
/** Their usage is read from a port of their own. */
const WITH_PORT: readonly number[] = [21, 23];
/** Every so many also have a network of IPv6. */
const WITH_IPV6 = 5;
const FIRST_PHONE = 447_700_900_200;

const APART_MS = 700;
const LOOK_EVERY_MS = 500;
/** By then every router has answered, or somebody broke it. */
const SETTLED_MS = 120_000;

/** Half of them behind each of the two MikroTik routers. The last one sits behind a session that brings its own queue. */
export function demoResellers(): ResellerSeed[] {
  return Array.from({ length: RESELLERS }, (_, i) => {
    const { number, name, downMbps, upMbps } = resellerNumbered(i + 1);
    const own = `198.51.100.${number}`;
    const targets = number % WITH_IPV6 === 0 ? [own, `2001:db8:${number.toString(16)}::/48`] : [own];
    const router = number <= CUSTOMERS ? 'core-router' : 'access-router';
    const port = WITH_PORT.includes(number) ? { targets, interfaces: [`vlan${1000 + number}`] } : {};
    return {
      ...{ id: `r${1000 + number}`, name: `${name} (simulated)`, phone: `+${FIRST_PHONE + number}` },
      ...{ addresses: targets, routers: [{ router, ...port }], plan: { name: `${downMbps} Mb/s`, downMbps, upMbps } },
    };
  });
}

/** Throws what the API said. Done again it does what is left, and nothing that was done. */
export async function seedResellers(demo: ApiClient, options: ResellerSeedOptions): Promise<void> {
  const { seeded, say } = options;
  const wanted = demoResellers();
  const steps = [
    ...wanted.map(({ id }) => `reseller ${id}`),
    ...SUSPENDED.map((id) => `suspend ${id}`),
    `change ${CHANGED_BY_HAND.queue}`,
  ];
  if (steps.every((step) => step in seeded.read())) return;
  const routers = [...new Set(wanted.map(routerOf))];
  await Promise.all(
    routers.map((router) =>
      addAll(
        demo,
        options,
        wanted.filter((one) => routerOf(one) === router),
      ),
    ),
  );
  await settled(demo);
  for (const id of SUSPENDED) await once(seeded, `suspend ${id}`, () => suspend(demo, id));
  await settled(demo);
  await once(seeded, `change ${CHANGED_BY_HAND.queue}`, async () => {
    options.changeByHand(CHANGED_BY_HAND);
    await options.compare();
  });
  const all = await listed(demo, '/v1/resellers?limit=500');
  const done = all.filter(({ work }) => work?.phase === 'done').length;
  say(
    `plans    ${all.length} resellers on ${routers.length} simulated routers: ${done} as wanted, ${all.length - done} not`,
  );
}

function routerOf({ routers }: ResellerSeed): string {
  return routers[0]?.router ?? '';
}

async function addAll(demo: ApiClient, options: ResellerSeedOptions, some: readonly ResellerSeed[]): Promise<void> {
  const { seeded, apartMs = APART_MS } = options;
  for (const one of some) {
    await once(seeded, `reseller ${one.id}`, async () => {
      const added = await demo.send('POST', '/v1/resellers', one);
      // Left by a start that ended right here, or a user's own.
      if (added.status !== 409) expectOk(`reseller ${one.id}`, added);
      await pause(apartMs);
    });
  }
}

async function suspend(demo: ApiClient, id: string): Promise<void> {
  const { status, body } = await demo.get(`/v1/resellers/${id}`);
  if (status === 404) return;
  const { version } = body as { version: number };
  const asked = { version, reason: 'not paid (simulated)' };
  expectOk(`suspending ${id}`, await demo.send('POST', `/v1/resellers/${id}/suspend`, asked));
}

async function once(seeded: ResellerSeedOptions['seeded'], step: string, act: () => Promise<void>): Promise<void> {
  if (step in seeded.read()) return;
  await act();
  seeded.write({ ...seeded.read(), [step]: 'done' });
}

/** Until no router has anything to do for a reseller; what takes longer goes on without us. */
async function settled(demo: ApiClient): Promise<void> {
  const until = Date.now() + SETTLED_MS;
  while (Date.now() < until) {
    if ((await listed(demo, '/v1/resellers?phase=pending&limit=1')).length === 0) return;
    await pause(LOOK_EVERY_MS);
  }
}

async function listed(demo: ApiClient, path: string): Promise<{ readonly work: { readonly phase: string } | null }[]> {
  const answer = await demo.get(path);
  expectOk('the resellers', answer);
  return (answer.body as { items: { work: { phase: string } | null }[] }).items;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
