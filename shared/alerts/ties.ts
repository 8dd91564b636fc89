/** What an episode has to do with uplinks, noted at each judgement: on what it hangs, and whether it mutes what hangs on it. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Finding } from '../rules/finding.ts';
import { unclearedLevel } from '../rules/levels.ts';
import type { Rule } from '../rules/rule.ts';
import type { Alert, Behind, Mutes } from './alert.ts';

export interface Ties {
  /** What the entity hangs on; absent = on nothing that anybody named. */
  readonly uplink?: string;
  /** How often the entity's target is read. */
  readonly periodSeconds?: number;
  /** The source was asked, and nothing came back: only such a silence says that it is down. */
  readonly unanswered?: boolean;
}

/** Of an entity that nobody could judge for so many slots, nobody knows that it is still down. */
const SLOTS_FRESH = 3;

interface Judged extends Ties {
  readonly finding: Finding;
  readonly rule: Rule | undefined;
  readonly now: Instant;
}

/** The alert with both noted; the same alert where nothing changes. */
export function tied(judged: Judged, alert: Alert): Alert {
  // The last words of an alert that is over go the way that its first ones went.
  const current = judged.rule?.mutedByUplink === true ? behindOf(judged) : undefined;
  const behind = alert.state === 'resolved' ? alert.behind : current;
  const mutes = mutesAfter(judged, alert);
  const { behind: _behind, mutes: _mutes, ...rest } = alert;
  return { ...rest, ...(behind ? { behind } : {}), ...(mutes ? { mutes } : {}) };
}

function behindOf({ uplink, periodSeconds = 0 }: Ties): Behind | undefined {
  return uplink === undefined ? undefined : { uplink, periodSeconds };
}

/** From the most severe level on: half of a link is no link that is down. A value that is back mutes until its alert ends. */
function mutesAfter(judged: Judged, alert: Alert): Mutes | undefined {
  const { finding, rule, now, unanswered, periodSeconds = 0 } = judged;
  const before = alert.mutes;
  if (alert.state !== 'firing' || rule?.mutesDependents !== true) return before && ended(before, now);
  if (finding.state === 'clear') return before;
  const isDown = rule.type === 'absence' ? unanswered === true : isAtWorst(rule, finding.value);
  if (!isDown) return before && ended(before, now);
  if (before && before.until === undefined) return before;
  return { since: now, ...(rule.type === 'absence' ? {} : { freshSeconds: SLOTS_FRESH * periodSeconds }) };
}

function isAtWorst(rule: Extract<Rule, { type: 'threshold' }>, value: number | undefined): boolean {
  return value !== undefined && unclearedLevel(rule, value) === rule.levels.at(-1);
}

function ended(mutes: Mutes, now: Instant): Mutes {
  return mutes.until === undefined ? { ...mutes, until: now } : mutes;
}
