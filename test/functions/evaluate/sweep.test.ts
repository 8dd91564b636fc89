import { expect, test } from 'vitest';
import { createSweep, type SweepDeps } from '../../../functions/evaluate/sweep.ts';
import { dataAges } from '../../../functions/evaluate/sweep-due.ts';
import { reportSweep } from '../../../functions/evaluate/sweep-report.ts';
import type { Alert } from '../../../shared/alerts/alert.ts';
import type { EvaluateMessage, Source } from '../../../shared/collect/source.ts';
import type { OutboxMessage } from '../../../shared/notify/notify.contract.ts';
import type { Watch } from '../../../shared/rules/watch.ts';
import type { Head } from '../../../shared/samples/sample.ts';
import { alertOf } from '../../shared/alerts/examples.ts';

/** A minute divisible by five, in which ages are looked at. */
const T0 = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;

function house(part: { open?: Alert[]; sources?: Source[]; heads?: Head[]; deps?: Partial<SweepDeps>; now?: number }) {
  const evaluations: EvaluateMessage[] = [];
  const messages: OutboxMessage[] = [];
  const watches = new Map<string, Watch>();
  const clock = { now: () => part.now ?? T0 };
  const tenant = { name: '', zone: 'UTC', simulated: true, allowedNetworks: [], createdAt: T0 };
  const sweep = createSweep({
    clock,
    tenants: {
      listTenants: async () => [
        { ...tenant, tenant: 'demo' },
        { ...tenant, tenant: 'gone', removedAt: T0 },
      ],
    },
    alerts: { listOpen: async () => part.open ?? [] },
    watch: {
      read: async (name) => watches.get(name),
      write: async (name, watch) => void watches.set(name, watch),
    },
    mailboxes: { due: async () => [] },
    deliveries: { overdue: async () => [] },
    sources: { list: async () => part.sources ?? [] },
    samples: { readHeads: async (_tenant, kind) => (part.heads ?? []).filter((head) => head.kind === kind) },
    evaluateQueue: {
      send: async () => {},
      sendMany: async (all) => void evaluations.push(...all.map((e) => e.message)),
    },
    outboxQueue: { send: async () => {}, sendMany: async (all) => void messages.push(...all.map((e) => e.message)) },
    ...part.deps,
  });
  return { sweep, evaluations, messages, watches };
}

function source(id: string, part: Partial<Source> = {}): Source {
  return {
    tenant: 'demo',
    id,
    type: 'taara',
    kind: 'bundle',
    name: id,
    enabled: true,
    periodSeconds: 900,
    settings: {},
    simulated: true,
    createdAt: T0,
    version: 1,
    ...part,
  };
}

function head(target: string, newestSlot: number): Head {
  return { tenant: 'demo', kind: 'bundle', target, seq: 1, folded: 0, periodSeconds: 900, entities: [], newestSlot };
}

test('words that an uplink holds back are not asked for each minute, nor counted as late', async () => {
  const word = { recipient: 'x', stage: 'firing-critical', detectedAt: T0 - 60 * MINUTE } as const;
  const gateway = alertOf({
    ...{ fingerprint: 'core/gw#down', entity: 'core/gw', told: { x: 'firing-critical' } },
    mutes: { since: T0 - 60 * MINUTE },
  });
  const muted = { by: gateway.fingerprint, episode: gateway.activeAt, name: 'Gateway', since: T0 - 60 * MINUTE };
  const held = alertOf({
    ...{ behind: { uplink: 'reach:core/gw', periodSeconds: 300 }, muted, outbox: [word] },
    firedAt: T0 - 60 * MINUTE,
  });
  const quiet = house({ open: [gateway, held] });
  expect(await quiet.sweep()).toMatchObject({ outboxSeconds: undefined, firing: 2 });
  expect(quiet.messages).toEqual([]);
  const over = house({ open: [held] });
  expect(await over.sweep()).toMatchObject({ outboxSeconds: 3600 });
  expect(over.messages).toMatchObject([{ fingerprints: [held.fingerprint] }]);
});

test('only alerts whose time has come are looked at again, each target once', async () => {
  const open = [
    alertOf({ state: 'pending', target: 'a', dueAt: T0 }),
    alertOf({ state: 'firing', target: 'a', clearingSince: T0 - 1, dueAt: T0 - 1 }),
    alertOf({ state: 'pending', target: 'later', dueAt: T0 + 1 }),
    alertOf({ state: 'firing', target: 'steady' }),
    alertOf({ state: 'resolved', target: 'told', resolvedAt: T0 - MINUTE, outbox: [] }),
    alertOf({ state: 'resolved', target: 'owing', outbox: [{ recipient: 'x', stage: 'resolved', detectedAt: T0 }] }),
  ];
  const { sweep, evaluations } = house({ open });
  const report = await sweep();
  expect(evaluations).toEqual([
    { version: 1, tenant: 'demo', kind: 'bundle', target: 'a' },
    { version: 1, tenant: 'demo', kind: 'bundle', target: 'told' },
  ]);
  expect(report).toMatchObject({ tenants: 1, firing: 2, pending: 2, evaluations: 2, unevaluatedSeconds: 60 });
});

test('fault 1: words left in an outbox, waiting mailboxes and overdue deliveries are sent on', async () => {
  const entry = { recipient: 'amina', stage: 'firing-warning' as const, detectedAt: T0 - 90_000 };
  const { sweep, messages } = house({
    open: [alertOf({ outbox: [entry] }), alertOf({ fingerprint: 'x#y' })],
    deps: {
      mailboxes: { due: async () => ['amina'] },
      deliveries: { overdue: async () => [{ tenant: 'demo', day: '2026-11-20', id: 'd1' }] },
    },
  });
  const report = await sweep();
  expect(messages).toEqual([
    { version: 1, tenant: 'demo', fingerprints: ['core1/ether1#low'] },
    { version: 1, tenant: 'demo', recipient: 'amina' },
    { version: 1, tenant: 'demo', day: '2026-11-20', delivery: 'd1', check: true },
  ]);
  expect(report).toMatchObject({ outboxSeconds: 90, messages: 3 });
});

test('every fifth minute the most silent source gives the age, and those that missed a slot are judged', async () => {
  const part = {
    sources: [
      source('fresh'),
      source('late'),
      source('never', { createdAt: T0 - 1_200_000 }),
      source('off', { enabled: false }),
    ],
    heads: [head('fresh', T0 - 60_000), head('late', T0 - 1_800_000), head('off', T0 - 86_400_000)],
  };
  const at = house(part);
  expect(await at.sweep()).toMatchObject({ dataAgeSeconds: 1_800, dataAgePeriods: 2 });
  expect(at.evaluations.map((message) => message.target)).toEqual(['late', 'never']);
  const between = house({ ...part, now: T0 + MINUTE });
  expect((await between.sweep()).dataAgeSeconds).toBeUndefined();
  expect(between.evaluations).toEqual([]);
});

test('a source is silent only after a whole period and its grace', () => {
  const at = (seconds: number) => dataAges([source('a')], [head('a', T0 - seconds * 1000)], T0).silent.length;
  expect([900, 960, 961].map(at)).toEqual([0, 0, 1]);
});

test('a pause of the machine is one notice', async () => {
  const part = { now: T0 };
  const { sweep, watches } = house(part);
  expect((await sweep()).pause).toBeUndefined();
  part.now = T0 + 8 * 60 * MINUTE;
  expect((await sweep()).pause).toEqual({ from: T0, to: part.now });
  expect(watches.get('demo')?.aliveSince).toBe(part.now);
  part.now += MINUTE;
  expect((await sweep()).pause).toBeUndefined();
});

test('fault 8: one tenant in trouble does not hold up another, and the report names it', async () => {
  const tenant = { name: '', zone: 'UTC', simulated: true, allowedNetworks: [], createdAt: T0 };
  const error = new Error('throttled');
  const { sweep, evaluations } = house({
    deps: {
      tenants: { listTenants: async () => ['bad', 'good'].map((name) => ({ ...tenant, tenant: name })) },
      alerts: {
        listOpen: async (name) => {
          if (name === 'bad') throw error;
          return [alertOf({ state: 'pending', dueAt: T0 })];
        },
      },
    },
  });
  const report = await sweep();
  expect(evaluations.map((message) => message.tenant)).toEqual(['good']);
  expect(report.failures).toEqual([{ tenant: 'bad', error }]);
});

test('metrics are told also when a tenant failed, and then the run counts as failed', () => {
  const metrics = new Map<string, number>();
  const lines: string[] = [];
  const log = (message: string) => void lines.push(message);
  const sink = {
    addMetric: (name: string, _unit: string, value: number) => void metrics.set(name, value),
    publishStoredMetrics: () => void metrics.set('published', metrics.size),
  };
  const report = {
    tenants: 2,
    firing: 3,
    pending: 1,
    unevaluatedSeconds: undefined,
    outboxSeconds: 7,
    dataAgeSeconds: undefined,
    dataAgePeriods: undefined,
    pause: { from: T0, to: T0 + 1 },
    evaluations: 0,
    messages: 0,
    failures: [{ tenant: 'bad', error: new Error('throttled') }],
  };
  expect(() => reportSweep(report, sink, { info: log, warn: log, error: log })).toThrow('throttled');
  expect(Object.fromEntries(metrics)).toEqual({
    OpenAlerts: 3,
    PendingAlerts: 1,
    SweepFailures: 1,
    OldestUnevaluatedAge: 0,
    OldestOutboxAge: 7,
    published: 5,
  });
  expect(lines).toEqual(['Headroom was off', 'a tenant was not swept', 'swept']);
});
