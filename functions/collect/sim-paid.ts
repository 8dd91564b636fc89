/** What surrounds a call that costs money: its amount counted before, its intent and its end in the audit. */
import type { AuditLog } from '../../shared/collect/audit.port.ts';
import type { AuditOutcome, AuditValue } from '../../shared/collect/audit.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { dayOf, monthOf } from '../../shared/samples/zone.ts';
import type { Job, JobItem } from '../../shared/sims/jobs.port.ts';
import type { SpendingMonth, SpendingStore } from '../../shared/sims/spending.port.ts';
import { type Price, priceOf, spendingOf } from '../../shared/sims/spending.ts';

export interface PaidDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly spending: SpendingStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
}

export interface PaidCall {
  readonly job: Job;
  readonly account: string;
  /** Names the call: the same one counts once. */
  readonly id: string;
  readonly items: readonly JobItem[];
}

export interface Reservation {
  readonly month: SpendingMonth;
  readonly amount: Price;
}

/** Counts the amount, then notes the intent. Resolves to why not, as text, where it must not be spent. */
export async function reserve(deps: PaidDeps, call: PaidCall): Promise<Reservation | string> {
  const { job, account } = call;
  const confirmed = job.prices?.[account];
  const source = await deps.sources.read(job.tenant, account);
  const tenant = await deps.tenants.readTenant(job.tenant);
  const spending = spendingOf(source?.settings ?? {});
  const price = priceOf(spending, job.action);
  if (!tenant || tenant.removedAt !== undefined || !spending || !price) return 'spending was switched off meanwhile';
  const isConfirmed = confirmed?.currency === price.currency && confirmed.amountMinor === String(price.amountMinor);
  if (!isConfirmed) return 'the price was changed after it was confirmed: make a new dry run';
  const month = { tenant: job.tenant, account, month: monthOf(dayOf(deps.clock.now(), tenant.zone)) };
  const amount = { amountMinor: price.amountMinor * BigInt(call.items.length), currency: price.currency };
  const reserved = await deps.spending.reserve(month, call.id, amount, spending.capMinor);
  if (!reserved.granted) {
    const spent = `${reserved.spentMinor} ${reserved.currency}`;
    return `it would go beyond the cap of ${month.month}: ${spent} of ${spending.capMinor} ${spending.currency} are spent (smallest unit)`;
  }
  await note(deps, call, 'intent', amount);
  return { month, amount };
}

/** Gives the amount back where the provider refused, keeps it otherwise; then notes the end. */
export async function settle(
  deps: PaidDeps,
  call: PaidCall,
  { month, amount }: Reservation,
  outcome: 'done' | 'refused' | 'unknown',
  words: string | undefined,
): Promise<void> {
  if (outcome === 'refused') await deps.spending.release(month, call.id);
  else await deps.spending.keep(month, call.id);
  await note(deps, call, outcome, amount, words);
}

/** Of a call in whose middle somebody stopped: its amount stays counted, whichever month it was. */
export function noteInterrupted(deps: PaidDeps, call: PaidCall): Promise<void> {
  return note(deps, call, 'unknown', undefined, 'interrupted while the provider was being called');
}

async function note(
  deps: PaidDeps,
  { job, account, items }: PaidCall,
  outcome: AuditOutcome,
  amount: Price | undefined,
  words?: string,
): Promise<void> {
  const details: Record<string, AuditValue> = {
    job: job.id,
    account,
    sims: items.length,
    iccids: items.map((item) => item.iccid ?? '').join(' '),
    ...(amount ? { amountMinor: String(amount.amountMinor), currency: amount.currency } : {}),
    ...(words === undefined ? {} : { [outcome === 'done' ? 'order' : 'reason']: words }),
  };
  const action = `sims.${job.action}`;
  const target = items.length === 1 ? `SIM ${items[0]?.iccid ?? ''}` : `${items.length} SIMs of ${account}`;
  await deps.audit.append(job.tenant, { subject: job.subject, action, target, outcome, details });
}
