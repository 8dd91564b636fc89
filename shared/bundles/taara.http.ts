/** Reads one Taara account: logs in when it must, asks once, converts, and logs out where that is configured. */
import type { CollectJob, Collector, Operation, Page } from '../collect/collector.port.ts';
import { withOperations } from '../collect/operations.ts';
import { keptRejected } from '../collect/rejected.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError, type Issue, isAppError } from '../platform/errors.ts';
import { issuesOf } from '../platform/issues.ts';
import { BUNDLE_KIND } from './metrics.ts';
import { type TaaraSecret, type TaaraSettings, taaraSecret, taaraSettings } from './settings.ts';
import { fromWireBundles } from './taara.convert.ts';
import {
  type BundleAnswer,
  claimsOf,
  openSession,
  refusedCredentials,
  type TaaraSession,
} from './taara-session.http.ts';

export interface TaaraDeps {
  /** Such as `https://share.taara.company`. */
  readonly baseUrl: string;
  /** Where simulated sources are read; only ever set by the local cloud. */
  readonly simulatorUrl?: string;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A token that is about to end is not worth a call that it may not outlive. */
const EXPIRY_MARGIN_MS = 30_000;
/** Tokens carry no end that we have seen; one that has ended is found out by its 401. */
const TOKEN_KEEP_MS = 24 * 3_600_000;
const REJECTED_TEXT_LIMIT = 200;
const MORE_VALUES = { path: 'data', what: 'values' };

/** Throws SOURCE_* with the operations made until then in `context.operations`; CONFIG_INVALID without a place to call. */
export function createTaaraCollector(deps: TaaraDeps): Collector {
  /** Runs of one account that lose their token at the same time share one login. */
  const logins = new Map<string, Promise<string>>();
  return {
    kind: BUNDLE_KIND,
    async read(job) {
      const { settings, secret } = configurationOf(job);
      const session = sessionOf(deps, job, settings, secret);
      try {
        const answer = await readBundles({ job, session, secret, clock: deps.clock, logins });
        const page = toPage(job, settings, session, answer);
        if (settings.logoutEachCycle) await endSession(job, session);
        return { ...page, operations: session.operations };
      } catch (error) {
        if (!isAppError(error)) throw error;
        if (settings.logoutEachCycle) await endSession(job, session);
        throw withOperations(error, session.operations);
      }
    },
  };
}

/** Ends the session that is kept for a source: before it is removed, or its credentials change. Never throws SOURCE_*. */
export async function logout(
  deps: TaaraDeps,
  job: Pick<CollectJob, 'source' | 'tokens' | 'deadline'>,
): Promise<readonly Operation[]> {
  const parsed = taaraSettings.safeParse(job.source.settings);
  const session = sessionOf(deps, job, parsed.success ? parsed.data : {}, undefined);
  await endSession(job, session);
  return session.operations;
}

async function endSession(job: Pick<CollectJob, 'tokens'>, session: TaaraSession): Promise<void> {
  const token = await job.tokens.read();
  if (token === undefined) return;
  await session.logout(token);
  await job.tokens.forget();
}

function configurationOf(job: CollectJob): { settings: TaaraSettings; secret: TaaraSecret } {
  const settings = taaraSettings.safeParse(job.source.settings);
  const secret = taaraSecret.safeParse(job.secret ?? {});
  const issues: Issue[] = [
    ...issuesOf(taaraSettings, job.source.settings).map((issue) => ({ ...issue, path: `settings.${issue.path}` })),
    ...issuesOf(taaraSecret, job.secret ?? {}).map((issue) => ({ ...issue, path: `secret.${issue.path}` })),
  ];
  if (settings.success && secret.success) {
    if (settings.data.hotspotId ?? secret.data.hotspotId) return { settings: settings.data, secret: secret.data };
    issues.push({ path: 'settings.hotspotId', message: 'must be given here or in the secret' });
  }
  const where = issues.map((issue) => issue.path).join(', ');
  throw new AppError('SOURCE_REJECTED', `this account is not fully configured: ${where}`, {
    context: { issues, operations: [] },
  });
}

function sessionOf(
  deps: TaaraDeps,
  job: Pick<CollectJob, 'source' | 'deadline'>,
  settings: TaaraSettings,
  secret: TaaraSecret | undefined,
): TaaraSession {
  const baseUrl = job.source.simulated ? deps.simulatorUrl : deps.baseUrl;
  if (baseUrl === undefined || !URL.canParse(baseUrl)) {
    const name = job.source.simulated ? 'SIMULATOR_TAARA_URL' : 'TAARA_BASE_URL';
    throw new AppError('CONFIG_INVALID', `${name} must be set to a URL for source ${job.source.id}`);
  }
  return openSession({
    baseUrl: baseUrl.replace(/\/+$/, ''),
    hotspotId: settings.hotspotId ?? secret?.hotspotId ?? '',
    // The country code is no secret, and every second number holds its digits.
    secrets: secret ? [secret.phoneNumber, secret.passcode, secret.partnerId] : [],
    clock: deps.clock,
    deadline: job.deadline,
    ...(deps.fetch === undefined ? {} : { fetch: deps.fetch }),
    ...(deps.headers === undefined ? {} : { headers: deps.headers }),
  });
}

/** One run of one account. */
interface Run {
  readonly job: CollectJob;
  readonly session: TaaraSession;
  readonly secret: TaaraSecret;
  readonly clock: Clock;
  readonly logins: Map<string, Promise<string>>;
}

/** With the token that is kept, or a new one; a refused token is replaced once, then the credentials are to blame. */
async function readBundles(run: Run): Promise<BundleAnswer> {
  const token = await tokenFor(run);
  const first = await run.session.bundles(token);
  if (first !== 'unauthorized') return first;
  const second = await run.session.bundles(await tokenFor(run, token));
  if (second !== 'unauthorized') return second;
  await run.job.tokens.forget();
  throw refusedCredentials(401);
}

/** The kept token unless it has ended or is the `refused` one: somebody else may have replaced that already. */
async function tokenFor(run: Run, refused?: string): Promise<string> {
  const { job, clock, logins } = run;
  const kept = await job.tokens.read();
  const usable = kept !== undefined && endOf(kept, clock.now()) > clock.now() + EXPIRY_MARGIN_MS;
  if (usable && kept !== refused) return kept;
  const account = `${job.source.tenant}/${job.source.id}/${job.source.version}`;
  const running = logins.get(account);
  if (running) return running;
  const login = logIn(run, kept !== undefined).finally(() => logins.delete(account));
  logins.set(account, login);
  return login;
}

async function logIn({ job, session, secret, clock }: Run, forgetFirst: boolean): Promise<string> {
  if (forgetFirst) await job.tokens.forget();
  const token = await session.login(secret);
  await job.tokens.write(token, endOf(token, clock.now()));
  return token;
}

function endOf(token: string, now: Instant): Instant {
  const { exp } = claimsOf(token);
  const keepUntil = now + TOKEN_KEEP_MS;
  return exp === undefined ? keepUntil : Math.min(exp * 1000, keepUntil);
}

function toPage(
  job: CollectJob,
  settings: TaaraSettings,
  session: TaaraSession,
  { response, rawText, receivedAt }: BundleAnswer,
): Omit<Page, 'operations'> {
  const { source, known } = job;
  const converted = fromWireBundles(response, {
    account: { id: source.id, name: source.name, simulated: source.simulated },
    settings,
    receivedAt,
    ...(known === undefined ? {} : { known }),
  });
  const clean = (text: string) => session.clean(text, REJECTED_TEXT_LIMIT);
  return { ...converted, rejected: keptRejected(converted.rejected, clean, MORE_VALUES), rawText };
}
