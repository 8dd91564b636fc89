/** The demo's resellers: fit for the API, made up throughout, and seeded once, however often the house starts. */
import { describe, expect, test } from 'vitest';
import type { ApiClient } from '../../../local/seed/client.ts';
import { demoResellers, seedResellers } from '../../../local/seed/resellers.ts';
import { ispRouters } from '../../../local/simulators/routeros-isp.ts';
import { networkContains, parseNetwork } from '../../../shared/platform/ip.ts';
import { toRecord } from '../../../shared/resellers/resellers.convert.ts';
import { newReseller } from '../../../shared/resellers/resellers-fields.contract.ts';
import { mappingIssues } from '../../../shared/resellers/validate.ts';

const RESELLERS = demoResellers();
const EXAMPLES = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'].map(parseNetwork);
const ROUTERS = new Map([
  ['core-router', 'routeros'],
  ['access-router', 'routeros'],
] as const);

describe('the forty resellers', () => {
  test('are forty, fit for the API, and take nobody else’s place on a router', () => {
    expect(RESELLERS).toHaveLength(40);
    const records = RESELLERS.map((one) => toRecord('demo', newReseller.parse(one), 0));
    for (const record of records) expect(mappingIssues(record, ROUTERS, records)).toEqual([]);
  });

  test('are made up: example addresses, example telephones, names of their own that say so', () => {
    for (const field of ['id', 'name', 'phone'] as const) expect(new Set(RESELLERS.map((r) => r[field])).size).toBe(40);
    for (const { name, phone, addresses } of RESELLERS) {
      expect([name, phone]).toEqual([
        expect.stringMatching(/ \(simulated\)$/),
        expect.stringMatching(/^\+447700900\d{3}$/),
      ]);
      for (const address of addresses) {
        const network = parseNetwork(address);
        expect(
          EXAMPLES.some((range) => range && network && networkContains(range, network)),
          address,
        ).toBe(true);
      }
    }
  });

  test('buy 10 to 300 Mb/s, and what they use in the evening stays below it and below what the provider buys', () => {
    const [core, access] = ispRouters({ user: 'u', password: 'p', bootedAt: 0, held: false });
    const customers = [...(core.customers ?? []), ...(access.customers ?? [])];
    let total = 0;
    for (const { addresses, plan } of RESELLERS) {
      const { downMbps, upMbps } = plan;
      for (const rate of [downMbps, upMbps]) expect(rate >= 10 && rate <= 300).toBe(true);
      const { peakReceived = 0, peakSent = 0 } = customers.find(({ address }) => address === addresses[0]) ?? {};
      expect(peakReceived / 1e6 > 0.4 * downMbps && peakReceived / 1e6 < downMbps).toBe(true);
      expect(peakSent / 1e6 < upMbps).toBe(true);
      total += peakReceived;
    }
    expect(total).toBeLessThan(1e9);
  });

  test('have no queue before the worker made it, but for those that a session brings', () => {
    const routers = ispRouters({ user: 'u', password: 'p', bootedAt: 0, held: false });
    const queues = routers.flatMap(({ customers = [] }) => customers.filter(({ queue }) => queue !== undefined));
    expect(queues.map(({ queue, dynamic }) => [queue, dynamic])).toEqual(
      [40, 41, 42, 43].map((number) => [`<pppoe-r10${number}>`, true]),
    );
  });
});

/** An API that has what was posted to it, and does it at once. */
function house(refuse: (path: string) => number | undefined = () => undefined) {
  const held = new Map<string, { id: string; version: number; status: string; work: { phase: string } }>();
  const calls: string[] = [];
  const byHand: string[] = [];
  let kept: Record<string, string> = {};
  let compared = 0;
  const client: ApiClient = {
    async get(path) {
      const id = /^\/v1\/resellers\/(\w+)$/.exec(path)?.[1];
      if (id !== undefined) return held.has(id) ? { status: 200, body: held.get(id) } : { status: 404, body: {} };
      return { status: 200, body: { items: path.includes('phase=pending') ? [] : [...held.values()] } };
    },
    async send(method, path, body) {
      calls.push(`${method} ${path}`);
      const status = refuse(path);
      if (status !== undefined) return { status, body: { detail: 'no' } };
      const id = /^\/v1\/resellers\/(\w+)\/suspend$/.exec(path)?.[1] ?? (body as { id: string }).id;
      const before = held.get(id);
      if (path === '/v1/resellers' && before) return { status: 409, body: { detail: 'there already' } };
      const change = before ? { version: before.version + 1, status: 'suspended' } : { version: 1, status: 'active' };
      held.set(id, { id, ...change, work: { phase: 'done' } });
      return { status: 202, body: {} };
    },
    sendCsv: async () => ({ status: 404, body: {} }),
  };
  const start = () =>
    seedResellers(client, {
      seeded: {
        read: () => kept,
        write: (value) => {
          kept = value;
        },
      },
      changeByHand: ({ queue }) => void byHand.push(queue),
      compare: async () => void compared++,
      say: () => undefined,
      apartMs: 0,
    });
  return { held, calls, byHand, start, compared: () => compared };
}

describe('seeding them', () => {
  test('adds all, suspends two, and has one changed by hand and found', async () => {
    const { held, byHand, start, compared } = house();
    await start();
    expect([held.size, byHand, compared()]).toEqual([40, ['reseller_r1014'], 1]);
    const suspended = [...held.values()].filter(({ status }) => status === 'suspended').map(({ id }) => id);
    expect(suspended.sort()).toEqual(['r1010', 'r1027']);
  });

  test('a second start asks for nothing, whatever a user removed or restored meanwhile', async () => {
    const { held, calls, start, byHand } = house();
    await start();
    held.delete('r1003');
    const asked = calls.length;
    await start();
    expect([calls.length, held.has('r1003'), byHand.length]).toEqual([asked, false, 1]);
  });

  test('a start that broke off anywhere is gone on with, and nothing is done twice', async () => {
    for (const broken of ['/v1/resellers', '/v1/resellers/r1027/suspend']) {
      let left = broken === '/v1/resellers' ? 7 : 0;
      let isBroken = true;
      const one = house((path) => (isBroken && path === broken && left-- <= 0 ? 503 : undefined));
      await expect(one.start()).rejects.toThrow(/HTTP 503 no/);
      isBroken = false;
      await one.start();
      expect([one.held.size, one.byHand.length, one.compared()]).toEqual([40, 1, 1]);
      expect([...one.held.values()].filter(({ version }) => version > 1)).toHaveLength(2);
    }
  });

  test('one that is there although nobody remembers adding it stays as it is', async () => {
    const { held, start } = house();
    held.set('r1001', { id: 'r1001', version: 9, status: 'active', work: { phase: 'done' } });
    await start();
    expect([held.size, held.get('r1001')?.version]).toEqual([40, 9]);
  });
});
