/** The routes that ask the provider while somebody waits: messages of one SIM, and an account's monthly limits. */
import type { AuditLog } from '../../shared/collect/audit.port.ts';
import type { AuditOutcome, AuditValue } from '../../shared/collect/audit.ts';
import { type Clock, type Instant, isoInstant } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { AppError, type Issue } from '../../shared/platform/errors.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';
import type { OpenAccount } from '../../shared/sims/account.port.ts';
import { verdictOf } from '../../shared/sims/act-call.ts';
import { payloadIssues } from '../../shared/sims/action.ts';
import type { FoundSim, SimFinder } from '../../shared/sims/finder.port.ts';
import type { Sms } from '../../shared/sims/sim.ts';
import { cancelSimSms, listSimSms, readSimLimits, sendSimSms } from '../../shared/sims/sim-actions.contract.ts';
import { smsSize } from '../../shared/sims/sms-text.ts';
import { type Endpoint, endpoint } from './api.ts';
import type { Caller } from './caller.ts';

export interface SimMessageDeps {
  readonly finder: SimFinder;
  readonly openAccount: OpenAccount;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
}

/** A person waits, and the function ends soon after. */
const CALL_MS = 20_000;
/** Most that the provider gives at once. */
const PAGE_SIZE = 100;

export function createSimMessageEndpoints(deps: SimMessageDeps): Endpoint[] {
  const open = async (caller: Caller, account: string) =>
    deps.openAccount(caller.tenant.tenant, account, deps.clock.now() + CALL_MS);
  return [
    endpoint(listSimSms, async ({ params, query }, caller) => {
      const { tenant } = caller.tenant;
      const list = `sms:${params.iccid}`;
      const page = query.cursor === undefined ? 1 : Number(decodeCursor(tenant, list, query.cursor));
      const size = Math.min(PAGE_SIZE, query.limit ?? DEFAULT_LIMIT);
      const sim = await findSim(deps, caller, params.iccid);
      const { value, rejected } = await (await open(caller, sim.account)).readSms(sim.iccid, page, size);
      if (value === undefined) throw new AppError('NOT_FOUND', `the provider knows no SIM "${sim.iccid}" any more`);
      const isFull = value.length + rejected.length >= size;
      return {
        items: value.map(smsView),
        rejected: rejected.length,
        ...(isFull ? { nextCursor: encodeCursor(tenant, list, String(page + 1)) } : {}),
      };
    }),
    endpoint(sendSimSms, async ({ params, body }, caller) => {
      refuse(payloadIssues(body.payload, 'payload'));
      const sim = await findSim(deps, caller, params.iccid);
      const { payload, sourceAddress } = body;
      const { parts } = smsSize(payload);
      const draft = { payload, ...(sourceAddress === undefined ? {} : { sourceAddress }) };
      const details = { parts, payloadLength: [...payload].length };
      const client = await open(caller, sim.account);
      const id = await audited(deps, caller, 'sims.sms', sim, details, () => client.sendSms(sim.iccid, draft));
      return { id: id ?? null, parts };
    }),
    endpoint(cancelSimSms, async ({ params }, caller) => {
      const sim = await findSim(deps, caller, params.iccid);
      const client = await open(caller, sim.account);
      await audited(deps, caller, 'sims.sms-cancel', sim, { message: params.id }, () =>
        client.cancelSms(sim.iccid, params.id),
      );
      return null;
    }),
    endpoint(readSimLimits, async ({ query }, caller) => {
      const account = await accountAsked(deps, caller, query.account);
      const { value } = await (await open(caller, account)).readLimits();
      const items = (value ?? []).map(({ service, id, limit, unit }) => ({
        ...{ service, id: id ?? null, limit: limit ?? null, unit: unit ?? null },
      }));
      return { account, items };
    }),
  ];
}

async function findSim({ finder }: SimMessageDeps, { tenant }: Caller, iccid: string): Promise<FoundSim> {
  const [sim] = await finder.byIccid(tenant, [iccid]);
  if (!sim) throw new AppError('NOT_FOUND', `there is no SIM "${iccid}"`);
  return sim;
}

/** Where there is only one, it need not be named. */
async function accountAsked(
  { finder }: SimMessageDeps,
  { tenant }: Caller,
  asked: string | undefined,
): Promise<string> {
  const known = await finder.accounts(tenant);
  const account = asked ?? (known.length === 1 ? known[0] : undefined);
  if (account !== undefined && known.includes(account)) return account;
  if (asked !== undefined || known.length === 0) throw new AppError('NOT_FOUND', 'there is no such 1NCE account');
  refuse([{ path: 'query.account', message: `must be one of ${known.join(', ')}` }]);
  throw new AppError('NOT_FOUND', 'there is no such 1NCE account');
}

/** Noted before and after. What was lost on the way is said as that: it may have been done. */
async function audited<T>(
  deps: SimMessageDeps,
  { subject, tenant: { tenant } }: Caller,
  action: string,
  sim: FoundSim,
  details: Readonly<Record<string, AuditValue>>,
  call: () => Promise<T>,
): Promise<T> {
  const target = `SIM ${sim.iccid}`;
  const note = (outcome: AuditOutcome, more: Record<string, AuditValue> = {}) =>
    deps.audit.append(tenant, { subject, action, target, outcome, details: { ...details, ...more } });
  await note('requested');
  let answer: T;
  try {
    answer = await call();
  } catch (error) {
    const verdict = verdictOf(error, { action: 'sms', parameters: {} });
    if (verdict.kind !== 'lost') {
      await note('failed', verdict.kind === 'wait' ? {} : { reason: verdict.reason });
      throw error;
    }
    await note('unknown', { reason: verdict.reason });
    const advice = `look at GET /v1/sims/${sim.iccid}/sms before you ask again`;
    throw new AppError('SOURCE_UNAVAILABLE', `no answer, so it may have been done or not: ${advice}`, { cause: error });
  }
  await note('done', typeof answer === 'string' ? { message: answer } : {});
  return answer;
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  throw new AppError('REQUEST_INVALID', issues.map((i) => `${i.path}: ${i.message}`).join('; '), {
    context: { issues },
  });
}

function smsView(sms: Sms) {
  const instant = (at: Instant | undefined) => (at === undefined ? null : isoInstant(at));
  return {
    id: sms.id,
    direction: sms.direction ?? null,
    status: sms.status ?? null,
    submittedAt: instant(sms.submittedAt),
    deliveredAt: instant(sms.deliveredAt),
    expiresAt: instant(sms.expiresAt),
    sourceAddress: sms.sourceAddress ?? null,
    payload: sms.payload ?? null,
  };
}
