/** Answers questions about a tenant's fleets as a whole: the overview, and who uses most. Knows ports only. */
import type * as z from 'zod/mini';
import type { Tenant } from '../entities/tenant.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { dayName, dayNumber, dayOf, monthOf } from '../samples/zone.ts';
import {
  lastSeenOf,
  PROVIDER_ZONE,
  percentOf,
  presenceOf,
  quotaLevelOf,
  type ShownSim,
  type SimAccount,
  simAccount,
  usedToday,
} from './shown-sim.ts';
import { type DayUsage, type MicroMegabytes, megabytesText, octetsOf } from './sim.ts';
import type { SimFleet, SimQueries } from './sims.query.ts';
import { simPage, statusOf } from './sims-list.ts';
import { ageSeconds, instantText, viewOfSim } from './sims-view.ts';
import type { overviewView, topView } from './sims-views.contract.ts';
import type { UsageStore } from './usage.port.ts';
import { type Consumer, topConsumers } from './usage.ts';
import { daysBetween } from './usage-answer.ts';
import { simName } from './usage-keys.ts';

type Overview = z.infer<typeof overviewView>;
type Top = z.infer<typeof topView>;

export interface TopQuery {
  /** Up to today, which counts; 30 unless told. */
  readonly days?: number | undefined;
  readonly limit?: number | undefined;
  readonly account?: string | undefined;
}

export interface FleetQueryDeps {
  readonly sims: Pick<SimQueries, 'list'>;
  readonly usage: Pick<UsageStore, 'readMonth'>;
  readonly clock: Clock;
}

export interface FleetQueries {
  overview(tenant: Tenant): Promise<Overview>;
  top(tenant: Tenant, query: TopQuery): Promise<Top>;
}

const LATEST = 10;
const DEFAULT_TOP_DAYS = 30;
const DEFAULT_TOP = 10;

export function createFleetQueries({ sims: queries, usage, clock }: FleetQueryDeps): FleetQueries {
  return {
    async overview(tenant) {
      const now = clock.now();
      const day = dayOf(now, PROVIDER_ZONE);
      const month = monthOf(day);
      const [fleet, ofMonth] = await Promise.all([queries.list(tenant), usage.readMonth(tenant.tenant, month)]);
      const { sims } = fleet;
      return {
        ...countsOf(sims),
        usedToday: { day, ...usedTodayOf(sims, now) },
        usedThisMonth: { month, ...usedThisMonthOf(fleet, ofMonth) },
        latest: latestOf(sims, now).map((sim) => viewOfSim(sim, now)),
        accounts: accountsOf(fleet, now),
      };
    },
    async top(tenant, { days = DEFAULT_TOP_DAYS, limit = DEFAULT_TOP, account }) {
      const to = dayOf(clock.now(), PROVIDER_ZONE);
      const from = dayName(dayNumber(to) - days + 1);
      const months = await Promise.all(monthsOf(from, to).map((month) => usage.readMonth(tenant.tenant, month)));
      const fleet = await queries.list(tenant);
      const within = joined(months, (day) => day >= from && day <= to);
      return topOf(fleet, within, { from, to, limit, account });
    },
  };
}

function countsOf(sims: readonly ShownSim[]) {
  const count = (holds: (sim: ShownSim) => boolean) => sims.filter(holds).length;
  const quotaAt = (service: 'data' | 'sms', level: string | undefined) =>
    count((sim) => quotaLevelOf(sim, service) === level);
  return {
    total: sims.length,
    enabled: count((sim) => statusOf(sim) === 'enabled'),
    disabled: count((sim) => statusOf(sim) === 'disabled'),
    statusUnknown: count((sim) => statusOf(sim) === 'unknown'),
    online: count((sim) => presenceOf(sim)?.state === 'online'),
    presenceKnown: count((sim) => presenceOf(sim) !== undefined),
    quotaAlerts: {
      dataLow: quotaAt('data', 'low'),
      dataExhausted: quotaAt('data', 'exhausted'),
      dataUnknown: quotaAt('data', undefined),
      smsLow: quotaAt('sms', 'low'),
      smsExhausted: quotaAt('sms', 'exhausted'),
      smsUnknown: quotaAt('sms', undefined),
    },
  };
}

/** A volume of one account, for accounts may count their megabytes differently. */
interface Used {
  readonly account: SimAccount;
  readonly amount: MicroMegabytes;
}

/** Undefined where nothing is known: an unknown sum is not 0. */
function totalOf(used: readonly Used[]): { amount: MicroMegabytes; octets: bigint } | undefined {
  if (used.length === 0) return undefined;
  const byAccount = new Map<SimAccount, bigint>();
  for (const { account, amount } of used) byAccount.set(account, (byAccount.get(account) ?? 0n) + amount);
  let [amount, octets] = [0n, 0n];
  for (const [account, sum] of byAccount) {
    amount += sum;
    octets += octetsOf(sum, account.octetsPerMegabyte);
  }
  return { amount, octets };
}

function totalTexts(used: readonly Used[]) {
  const total = totalOf(used);
  return {
    megabytes: total === undefined ? null : megabytesText(total.amount),
    octets: total === undefined ? null : total.octets.toString(),
  };
}

function usedTodayOf(sims: readonly ShownSim[], now: Instant) {
  const used = sims.flatMap((sim) => {
    const known = usedToday(sim, now);
    return known === undefined ? [] : [{ account: sim.account, amount: known.value }];
  });
  return { ...totalTexts(used), simsKnown: used.length, simsTotal: sims.length };
}

function usedThisMonthOf({ sims, accounts }: SimFleet, usage: ReadonlyMap<string, readonly DayUsage[]>) {
  const consumers = consumersOf(usage, accounts);
  const known = new Set(consumers.map(({ id }) => id));
  return {
    ...totalTexts(consumers.map(({ account, total }) => ({ account, amount: total }))),
    simsKnown: sims.filter((sim) => known.has(usageIdOf(sim))).length,
    simsTotal: sims.length,
  };
}

function latestOf(sims: readonly ShownSim[], now: Instant): readonly ShownSim[] {
  const seen = sims.filter((sim) => lastSeenOf(sim) !== undefined);
  const order = { by: 'lastSeen', descending: true } as const;
  return simPage(seen, order, { limit: LATEST, after: undefined, now })?.sims ?? [];
}

function accountsOf({ accounts, sims }: SimFleet, now: Instant): Overview['accounts'] {
  const all = new Map([...accounts, ...sims.map(({ account }) => [account.id, account] as const)]);
  return [...all.values()].map((account) => {
    const own = sims.filter((sim) => sim.account.id === account.id);
    const readAt = own.flatMap(({ newest }) => (newest === undefined ? [] : [newest.receivedAt]));
    const oldest = readAt.length === 0 ? undefined : readAt.reduce((a, b) => Math.min(a, b));
    return {
      account: account.id,
      name: account.name,
      lastWalkAt: instantText(account.walkedAt),
      lastWalkAgeSeconds: ageSeconds(account.walkedAt, now),
      simsListed: own.length,
      detailsKnown: readAt.length,
      oldestDetailsAgeSeconds: ageSeconds(oldest, now),
    };
  });
}

/** As usage is kept. */
function usageIdOf({ account, iccid }: ShownSim): string {
  return simName({ account: account.id, iccid });
}

interface AccountConsumer extends Consumer {
  readonly account: SimAccount;
  readonly iccid: string;
}

/** Everybody with known usage, also who is no longer listed. */
function consumersOf(
  usage: ReadonlyMap<string, readonly DayUsage[]>,
  accounts: ReadonlyMap<string, SimAccount>,
): AccountConsumer[] {
  const gone = new Map<string, SimAccount>();
  return topConsumers(usage, usage.size).map((consumer) => {
    const [id = '', iccid = ''] = consumer.id.split('/');
    const account = accounts.get(id) ?? gone.get(id) ?? simAccount(id, undefined, undefined);
    gone.set(id, account);
    return { ...consumer, account, iccid };
  });
}

function topOf(
  { sims, accounts }: SimFleet,
  usage: ReadonlyMap<string, readonly DayUsage[]>,
  { from, to, limit, account }: { from: string; to: string; limit: number; account: string | undefined },
): Top {
  const isWanted = (id: string) => account === undefined || account === id;
  const listed = new Map(sims.map((sim) => [usageIdOf(sim), sim]));
  const consumers = consumersOf(usage, accounts)
    .filter((c) => isWanted(c.account.id))
    .map((c) => ({ ...c, octets: octetsOf(c.total, c.account.octetsPerMegabyte) }))
    .sort((a, b) => (a.octets === b.octets ? byText(a.iccid, b.iccid) : a.octets > b.octets ? -1 : 1));
  const used = consumers.map(({ account: of, total }) => ({ account: of, amount: total }));
  const total = totalOf(used);
  const texts = totalTexts(used);
  return {
    from,
    to,
    totalMegabytes: texts.megabytes,
    totalOctets: texts.octets,
    simsKnown: consumers.length,
    simsTotal: sims.filter((sim) => isWanted(sim.account.id)).length,
    items: consumers.slice(0, limit).map((c, i) => ({
      rank: i + 1,
      iccid: c.iccid,
      account: c.account.id,
      accountName: c.account.name,
      label: listed.get(c.id)?.attributes.label ?? null,
      listed: listed.has(c.id),
      dataMegabytes: megabytesText(c.total),
      dataOctets: c.octets.toString(),
      sharePercent: percentOf(c.octets, total?.octets) ?? null,
      complete: { knownDays: c.usage.knownDays, expectedDays: daysBetween(from, to) },
    })),
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function monthsOf(from: string, to: string): string[] {
  const months = new Set<string>();
  for (let day = dayNumber(from); day <= dayNumber(to); day++) months.add(monthOf(dayName(day)));
  return [...months];
}

/** The days of all months that are wanted, by SIM. */
function joined(
  months: readonly ReadonlyMap<string, readonly DayUsage[]>[],
  isWanted: (day: string) => boolean,
): Map<string, DayUsage[]> {
  const all = new Map<string, DayUsage[]>();
  for (const month of months) {
    for (const [id, days] of month) {
      const wanted = days.filter(({ day }) => isWanted(day));
      if (wanted.length > 0) all.set(id, [...(all.get(id) ?? []), ...wanted]);
    }
  }
  return all;
}
