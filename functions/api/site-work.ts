/** Gives a site's agent the commands that wait for it and takes its answers; each answer makes the work behind it go on. */
import type { SiteKeyReader, SiteRef } from '../../shared/collect/site-keys.port.ts';
import { exchangeSiteWork, type SiteAnswer, type SiteCommand } from '../../shared/collect/site-work.contract.ts';
import type { SiteWorkStore } from '../../shared/collect/site-work.port.ts';
import { type Conversation, isDead, LEAST_SECONDS, SEEN_MS } from '../../shared/collect/site-work.ts';
import { commandRefusal } from '../../shared/interfaces/push-settings.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import { AppError } from '../../shared/platform/errors.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import type { Endpoint } from './api.ts';
import type { Site } from './ingest-proof.ts';
import { siteEndpoint } from './site.ts';

export interface SiteWorkDeps {
  readonly keys: Pick<SiteKeyReader, 'claimWork'>;
  readonly store: SiteWorkStore;
  /** By kind of command: where the work goes on. */
  readonly queues: Readonly<Record<string, Pick<Queue<unknown>, 'send'>>>;
  readonly clock: Clock;
}

/** What its key may see is one site's: all is read and written below that site's name. */
export function createSiteWorkEndpoints(deps: SiteWorkDeps): Endpoint[] {
  return [
    siteEndpoint(
      exchangeSiteWork,
      async ({ body }, site: Site) => {
        await admit(deps, site);
        const own: SiteRef = { tenant: site.source.tenant, source: site.source.id };
        const now = deps.clock.now();
        const { conversations, seenAt } = await deps.store.list(own);
        if (seenAt === undefined || now - seenAt >= SEEN_MS) await deps.store.noteSeen(own, now);
        const refused: { id: string; reason: string }[] = [];
        for (const answer of body.answers) {
          const reason = await take(deps, conversations, answer, now);
          if (reason !== undefined) refused.push({ id: answer.id, reason });
        }
        const answered = new Set(body.answers.map(({ id }) => id));
        const commands = conversations.flatMap((one) => commandOf(one, now)).filter(({ id }) => !answered.has(id));
        return { commands, refused };
      },
      (text, { sign }) => (sign ? { 'x-headroom-signature': sign(text) } : {}),
    ),
  ];
}

/** Who bears the secret instead of signing could not prove our answer either; and nobody gets commands unasked. */
async function admit({ keys }: SiteWorkDeps, { source, keyId, signedAt }: Site): Promise<void> {
  if (signedAt === undefined) {
    throw new AppError('UNAUTHENTICATED', 'commands go only to agents that sign: send a signature, not the secret');
  }
  const refusal = commandRefusal(source);
  if (refusal !== undefined) throw new AppError('FORBIDDEN', `source "${source.id}" ${refusal}`);
  if (await keys.claimWork(keyId, signedAt)) return;
  throw new AppError(
    'STORE_CONFLICT',
    `a signature of source "${source.id}" of that second or later was seen already, so nothing was done: sign it anew and send it again`,
  );
}

/** Why nobody wants this answer; undefined when it was taken, also for the second time. */
async function take(
  deps: SiteWorkDeps,
  conversations: readonly Conversation[],
  answer: SiteAnswer,
  now: Instant,
): Promise<string | undefined> {
  const asked = conversations.find(({ open }) => open?.id === answer.id);
  if (asked?.open) {
    if (isDead(asked.open, now)) return 'it came too late: the work counts as failed, and is tried again';
    const { open: _open, ...rest } = asked;
    await deps.store.putAnswer(asked.site, answer, now);
    const isFirst = await deps.store.put({ ...rest, answered: [...asked.answered, answer.id] }, now);
    if (!isFirst) return 'it was answered already';
    return wake(deps, asked);
  }
  // Ours was lost on the way: what follows from the answer may be lost as well.
  const last = conversations.find(({ open, answered }) => open === undefined && answered.at(-1) === answer.id);
  return last ? wake(deps, last) : 'this site was not asked that, or has answered it';
}

async function wake({ queues }: SiteWorkDeps, { kind, wake: message }: Conversation): Promise<undefined> {
  const queue = queues[kind];
  // Of a kind that a newer version asks for: its own look at the command goes on with the work.
  await queue?.send(message);
}

function commandOf({ kind, router, open }: Conversation, now: Instant): SiteCommand[] {
  if (!open) return [];
  const validForSeconds = Math.floor((open.expiresAt - now) / 1000);
  if (validForSeconds < LEAST_SECONDS) return [];
  return [{ id: open.id, kind, router, operation: open.operation, arguments: open.arguments, validForSeconds }];
}
