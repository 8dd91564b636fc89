import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Advanced, advance } from '../../../shared/alerts/advance.ts';
import type { Alert } from '../../../shared/alerts/alert.ts';
import { createAlertStore } from '../../../shared/alerts/alerts.dynamodb.ts';
import type { AlertStore } from '../../../shared/alerts/alerts.port.ts';
import { alertId, fingerprintOf, parseAlertId } from '../../../shared/alerts/keys.ts';
import type { Holding } from '../../../shared/alerts/outbox.ts';
import { startDynalite } from '../dynalite.ts';
import { alertOf, amina, finding, input, item, MINUTE, T0 } from './examples.ts';
import { createMemoryAlerts } from './memory-alerts.ts';

let server: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(() => server.close());

const FP = 'core1/ether1#low';
const REF = { tenant: 'demo', kind: 'bundle', target: 'core1' };

function outcome(alert: Alert | undefined, part: Partial<Advanced> = {}): Advanced {
  return { change: 'updated', alert, overflow: [], ...part };
}

async function put(store: Pick<AlertStore, 'apply'>, ...alerts: Alert[]): Promise<void> {
  for (const alert of alerts) {
    expect(await store.apply(undefined, outcome(alert, { change: 'created' }))).toBe(true);
  }
}

let count = 0;
/** A tenant of its own for every test: one server serves them all. */
function aTenant(): string {
  count++;
  return `t${count}x`;
}

describe.each([
  ['on DynamoDB', () => createAlertStore(server.table)],
  ['in memory, as other tests use it', () => createMemoryAlerts().store],
])('open items %s', (_, make) => {
  let store: ReturnType<typeof make>;
  let tenant: string;
  beforeEach(() => {
    store = make();
    tenant = aTenant();
  });

  test('an item comes back as it was written', async () => {
    const alert = alertOf({ tenant, told: { amina: 'firing-info' }, next: alertOf({ tenant }) });
    await put(store, alert);
    expect(await store.readOpen(tenant, FP)).toEqual(alert);
    expect(await store.listOpen(tenant)).toEqual([alert]);
  });

  test('items about one entity come alone, also where another one begins alike', async () => {
    const of = (entity: string, rule: string) =>
      alertOf({ tenant, entity, rule, fingerprint: fingerprintOf(entity, rule) });
    const [gateway, other] = [of('core/gw', 'reach-down'), of('core/gw', 'reach-flapping')];
    await put(store, gateway, other, of('core/gw2', 'reach-down'), of('core', 'reach-no-data'));
    expect(await store.openOfEntity(tenant, 'core/gw')).toEqual([gateway, other]);
    expect(await store.openOfEntity(tenant, 'core')).toMatchObject([{ rule: 'reach-no-data' }]);
    expect(await store.openOfEntity(tenant, 'core/none')).toEqual([]);
  });

  test('what an uplink holds back is noted, lets go and spares, each by one write', async () => {
    const firing = { recipient: 'amina', stage: 'firing-warning', detectedAt: T0 } as const;
    const muted = { by: 'core/gw#reach-down', episode: T0, name: 'Core gw', since: T0 };
    await put(store, alertOf({ tenant, outbox: [firing] }));
    const hold = (holding: Holding) => store.clearOutbox(tenant, FP, T0, [], T0, holding);
    expect(await hold({ dropped: [], muted })).toMatchObject({ muted, outbox: [firing], version: 2 });
    expect(await hold({ dropped: [], muted })).toMatchObject({ version: 2 });
    const free = await hold({ dropped: [], muted: undefined, released: [firing] });
    expect(free).toMatchObject({ outbox: [{ ...firing, released: true }], version: 3 });
    expect(free).not.toHaveProperty('muted');
    expect(await hold({ dropped: [firing], muted: undefined })).toMatchObject({ version: 3 });
    expect(await store.readOpen(tenant, FP)).toEqual(free);
  });

  test('of two that create one alert the second is refused', async () => {
    await put(store, alertOf({ tenant }));
    expect(await store.apply(undefined, outcome(alertOf({ tenant, value: 3 }), { change: 'created' }))).toBe(false);
    expect((await store.readOpen(tenant, FP))?.value).toBe(12);
  });

  test('a writer that read an older version is refused', async () => {
    const first = alertOf({ tenant });
    await put(store, first);
    expect(await store.apply(first, outcome({ ...first, value: 11, version: 2 }))).toBe(true);
    expect(await store.apply(first, outcome({ ...first, value: 10, version: 2 }))).toBe(false);
    expect(await store.apply(first, outcome(undefined, { change: 'dropped' }))).toBe(false);
  });

  test('a writer of an earlier episode is refused although the version is the same', async () => {
    const old = alertOf({ tenant });
    await put(store, alertOf({ tenant, activeAt: T0 + MINUTE }));
    expect(await store.apply(old, outcome({ ...old, version: 2 }))).toBe(false);
  });

  test('finishing writes history first and then removes the item', async () => {
    const resolved = alertOf({ tenant, state: 'resolved', resolvedAt: T0 + MINUTE });
    await put(store, resolved);
    const end = outcome(undefined, { change: 'finished', finished: resolved });
    expect(await store.apply(resolved, end)).toBe(true);
    expect(await store.readOpen(tenant, FP)).toBeUndefined();
    expect(await store.readFinished(tenant, FP, T0)).toEqual(resolved);
  });

  test('an item that owes a word is not finished', async () => {
    const resolved = alertOf({
      tenant,
      state: 'resolved',
      outbox: [{ recipient: 'amina', stage: 'resolved', detectedAt: T0 }],
    });
    await put(store, resolved);
    expect(await store.apply(resolved, outcome(undefined, { change: 'finished', finished: resolved }))).toBe(false);
    expect(await store.readOpen(tenant, FP)).toEqual(resolved);
  });

  test('the relay takes words out of the episode it read, and of no other', async () => {
    const handed = [{ recipient: 'amina', stage: 'firing-warning' as const }];
    await put(store, alertOf({ tenant, outbox: handed.map((h) => ({ ...h, detectedAt: T0 })) }));
    expect(await store.clearOutbox(tenant, FP, T0 - 1, handed, T0)).toBeUndefined();
    expect(await store.clearOutbox(tenant, 'other#low', T0, handed, T0)).toBeUndefined();
    const after = await store.clearOutbox(tenant, FP, T0, handed, T0);
    expect(after).toMatchObject({ outbox: [], told: { amina: 'firing-warning' }, version: 2 });
    expect(await store.clearOutbox(tenant, FP, T0, handed, T0)).toEqual(after);
    expect(await store.readOpen(tenant, FP)).toEqual(after);
  });

  test('a target sees its own alerts and no namesake', async () => {
    const named = (entity: string, part: Partial<Alert>) =>
      alertOf({ tenant, entity, fingerprint: fingerprintOf(entity, 'low'), ...part });
    const own = [named('core1/ether1', {}), named('core1', {})];
    const strange = named('ffff', {});
    const others = [
      named('core10/ether1', { target: 'core10' }),
      named('core1/ether9', { kind: 'interface' }),
      named('core2/ether1', { target: 'core2' }),
    ];
    await put(store, ...own, strange, ...others);
    const names = async (entities: string[]) =>
      (await store.openOfTarget({ ...REF, tenant }, entities)).map((a) => a.entity).sort();
    expect(await names(['core1/ether1', 'ffff'])).toEqual(['core1', 'core1/ether1', 'ffff']);
    expect(await names([])).toEqual(['core1', 'core1/ether1', 'ffff']);
    expect(await names(['core1/ether1'])).toEqual(expect.arrayContaining(['core1', 'core1/ether1']));
  });

  test('a whole life, step by step, leaves one item in history', async () => {
    let open: Alert | undefined;
    const findings = [finding('breach', T0), finding('clear', T0 + MINUTE)];
    for (const found of findings) {
      const out = advance(input(open, found, { tenant }));
      expect(await store.apply(open, out)).toBe(true);
      open = await store.clearOutbox(tenant, FP, T0, item(out).outbox, T0 + MINUTE);
    }
    const out = advance(input(open, finding('clear', T0 + MINUTE), { tenant, recipients: [amina] }));
    expect(await store.apply(open, out)).toBe(true);
    expect(await store.listOpen(tenant)).toEqual([]);
    expect(await store.readFinished(tenant, FP, T0)).toMatchObject({ told: { amina: 'resolved' } });
  });
});

describe('history and lists on DynamoDB', () => {
  const store = () => createAlertStore(server.table);
  const DAY = 86_400_000;

  /** Two open alerts, and one finished every ten days over three months, of two entities by turns. */
  async function fill(tenant: string): Promise<void> {
    for (let i = 1; i <= 9; i++) {
      const entity = i % 2 ? 'core1/ether1' : 'core1/ether2';
      const fingerprint = fingerprintOf(entity, 'low');
      const finished = alertOf({ tenant, entity, fingerprint, activeAt: T0 - i * 10 * DAY, state: 'resolved' });
      await put(store(), finished);
      await store().apply(finished, outcome(undefined, { change: 'finished', finished }));
    }
    await put(store(), alertOf({ tenant }), alertOf({ tenant, rule: 'z', fingerprint: 'core1/ether1#z' }));
  }

  async function pages(tenant: string, query: { scope: 'open' | 'history' | 'both'; entity?: string }, limit: number) {
    const found: string[] = [];
    let position: string | undefined;
    do {
      const page = await store().list(tenant, { ...query, limit, now: T0, ...(position ? { position } : {}) });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(...page.items.map((a) => `${a.fingerprint} ${(T0 - a.activeAt) / DAY}`));
      position = page.position;
    } while (position);
    return found;
  }

  test.each([1, 2, 3, 50])('pages of %i show what is open, then history newest first, each once', async (limit) => {
    const tenant = aTenant();
    await fill(tenant);
    const open = ['core1/ether1#low 0', 'core1/ether1#z 0'];
    const past = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `core1/ether${i % 2 ? 1 : 2}#low ${i * 10}`);
    const of2 = past.filter((line) => line.startsWith('core1/ether2#'));
    expect(await pages(tenant, { scope: 'both' }, limit)).toEqual([...open, ...past]);
    expect(await pages(tenant, { scope: 'open' }, limit)).toEqual(open);
    expect(await pages(tenant, { scope: 'history' }, limit)).toEqual(past);
    expect(await pages(tenant, { scope: 'both', entity: 'core1/ether2' }, limit)).toEqual(of2);
    expect(await pages(tenant, { scope: 'open', entity: 'core1/ether' }, limit)).toEqual([]);
  });

  test('what is past its life is not shown although it is still stored', async () => {
    const tenant = aTenant();
    const finished = alertOf({ tenant, state: 'resolved', resolvedAt: T0 });
    await put(store(), finished);
    await store().apply(finished, outcome(undefined, { change: 'finished', finished }));
    const list = (now: number) => store().list(tenant, { scope: 'history', limit: 9, now });
    expect((await list(T0 + 365 * DAY)).items).toHaveLength(1);
    expect((await list(T0 + 367 * DAY)).items).toHaveLength(0);
  });

  test.each([
    ['is no text of ours', 'scope', 'x!'],
    ['belongs to another scope', 'history', Buffer.from('{"shelf":"open"}').toString('base64url')],
    ['names a strange month', 'history', Buffer.from('{"shelf":"month","month":"2026-13"}').toString('base64url')],
    ['is empty inside', 'both', Buffer.from('{"shelf":"open","after":""}').toString('base64url')],
  ])('a position that %s is refused', async (_, scope, position) => {
    const query = { scope: scope === 'scope' ? 'both' : scope, limit: 5, now: T0, position } as never;
    await expect(store().list(aTenant(), query)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  test('a damaged position of the list of one entity is refused', async () => {
    const position = Buffer.from('{"shelf":"entity","after":"yesterday#low"}').toString('base64url');
    const query = { scope: 'history' as const, entity: 'core1', limit: 5, now: T0, position };
    await expect(store().list(aTenant(), query)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  test('an episode is found by its id while it is open, while it waits behind another, and when it is over', async () => {
    const tenant = aTenant();
    const next = alertOf({ tenant, activeAt: T0 + MINUTE, state: 'firing' });
    const first = alertOf({ tenant, state: 'resolved', next });
    await put(store(), first);
    expect(await store().readEpisode(tenant, alertId(first))).toMatchObject({ state: 'resolved', activeAt: T0 });
    expect(await store().readEpisode(tenant, alertId(next))).toMatchObject({ state: 'firing' });
    const { next: _, ...finished } = first;
    await store().apply(first, outcome({ ...next, version: 2 }, { change: 'finished', finished }));
    expect(await store().readEpisode(tenant, alertId(first))).toMatchObject({ state: 'resolved', activeAt: T0 });
    expect(await store().readEpisode(aTenant(), alertId(first))).toBeUndefined();
    expect(await store().readEpisode(tenant, 'nonsense')).toBeUndefined();
  });

  test('rows beside the item join its story in order, each once', async () => {
    const tenant = aTenant();
    const row = (at: number, text: string) => ({ at: T0 + at, event: 'told' as const, text });
    const before = alertOf({ tenant, timeline: [row(1, 'a'), row(2, 'b')] });
    await put(store(), before);
    const after = { ...before, timeline: [row(2, 'b'), row(3, 'c')], version: 2 };
    await store().apply(before, outcome(after, { overflow: [{ activeAt: T0, rows: [row(1, 'a'), row(2, 'b')] }] }));
    await store().putRows(tenant, FP, T0, [row(4, 'd'), row(4, 'd')]);
    const story = (await store().readEpisode(tenant, alertId(before)))?.timeline;
    expect(story?.map((r) => r.text)).toEqual(['a', 'b', 'c', 'd']);
  });
});

test.each(['a#b', '%', 'home/1', '@x'])('an id holds any name, such as %s, and gives it back', (entity) => {
  const name = { fingerprint: fingerprintOf(entity, 'low'), activeAt: T0 };
  expect(parseAlertId(alertId(name))).toEqual(name);
});

test.each(['', '#', 'a#b', 'a#b#yesterday', 'a#b#2026-11-20', 'a#b#2026-11-20T10:00:00.000Z#c'])(
  '%j is no id',
  (id) => {
    expect(parseAlertId(id)).toBeUndefined();
  },
);
