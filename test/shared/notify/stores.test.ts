import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeliveryStore } from '../../../shared/notify/deliveries.dynamodb.ts';
import { createMailboxStore } from '../../../shared/notify/mailbox.dynamodb.ts';
import { decideClaim } from '../../../shared/notify/mailbox.ts';
import { createReceiverStore } from '../../../shared/notify/receivers.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';
import { delivery, desk, line, T0 } from './examples.ts';

let dynalite: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

describe('receivers', () => {
  it('are kept per tenant, in order of id', async () => {
    const store = createReceiverStore(dynalite.table);
    await store.put('demo', { ...desk, id: 'b' });
    await store.put('demo', { ...desk, id: 'a' });
    await store.put('other', { ...desk, id: 'c' });
    expect((await store.list('demo')).map((r) => r.id)).toEqual(['a', 'b']);
    expect(await store.read('demo', 'a')).toEqual({ ...desk, id: 'a' });
    await store.remove('demo', 'a');
    expect(await store.read('demo', 'a')).toBeUndefined();
  });
});

describe('a mailbox', () => {
  const store = () => createMailboxStore(dynalite.table);

  async function claimAll(tenant: string) {
    const view = await store().read(tenant, 'desk');
    const decision = decideClaim(view.head, view.lines, view.told, T0);
    if (decision.kind !== 'claim') throw new Error(decision.kind);
    const won = await store().claim(tenant, 'desk', view.head, decision.claim, decision.nextSendAt);
    return { view, won, claim: decision.claim };
  }

  it('keeps a line once, whatever is written under its key later', async () => {
    await store().addLine('m-1', 'desk', line(1, 'firing-warning'));
    await store().addLine('m-1', 'desk', line(1, 'firing-warning', { value: 1 }));
    expect((await store().read('m-1', 'desk')).lines).toEqual([line(1, 'firing-warning')]);
  });

  it('gives its lines to one claim only', async () => {
    await store().addLine('m-2', 'desk', line(1, 'firing-warning'));
    const view = await store().read('m-2', 'desk');
    const decision = decideClaim(view.head, view.lines, view.told, T0);
    if (decision.kind !== 'claim') throw new Error(decision.kind);
    const claims = [1, 2, 3].map(() => store().claim('m-2', 'desk', view.head, decision.claim, T0));
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
    expect((await store().read('m-2', 'desk')).head.claim).toEqual(decision.claim);
  });

  it('remembers what was told after the lines are gone, and settles twice as well as once', async () => {
    await store().addLine('m-3', 'desk', line(1, 'firing-warning'));
    const { claim } = await claimAll('m-3');
    await store().settle('m-3', 'desk', claim);
    await store().settle('m-3', 'desk', claim);
    await store().addLine('m-3', 'desk', line(1, 'firing-warning'));
    const view = await store().read('m-3', 'desk');
    expect(view.head).toMatchObject({ claims: 1, nextSendAt: T0 + 6_000 });
    expect(view.head.claim).toBeUndefined();
    expect(view.told).toEqual(new Map([[line(1, 'firing-warning').episode, 2]]));
  });

  it('a claim settled late does not remove the one that followed it', async () => {
    await store().addLine('m-4', 'desk', line(1, 'firing-warning'));
    const first = await claimAll('m-4');
    await store().settle('m-4', 'desk', first.claim);
    await store().addLine('m-4', 'desk', line(2, 'firing-warning'));
    const head = await store().readHead('m-4', 'desk');
    const second = { number: 2, at: T0, send: [line(2, 'firing-warning')], drop: [] };
    expect(await store().claim('m-4', 'desk', head, second, T0)).toBe(true);
    await store().settle('m-4', 'desk', first.claim);
    expect((await store().readHead('m-4', 'desk')).claim).toEqual(second);
  });

  it('is due some time after it was announced, until it rests', async () => {
    await store().announce('m-5', 'desk', T0);
    await store().announce('m-5', 'someone#else', T0 + 60_000);
    expect(await store().due('m-5', T0)).toEqual([]);
    expect(await store().due('m-5', T0 + 20_000)).toEqual(['desk']);
    expect(await store().due('m-5', T0 + 90_000)).toEqual(['desk', 'someone#else']);
    await store().rest('m-5', 'desk', await store().read('m-5', 'desk'));
    expect(await store().due('m-5', T0 + 90_000)).toEqual(['someone#else']);
    expect(await store().due('m-6', T0 + 90_000)).toEqual([]);
  });

  it('does not rest when lines were announced since it was looked into', async () => {
    await store().announce('m-7', 'desk', T0);
    const view = await store().read('m-7', 'desk');
    await store().announce('m-7', 'desk', T0 + 1);
    await store().rest('m-7', 'desk', view);
    expect(await store().due('m-7', T0 + 60_000)).toEqual(['desk']);
  });

  it('plans one wake-up for one instant, and none for a mailbox that rests', async () => {
    await store().announce('m-8', 'desk', T0);
    const plans = [6_000, 6_000, 5_000, 12_000].map((ms) => () => store().planWake('m-8', 'desk', T0 + ms));
    const won: boolean[] = [];
    for (const plan of plans) won.push(await plan());
    expect(won).toEqual([true, false, false, true]);
    expect(await store().planWake('m-9', 'desk', T0)).toBe(false);
    // A planned wake-up postpones the minute check, so that it does not come first.
    expect(await store().due('m-8', T0 + 20_000)).toEqual([]);
    expect(await store().due('m-8', T0 + 27_000)).toEqual(['desk']);
  });
});

describe('the delivery log', () => {
  const store = () => createDeliveryStore(dynalite.table);
  const ref = { tenant: 'demo', day: '2026-11-20', id: 'desk-1-0' };

  it('writes a row once and changes it only from the version that was read', async () => {
    expect(await store().create(delivery())).toBe(true);
    expect(await store().create(delivery({ to: '+447700900999' }))).toBe(false);
    await Promise.all([1, 2, 3, 4].map(() => store().change(ref, (row) => ({ ...row, attempts: row.attempts + 1 }))));
    expect(await store().read(ref)).toEqual({ ...delivery(), attempts: 4, version: 5 });
    const same = await store().change(ref, () => undefined);
    expect(same?.version).toBe(5);
    expect(await store().change({ ...ref, id: 'none' }, (row) => row)).toBeUndefined();
  });

  it('lists a day newest first, for one tenant', async () => {
    await store().create(delivery({ tenant: 'list', id: 'a', queuedAt: T0 }));
    await store().create(delivery({ tenant: 'list', id: 'b', queuedAt: T0 + 1 }));
    await store().create(delivery({ tenant: 'list', id: 'c', day: '2026-11-21' }));
    expect((await store().list('list', '2026-11-20')).map((row) => row.id)).toEqual(['b', 'a']);
  });

  it('names rows whose timers were lost, oldest first, until they are concluded', async () => {
    const at = (id: string, checkAt: number) => delivery({ tenant: 'due', id, checkAt });
    await store().create(at('late', T0 + 1_000));
    await store().create(at('later', T0 + 500));
    await store().create(at('coming', T0 + 3_600_000));
    const overdue = async (ms: number, limit = 10) =>
      (await store().overdue('due', T0 + ms, limit)).map((found) => found.id);
    expect(await overdue(1_000)).toEqual([]);
    expect(await overdue(60_000)).toEqual(['later', 'late']);
    expect(await overdue(60_000, 1)).toEqual(['later']);
    await store().change({ tenant: 'due', day: '2026-11-20', id: 'late' }, ({ checkAt: _checkAt, ...row }) => row);
    expect(await overdue(60_000)).toEqual(['later']);
  });
});
