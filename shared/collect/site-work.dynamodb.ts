/** Commands and answers of sites on the one table, on a shelf of their own: whoever brings them touches nothing else of a tenant. */
import type { Instant } from '../platform/clock.ts';
import { asRead, type Item, type Table, TTL } from '../platform/table.dynamodb.ts';
import { siteAnswerKey, siteSeenKey, siteWorkKey, siteWorkPk } from './keys.ts';
import { siteAnswer } from './site-work.contract.ts';
import type { SiteWorkStore } from './site-work.port.ts';
import type { Conversation } from './site-work.ts';

/** A conversation that nobody ended, and its answers, are worth nothing an hour later. */
const LIFE_SECONDS = 3600;
/** A site that was away for longer is told to be away since then at least. */
const SEEN_SECONDS = 90 * 86_400;

export function createSiteWorkStore(table: Table): SiteWorkStore {
  return {
    async read({ tenant, source }, router) {
      const item = await table.get(siteWorkKey(tenant, source, router), { consistent: true });
      return item && conversationOf(item);
    },
    async put(conversation, now) {
      const { site, router, revision } = conversation;
      const next = { ...conversation, movedAt: now, revision: revision + 1 };
      const item = { ...siteWorkKey(site.tenant, site.source, router), ...next, [TTL]: expiry(now, LIFE_SECONDS) };
      const written = await table.put(item, asRead('startedAt', conversation));
      return written ? next : undefined;
    },
    remove: (conversation) =>
      table.delete(
        siteWorkKey(conversation.site.tenant, conversation.site.source, conversation.router),
        asRead('startedAt', conversation),
      ),
    async list({ tenant, source }) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': siteWorkPk(tenant, source) },
        ConsistentRead: true,
      });
      const seen = items.find(({ sk }) => sk === siteSeenKey(tenant, source).sk);
      return { conversations: items.filter((item) => item !== seen).map(conversationOf), seenAt: seenOf(seen) };
    },
    seenAt: async ({ tenant, source }) => seenOf(await table.get(siteSeenKey(tenant, source), { consistent: true })),
    async noteSeen({ tenant, source }, at) {
      await table.put({ ...siteSeenKey(tenant, source), at, [TTL]: expiry(at, SEEN_SECONDS) });
    },
    async readAnswer({ tenant, source }, id) {
      const item = await table.get(siteAnswerKey(tenant, source, id), { consistent: true });
      return item && siteAnswer.parse(item.answer);
    },
    async putAnswer({ tenant, source }, answer, now) {
      const item = { ...siteAnswerKey(tenant, source, answer.id), answer, [TTL]: expiry(now, LIFE_SECONDS) };
      await table.put(item, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
  };
}

function expiry(at: Instant, seconds: number): number {
  return Math.ceil(at / 1000) + seconds;
}

function conversationOf(item: Item): Conversation {
  const { pk: _pk, sk: _sk, [TTL]: _ttl, ...rest } = item;
  return rest as unknown as Conversation;
}

function seenOf(item: Item | undefined): Instant | undefined {
  return typeof item?.at === 'number' ? item.at : undefined;
}
