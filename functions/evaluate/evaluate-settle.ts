/** Writes what findings mean for the open alerts of one target, each by its own conditional write. */
import { advance } from '../../shared/alerts/advance.ts';
import type { Alert } from '../../shared/alerts/alert.ts';
import { fingerprintOf } from '../../shared/alerts/keys.ts';
import type { Recipient } from '../../shared/alerts/recipient.ts';
import type { Ties } from '../../shared/alerts/ties.ts';
import { parseUplink } from '../../shared/collect/uplink.ts';
import type { Entity } from '../../shared/entities/entity.ts';
import { assert } from '../../shared/platform/assert.ts';
import type { Finding } from '../../shared/rules/finding.ts';
import type { RuleIndex } from '../../shared/rules/selector.ts';
import type { EvaluateDeps } from './evaluate.ts';
import type { Present } from './evaluate-present.ts';

export interface Settled {
  /** `<change> <fingerprint>` of every write. */
  readonly changes: string[];
  /** Fingerprints whose outbox holds something. */
  readonly waiting: string[];
  /** Somebody else wrote first: read everything again. */
  readonly conflict: boolean;
}

type Alerts = Pick<EvaluateDeps['alerts'], 'apply' | 'readFinished'>;

/** Resolve, finish, and begin again is the longest way that one finding can go. */
const STEPS = 5;
/** A router with many ports settles in a moment without flooding the table. */
const PARALLEL = 8;
/** Only a rule that is switched off and on again and again within one slot gets there. */
const NAMES = 100;

export function createSettler(deps: {
  alerts: Alerts;
}): (present: Present, findings: readonly Finding[], rules: RuleIndex, to: readonly Recipient[]) => Promise<Settled> {
  return async (present, findings, rules, recipients) => {
    const settled = { changes: [] as string[], waiting: [] as string[], conflict: false };
    const worth = findings.filter((f) => f.state === 'breach' || present.open.has(fingerprintOf(f.entity, f.rule)));
    for (let at = 0; at < worth.length; at += PARALLEL) {
      await Promise.all(
        worth.slice(at, at + PARALLEL).map(async (finding) => {
          const one = await settleOne(deps.alerts, present, finding, rules, recipients);
          settled.changes.push(...one.changes);
          settled.waiting.push(...one.waiting);
          settled.conflict ||= one.conflict;
        }),
      );
    }
    return settled;
  };
}

async function settleOne(
  alerts: Alerts,
  present: Present,
  found: Finding,
  rules: RuleIndex,
  recipients: readonly Recipient[],
): Promise<Settled> {
  const { ref, context } = present;
  const fingerprint = fingerprintOf(found.entity, found.rule);
  const changes: string[] = [];
  let open = present.open.get(fingerprint);
  for (let step = 0; step < STEPS; step++) {
    const finding = await nameEpisode(alerts, ref.tenant, fingerprint, found, open);
    const rule = rules.byId.get(found.rule);
    const entity = context.window.entities.find((e) => e.id === found.entity);
    const simulated = present.simulated || (entity?.simulated ?? false);
    const ties = tiesOf(present, found.entity, entity);
    const outcome = advance({ ...ref, ...ties, open, finding, rule, now: context.now, recipients, simulated });
    if (outcome.change === 'none') break;
    if (!(await alerts.apply(open, outcome))) return { changes, waiting: [], conflict: true };
    changes.push(`${outcome.change} ${fingerprint}`);
    open = outcome.alert;
  }
  return { changes, waiting: open && open.outbox.length > 0 ? [fingerprint] : [], conflict: false };
}

/** What an entity hangs on it says itself, else its source; and nothing hangs on itself. */
function tiesOf({ uplink, unanswered = false, context }: Present, id: string, entity: Entity | undefined): Ties {
  const own = entity?.attributes.uplink;
  const named = typeof own === 'string' ? own : uplink;
  const ties = { unanswered, periodSeconds: context.periodSeconds };
  return named === undefined || parseUplink(named)?.entity === id ? ties : { ...ties, uplink: named };
}

/**
 * An episode is called by its beginning for ever, and a rule that is disabled and enabled again meets the same beginning
 * a second time: then the new episode begins a millisecond earlier. If history has judged a newer slot than the finding,
 * the finding comes from the past and means nothing.
 */
export async function nameEpisode(
  alerts: Pick<EvaluateDeps['alerts'], 'readFinished'>,
  tenant: string,
  fingerprint: string,
  finding: Finding,
  open: Alert | undefined,
): Promise<Finding> {
  if (finding.state !== 'breach' || isNamed(open, finding)) return finding;
  for (let since = finding.since; since > finding.since - NAMES; since--) {
    const same = open?.activeAt === since ? open : undefined;
    const past = same ?? (await alerts.readFinished(tenant, fingerprint, since));
    if (!past || past.state === 'pending') return { ...finding, since };
    if (finding.at < past.judgedSlot) return { ...finding, state: 'unknown', reason: 'a newer slot was judged' };
  }
  assert(false, `no name left for an episode of ${fingerprint}`);
}

/** True when the finding continues an episode instead of beginning one. */
function isNamed(open: Alert | undefined, finding: Finding): boolean {
  if (!open) return false;
  if (open.state === 'resolved') return open.next !== undefined;
  return open.state === 'firing' || open.activeAt === finding.since;
}
