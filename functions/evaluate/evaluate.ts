/** Judges one target: reads its present consistently, advances its alerts, and says whose outbox has something in it. */
import * as z from 'zod/mini';
import type { Alert } from '../../shared/alerts/alert.ts';
import type { AlertStore } from '../../shared/alerts/alerts.port.ts';
import { fingerprintOf } from '../../shared/alerts/keys.ts';
import type { Recipient } from '../../shared/alerts/recipient.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import type { EntityStore, TenantStore } from '../../shared/entities/entities.port.ts';
import type { OutboxAlertsMessage } from '../../shared/notify/notify.contract.ts';
import type { ReceiverStore } from '../../shared/notify/receivers.port.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { AppError } from '../../shared/platform/errors.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import type { Context } from '../../shared/rules/context.ts';
import { uncovered } from '../../shared/rules/coverage.ts';
import { evaluateAll } from '../../shared/rules/evaluate.ts';
import type { Finding } from '../../shared/rules/finding.ts';
import type { Observe } from '../../shared/rules/observation.ts';
import type { Rule } from '../../shared/rules/rule.ts';
import { evaluateMessage } from '../../shared/rules/rules.contract.ts';
import type { RuleStore } from '../../shared/rules/rules.port.ts';
import type { RuleIndex } from '../../shared/rules/selector.ts';
import type { WatchStore } from '../../shared/rules/watch.port.ts';
import type { SampleStore } from '../../shared/samples/samples.port.ts';
import { createPresentReader, type Present } from './evaluate-present.ts';
import { createRuleMemory, type RuleMemory } from './evaluate-rules.ts';
import { createSettler } from './evaluate-settle.ts';

/** What a capability tells the evaluator. */
export interface Judged {
  readonly kind: string;
  readonly defaultRules: readonly Rule[];
  readonly observe: Observe;
}

export interface EvaluateDeps {
  readonly clock: Clock;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly sources: Pick<SourceStore, 'read'>;
  readonly entities: Pick<EntityStore, 'listOfTarget'>;
  readonly samples: Pick<SampleStore, 'readHead' | 'newestBatches'>;
  readonly rules: Pick<RuleStore, 'list'>;
  readonly watch: Pick<WatchStore, 'read'>;
  readonly receivers: Pick<ReceiverStore, 'list'>;
  readonly alerts: Pick<AlertStore, 'openOfTarget' | 'apply' | 'readFinished'>;
  readonly outbox: Queue<OutboxAlertsMessage>;
  readonly capabilityOf: (kind: string) => Judged;
}

/** What an evaluation did, for the log. */
export interface EvaluateReport {
  readonly tenant: string;
  readonly kind: string;
  readonly target: string;
  readonly findings: number;
  readonly changes: readonly string[];
  /** Alerts whose outbox holds something. */
  readonly waiting: number;
}

/** Each lost race is one more look; somebody else made progress every time. */
const ATTEMPTS = 5;
/** Keeps one message and the relay's work on it bounded. */
const FINGERPRINTS_PER_MESSAGE = 100;

/** Takes the body of a message. Throws REQUEST_INVALID for what is none, STORE_CONFLICT after lost races. */
export function createEvaluate(deps: EvaluateDeps): (body: string) => Promise<EvaluateReport> {
  const memory = createRuleMemory(deps);
  const readPresent = createPresentReader(deps);
  const settle = createSettler(deps);
  return async (body) => {
    const ref = parse(body);
    const capability = deps.capabilityOf(ref.kind);
    const changes: string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const rules = await memory.recall(ref.tenant, ref.kind, capability.defaultRules);
      const present = await readPresent(ref, rules.index);
      if (!present) return { ...ref, findings: 0, changes, waiting: 0 };
      const judged = await judge(capability, memory, present, rules);
      const recipients = await recipientsOf(deps.receivers, ref.tenant);
      const settled = await settle(present, judged.findings, judged.index, recipients);
      changes.push(...settled.changes);
      if (settled.conflict) continue;
      await announce(deps.outbox, ref.tenant, settled.waiting);
      return { ...ref, findings: judged.findings.length, changes, waiting: settled.waiting.length };
    }
    throw new AppError('STORE_CONFLICT', `alerts of ${ref.target} kept changing`, { retryable: true });
  };
}

function parse(body: string): z.infer<typeof evaluateMessage> {
  const parsed = z.safeParse(evaluateMessage, jsonOf(body));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new AppError('REQUEST_INVALID', 'the message does not ask for an evaluation', { context: { issues } });
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new AppError('REQUEST_INVALID', 'the message is not JSON', { cause: error });
  }
}

/** Before an alert is born or buried the rules are read anew: nobody is woken by a rule that was disabled just now. */
async function judge(
  capability: Judged,
  memory: RuleMemory,
  present: Present,
  rules: { index: RuleIndex; fresh: boolean },
): Promise<{ findings: Finding[]; index: RuleIndex }> {
  const findings = findingsOf(capability, present, rules.index);
  if (rules.fresh || !findings.some((finding) => decides(finding, present.open)))
    return { findings, index: rules.index };
  const index = await memory.reread(present.ref.tenant, present.ref.kind, capability.defaultRules);
  return { findings: findingsOf(capability, present, index), index };
}

function decides({ state, entity, rule }: Finding, open: ReadonlyMap<string, Alert>): boolean {
  return state === 'gone' || (state === 'breach' && !open.has(fingerprintOf(entity, rule)));
}

/** Of every rule that applies, and of every open alert that no rule spoke of. */
function findingsOf(capability: Judged, present: Present, index: RuleIndex): Finding[] {
  const context: Context = present.context;
  const found = present.exists ? evaluateAll(index, capability.observe(context.window), context) : [];
  const judged = new Set(found.map((finding) => fingerprintOf(finding.entity, finding.rule)));
  const rest = [...present.open.values()].filter((alert) => !judged.has(alert.fingerprint));
  return [...found, ...rest.map((alert) => uncovered(alert, index, context, present.exists))];
}

async function recipientsOf(receivers: EvaluateDeps['receivers'], tenant: string): Promise<Recipient[]> {
  const all = await receivers.list(tenant);
  return all.filter((receiver) => receiver.enabled).map(({ id, minSeverity }) => ({ id, minSeverity }));
}

/** Also for alerts that this run did not touch: an earlier one may have ended between its write and this message. */
async function announce(outbox: Queue<OutboxAlertsMessage>, tenant: string, waiting: readonly string[]): Promise<void> {
  for (let at = 0; at < waiting.length; at += FINGERPRINTS_PER_MESSAGE) {
    await outbox.send({ version: 1, tenant, fingerprints: waiting.slice(at, at + FINGERPRINTS_PER_MESSAGE) });
  }
}
