import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../../shared/collect/audit.dynamodb.ts';
import type { AuditLog } from '../../../shared/collect/audit.port.ts';
import { type AuditDraft, nextEntry, shortSubject } from '../../../shared/collect/audit.ts';
import { auditHeadKey, auditPk, auditRowKey } from '../../../shared/collect/audit-keys.ts';
import { startDynalite } from '../dynalite.ts';
import { MovableClock, NOON } from './fakes.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
let clock: MovableClock;
let audit: AuditLog;
let tenant = '';
let count = 0;

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(() => {
  tenant = `demo-${++count}`;
  clock = new MovableClock();
  audit = openAuditLog({ table: database.table, clock });
});

const draft = (over: Partial<AuditDraft> = {}): AuditDraft => ({
  ...{
    subject: 'local:somebody',
    action: 'sims.enable',
    target: 'job 1',
    outcome: 'requested',
    details: { sims: 3, paid: false },
  },
  ...over,
});
async function fill(rows: number): Promise<void> {
  for (let i = 1; i <= rows; i++) await audit.append(tenant, draft({ target: `job ${i}` }));
}
const targets = (page: { entries: readonly { target: string }[] }) => page.entries.map((e) => e.target);

test('rows come back newest first, with who, what, when and how it ended', async () => {
  await audit.append(tenant, draft());
  clock.advance(5000);
  await audit.append(tenant, draft({ outcome: 'done' }));
  const page = await audit.list(tenant, 10);
  expect(page).toMatchObject({
    verified: true,
    entries: [
      { ...draft({ outcome: 'done' }), sequence: 2, at: NOON + 5000 },
      { ...draft(), sequence: 1, at: NOON, previous: '' },
    ],
  });
  expect(page.before).toBeUndefined();
});

test('an empty audit is verified, and other tenants see nothing of this one', async () => {
  await fill(2);
  expect(await audit.list('somebody-else', 10)).toEqual({ entries: [], verified: true });
});

test('pages join without a gap, and each is verified', async () => {
  await fill(7);
  const first = await audit.list(tenant, 3);
  const second = await audit.list(tenant, 3, first.before);
  const third = await audit.list(tenant, 3, second.before);
  expect([...targets(first), ...targets(second), ...targets(third)]).toEqual(
    [7, 6, 5, 4, 3, 2, 1].map((n) => `job ${n}`),
  );
  expect([first, second, third].map((p) => p.verified)).toEqual([true, true, true]);
  expect(third.before).toBeUndefined();
  expect(await audit.verify(tenant)).toEqual({ rows: 7 });
});

test('many who write at once each get a place of their own', async () => {
  const others = [
    audit,
    openAuditLog({ table: database.table, clock }),
    openAuditLog({ table: database.table, clock }),
  ];
  await Promise.all(
    others.flatMap((log, who) =>
      [1, 2, 3].map((n) => log.append(tenant, draft({ subject: `p${who}`, target: `${n}` }))),
    ),
  );
  const page = await audit.list(tenant, 50);
  expect(page.verified).toBe(true);
  expect(new Set(page.entries.map((e) => `${e.subject} ${e.target}`)).size).toBe(9);
  expect(page.entries.map((e) => e.sequence)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

describe('what was changed afterwards shows', () => {
  beforeEach(() => fill(6));
  const change = async (sequence: number, over: object) => {
    const item = await database.table.get(auditRowKey(tenant, sequence));
    await database.table.put({ ...(item ?? {}), ...over } as never);
  };

  test.each([
    ['who', { subject: 'somebody else' }],
    ['what', { action: 'sims.disable' }],
    ['how it ended', { outcome: 'done' }],
    ['when', { at: NOON + 1 }],
    ['a detail', { details: { sims: 4, paid: false } }],
    ['its hash', { hash: '0'.repeat(64) }],
  ])('%s of a row', async (_, over) => {
    await change(3, over);
    expect((await audit.list(tenant, 10)).verified).toBe(false);
    expect((await audit.verify(tenant)).broken).toBe(3);
  });

  test('a row that was written anew as a whole, its own hash included', async () => {
    const [, third, second] = (await audit.list(tenant, 3, 5)).entries;
    if (!third || !second) throw new Error('six rows were written');
    const forged = nextEntry(second, tenant, draft({ subject: 'somebody else' }), third.at);
    await change(3, forged);
    expect((await audit.list(tenant, 10)).verified).toBe(false);
    expect((await audit.verify(tenant)).broken).toBe(4);
  });

  test('a page without the row is not accused, the one with it is', async () => {
    await change(3, { target: 'job 99' });
    const first = await audit.list(tenant, 2);
    expect(first.verified).toBe(true);
    expect((await audit.list(tenant, 2, first.before)).verified).toBe(false);
  });

  test.each([1, 3])('row %i that was taken out', async (sequence) => {
    await database.table.delete(auditRowKey(tenant, sequence));
    expect((await audit.list(tenant, 10)).verified).toBe(false);
    expect((await audit.verify(tenant)).broken).toBe(sequence + 1);
  });

  test('the newest rows taken away, also when new ones follow', async () => {
    await database.table.delete(auditRowKey(tenant, 6));
    await database.table.delete(auditRowKey(tenant, 5));
    expect((await audit.list(tenant, 10)).verified).toBe(false);
    await fill(2);
    const page = await audit.list(tenant, 10);
    expect(page.entries[0]?.sequence).toBe(8);
    expect(page.verified).toBe(false);
  });

  test('a writer that died before it came to the head is no forger', async () => {
    const head = await database.table.get(auditHeadKey(tenant));
    await audit.append(tenant, draft());
    await database.table.put(head as never);
    expect((await audit.list(tenant, 10)).verified).toBe(true);
    await audit.append(tenant, draft());
    expect(await audit.verify(tenant)).toEqual({ rows: 8 });
  });
});

test('rows live for ever, on the shelf of logs', async () => {
  await fill(1);
  expect(auditPk('demo')).toBe('demo#L#audit');
  expect(await database.table.get(auditRowKey(tenant, 1))).not.toHaveProperty('expiresAt');
});

test('a long identity is shown short', () => {
  expect(shortSubject('local:owner')).toBe('local:owner');
  expect(shortSubject('0f8fad5b-d9cb-469f-a165-70867728950e')).toBe('0f8fad5b-d9c…');
});
