/** From a site's pack to the slots of its tenant's grid: each reading is anchored at our clock, by the site's own. Pure. */
import { phaseSeconds } from '../collect/schedule.ts';
import type { Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import type { Issue } from '../platform/errors.ts';
import { MAX_READINGS, type PushedReading, type PushPack } from './push.contract.ts';
import { durationMs } from './routeros-words.ts';

/** A site whose clock is a little ahead means the slot to come. */
const EARLY_MS = 60_000;
/** What the site kept, and the slot that is running. */
const OLDEST_PERIODS = MAX_READINGS + 1;

/** Which site, and how often it is expected. */
export interface Grid {
  readonly tenant: string;
  readonly periodSeconds: number;
}

export interface PushedSlot {
  readonly slot: Instant;
  readonly reading: PushedReading;
}

/** The slot that a reading stands for: the last one, or the next when that is less than a minute (half a period) away. */
export function slotOf({ tenant, periodSeconds }: Grid, at: Instant): Instant {
  const periodMs = periodSeconds * 1000;
  const phaseMs = phaseSeconds(tenant, periodSeconds) * 1000;
  const early = Math.min(EARLY_MS, periodMs / 2);
  return Math.floor((at + early - phaseMs) / periodMs) * periodMs + phaseMs;
}

/** The first slot after `at`. */
export function nextSlot({ tenant, periodSeconds }: Grid, at: Instant): Instant {
  const periodMs = periodSeconds * 1000;
  const phaseMs = phaseSeconds(tenant, periodSeconds) * 1000;
  return (Math.floor((at - phaseMs) / periodMs) + 1) * periodMs + phaseMs;
}

/** Oldest first, one reading per slot (the earlier of two); or everything that is wrong with the pack's times. */
export function slotsOf(pack: PushPack, receivedAt: Instant, grid: Grid): { slots: PushedSlot[]; issues: Issue[] } {
  const issues: Issue[] = [];
  const now = sendingOf(pack, issues);
  const anchored = pack.readings.map((reading, position): PushedReading => {
    const { ageMs, uptimeMs } = timesOf(reading, now, (message) =>
      issues.push({ path: `readings[${position}]`, message }),
    );
    if (ageMs > OLDEST_PERIODS * grid.periodSeconds * 1000) {
      const message = `was read ${Math.round(ageMs / 1000)} s ago: nothing older than ${OLDEST_PERIODS} periods is taken`;
      issues.push({ path: `readings[${position}]`, message });
    }
    return {
      receivedAt: Math.round(receivedAt - ageMs),
      ...(uptimeMs === undefined ? {} : { uptimeMs: Math.round(uptimeMs) }),
      ...(now.isCoarse && uptimeMs !== undefined ? { isCoarse: true } : {}),
      interfaces: reading.interfaces,
    };
  });
  if (pack.readings.filter((r) => r.at === undefined && r.uptimeSeconds === undefined).length > 1) {
    issues.push({ path: 'readings', message: 'several have neither at nor uptimeSeconds: only one can be of now' });
  }
  const bySlot = new Map<Instant, PushedReading>();
  for (const reading of anchored.sort((a, b) => a.receivedAt - b.receivedAt)) {
    const slot = slotOf(grid, reading.receivedAt);
    if (!bySlot.has(slot)) bySlot.set(slot, reading);
  }
  return { slots: [...bySlot].map(([slot, reading]) => ({ slot, reading })), issues };
}

/** The site's clocks as it sent. */
interface Sending {
  readonly sentAt: Instant | undefined;
  readonly uptimeMs: number | undefined;
  readonly isCoarse: boolean;
}

function sendingOf({ sentAt, uptimeSeconds, uptime }: PushPack, issues: Issue[]): Sending {
  const told = uptime === undefined ? undefined : durationMs(uptime);
  if (uptime !== undefined && told === undefined) {
    issues.push({ path: 'uptime', message: 'is no time in the words of RouterOS, such as 1w2d03:04:05' });
  }
  return {
    sentAt: sentAt === undefined ? undefined : Date.parse(sentAt),
    uptimeMs: uptimeSeconds === undefined ? told : uptimeSeconds * 1000,
    isCoarse: uptimeSeconds === undefined,
  };
}

/** How long ago a reading was made, by the machine's uptime where both are known, else by the site's clock. */
function timesOf(
  reading: PushPack['readings'][number],
  { sentAt, uptimeMs: nowMs }: Sending,
  tell: (message: string) => void,
): { ageMs: number; uptimeMs: number | undefined } {
  const readMs = reading.uptimeSeconds === undefined ? undefined : reading.uptimeSeconds * 1000;
  if (readMs !== undefined && nowMs === undefined) {
    tell('has uptimeSeconds, and the pack does not: say how long the machine was up as it sent');
    return { ageMs: 0, uptimeMs: readMs };
  }
  if (readMs !== undefined && nowMs !== undefined) {
    if (readMs > nowMs) tell('was read after the pack was sent, says its uptime');
    return { ageMs: Math.max(0, nowMs - readMs), uptimeMs: readMs };
  }
  if (reading.at === undefined) return { ageMs: 0, uptimeMs: nowMs };
  if (sentAt === undefined) {
    tell('has a time, and the pack has no sentAt: only the distance between the two tells how old it is');
    return { ageMs: 0, uptimeMs: undefined };
  }
  const ageMs = sentAt - Date.parse(reading.at);
  if (ageMs < 0) tell(`lies ${Math.ceil(-ageMs / 1000)} s in the future: at must not be later than sentAt`);
  return { ageMs: Math.max(0, ageMs), uptimeMs: uptimeBefore(nowMs, ageMs) };
}

/** Undefined where the machine was not up yet: then that uptime says nothing about the reading. */
function uptimeBefore(nowMs: number | undefined, ageMs: number): number | undefined {
  return nowMs === undefined || nowMs < ageMs ? undefined : nowMs - ageMs;
}

/** For the answer. */
export function slotTexts(slots: readonly PushedSlot[]): string[] {
  return slots.map(({ slot }) => isoInstant(slot));
}
