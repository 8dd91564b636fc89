/** Mailboxes in the one table: lines, what was told, and the head that hands lines out, all in one partition. */
import { stageRank } from '../alerts/recipient.ts';
import type { Instant } from '../platform/clock.ts';
import { type Item, PK, SK, type Table, TTL } from '../platform/table.dynamodb.ts';
import {
  LINE_PREFIX,
  mailboxHeadKey,
  mailboxLineKey,
  mailboxPartition,
  mailboxToldKey,
  recipientOfWaitingKey,
  waitingKey,
  waitingPartition,
} from './keys.ts';
import type { Line } from './line.ts';
import type { MailboxStore, MailboxView } from './mailbox.port.ts';
import { EMPTY_HEAD, type MailboxHead } from './mailbox.ts';

/** An episode's late duplicate comes from a queue, and no queue keeps a message for longer than 14 days. */
const TOLD_SECONDS = 30 * 86_400;
/** One message takes 8 lines, so more than this per look only costs reads. */
const LINES_PER_LOOK = 2_000;

/** Requests under way at once on one mailbox. */
const PARALLEL = 25;
/** What is announced or planned happens by itself; only after this does it count as lost, and `due` names it. */
const GRACE_MS = 15_000;

export function createMailboxStore(table: Table): MailboxStore {
  const store: MailboxStore = {
    async addLine(tenant, recipient, line) {
      const item = { ...mailboxLineKey(tenant, recipient, line.key), line };
      await table.put(item, { ConditionExpression: `attribute_not_exists(${PK})` });
    },
    async announce(tenant, recipient, at) {
      await table.update(waitingKey(tenant, recipient), {
        UpdateExpression: 'SET dueAt = if_not_exists(dueAt, :at) ADD announced :one',
        ExpressionAttributeValues: { ':at': at + GRACE_MS, ':one': 1 },
      });
    },
    readHead: (tenant, recipient) => readHead(table, tenant, recipient),
    readTold: (tenant, recipient, episodes) => readTold(table, tenant, recipient, episodes),
    read: (tenant, recipient) => readView(table, tenant, recipient),
    async claim(tenant, recipient, head, claim, nextSendAt) {
      const next: MailboxHead = { nextSendAt, claims: claim.number, claim, version: head.version + 1 };
      return await table.put(
        { ...mailboxHeadKey(tenant, recipient), ...next },
        head.version === 0
          ? { ConditionExpression: `attribute_not_exists(${PK})` }
          : { ConditionExpression: 'version = :v', ExpressionAttributeValues: { ':v': head.version } },
      );
    },
    async settle(tenant, recipient, claim) {
      await Promise.all(claim.send.map((line) => remember(table, tenant, recipient, line, claim.at)));
      const keys = [...claim.send.map((line) => line.key), ...claim.drop];
      for (let at = 0; at < keys.length; at += PARALLEL) {
        const some = keys.slice(at, at + PARALLEL);
        await Promise.all(some.map((key) => table.delete(mailboxLineKey(tenant, recipient, key))));
      }
      // A later claim may stand already, when this one was settled by somebody else: then there is nothing to remove.
      await table.update(mailboxHeadKey(tenant, recipient), {
        UpdateExpression: 'REMOVE claim SET version = version + :one',
        ConditionExpression: 'claims = :n AND attribute_exists(claim)',
        ExpressionAttributeValues: { ':n': claim.number, ':one': 1 },
      });
    },
    async planWake(tenant, recipient, at) {
      const planned = await table.update(waitingKey(tenant, recipient), {
        UpdateExpression: 'SET wakeAt = :at, dueAt = :due',
        ConditionExpression: `attribute_exists(${PK}) AND (attribute_not_exists(wakeAt) OR wakeAt < :at)`,
        ExpressionAttributeValues: { ':at': at, ':due': at + GRACE_MS },
      });
      return planned !== false;
    },
    async rest(tenant, recipient, view) {
      if (view.waitingToken === undefined) return;
      await table.delete(waitingKey(tenant, recipient), {
        ConditionExpression: 'announced = :token',
        ExpressionAttributeValues: { ':token': view.waitingToken },
      });
    },
    async due(tenant, now) {
      const items = await table.queryAll({
        KeyConditionExpression: `${PK} = :pk`,
        FilterExpression: 'dueAt <= :now',
        ExpressionAttributeValues: { ':pk': waitingPartition(tenant), ':now': now },
      });
      return items.map((item) => recipientOfWaitingKey(String(item[SK])));
    },
  };
  return store;
}

async function readHead(table: Table, tenant: string, recipient: string): Promise<MailboxHead> {
  const item = await table.get(mailboxHeadKey(tenant, recipient), { consistent: true });
  return item ? headOf(item) : EMPTY_HEAD;
}

/** The token is read before the lines: whoever announces in between makes `rest` fail. */
async function readView(table: Table, tenant: string, recipient: string): Promise<MailboxView> {
  const waiting = await table.get(waitingKey(tenant, recipient), { consistent: true });
  const head = await readHead(table, tenant, recipient);
  const items = await table.queryAll(
    {
      KeyConditionExpression: `${PK} = :pk AND begins_with(${SK}, :line)`,
      ExpressionAttributeValues: { ':pk': mailboxPartition(tenant, recipient), ':line': LINE_PREFIX },
      ConsistentRead: true,
    },
    LINES_PER_LOOK,
  );
  const lines = items.map((item) => item.line as Line);
  return {
    head,
    lines,
    told: await readTold(table, tenant, recipient, [...new Set(lines.map((line) => line.episode))]),
    waitingToken: waiting ? Number(waiting.announced) : undefined,
  };
}

async function readTold(
  table: Table,
  tenant: string,
  recipient: string,
  episodes: readonly string[],
): Promise<Map<string, number>> {
  const told = new Map<string, number>();
  for (let at = 0; at < episodes.length; at += PARALLEL) {
    await Promise.all(
      episodes.slice(at, at + PARALLEL).map(async (episode) => {
        const item = await table.get(mailboxToldKey(tenant, recipient, episode), { consistent: true });
        if (item) told.set(episode, Number(item.rank));
      }),
    );
  }
  return told;
}

/** The rank only rises; a lost race means that somebody told more already. */
async function remember(table: Table, tenant: string, recipient: string, line: Line, at: Instant): Promise<void> {
  await table.update(mailboxToldKey(tenant, recipient, line.episode), {
    UpdateExpression: `SET #rank = :rank, #stage = :stage, toldAt = :at, ${TTL} = :ttl`,
    ConditionExpression: 'attribute_not_exists(#rank) OR #rank < :rank',
    ExpressionAttributeNames: { '#rank': 'rank', '#stage': 'stage' },
    ExpressionAttributeValues: {
      ':rank': stageRank(line.stage),
      ':stage': line.stage,
      ':at': at,
      ':ttl': Math.floor(at / 1000) + TOLD_SECONDS,
    },
  });
}

function headOf(item: Item): MailboxHead {
  const { nextSendAt, claims, claim, version } = item as unknown as MailboxHead;
  return { nextSendAt, claims, version, ...(claim === undefined ? {} : { claim }) };
}
