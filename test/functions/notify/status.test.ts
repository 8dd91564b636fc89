import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createStatus, type StatusEvent } from '../../../functions/notify/status.ts';
import { startTwilioSimulator } from '../../../local/simulators/twilio.ts';
import { signCallback } from '../../../local/simulators/twilio-callback.ts';
import { callbackUrl } from '../../../shared/notify/callback.ts';
import { createDeliveryStore } from '../../../shared/notify/deliveries.dynamodb.ts';
import type { Delivery } from '../../../shared/notify/delivery.ts';
import { afterSend, beginAttempt } from '../../../shared/notify/ladder.ts';
import { isSignedByTwilio } from '../../../shared/notify/signature.twilio.ts';
import { SIMULATED_ACCOUNT } from '../../../shared/notify/twilio.wire.ts';
import type { TwilioAccounts } from '../../../shared/notify/twilio-account.ts';
import { createWhatsappChannel } from '../../../shared/notify/whatsapp.twilio.ts';
import { createFakeTable } from '../../shared/fake-table.ts';
import { delivery, T0 } from '../../shared/notify/examples.ts';
import { tenant } from './world.ts';

const PUBLIC_URL = 'https://headroom.example.net';
const REAL = { accountSid: `AC${'1'.repeat(32)}`, authToken: 'the real token' };
const accounts: TwilioAccounts = {
  accessFor: async (simulated) => ({ account: simulated ? SIMULATED_ACCOUNT : REAL }),
};
const sending = beginAttempt(delivery(), T0);
const accepted = afterSend(sending, { outcome: 'accepted', providerId: 'SM1', receipts: true }, T0, false, 0);

async function setUp(row: Delivery, part: { publicUrl?: string | undefined; removedAt?: number } = {}) {
  const deliveries = createDeliveryStore(createFakeTable());
  await deliveries.create(row);
  const published: string[] = [];
  const status = createStatus({
    deliveries,
    accounts,
    tenants: {
      readTenant: async () => (part.removedAt === undefined ? tenant : { ...tenant, removedAt: part.removedAt }),
    },
    topic: { publish: async ({ id }) => void published.push(id) },
    isSigned: isSignedByTwilio,
    publicUrl: 'publicUrl' in part ? part.publicUrl : PUBLIC_URL,
    clock: { now: () => T0 + 5_000 },
  });
  return { status, published, read: () => deliveries.read(row) };
}

interface Call {
  readonly row?: Delivery;
  readonly url?: string;
  readonly token?: string;
  readonly fields?: Record<string, string>;
  readonly base64?: boolean;
}

/** A callback as the provider sends it, signed over the address that it was given. */
function callback(messageStatus: string, call: Call = {}): StatusEvent {
  const url = call.url ?? callbackUrl(PUBLIC_URL, call.row ?? accepted);
  const fields = {
    MessageSid: 'SM1',
    MessageStatus: messageStatus,
    AccountSid: REAL.accountSid,
    To: 'whatsapp:+447700900123',
    ANewField: 'é',
    ...call.fields,
  };
  const body = new URLSearchParams(fields).toString();
  return {
    headers: { 'x-twilio-signature': signCallback(call.token ?? REAL.authToken, url, fields) },
    queryStringParameters: Object.fromEntries(new URL(url).searchParams),
    body: call.base64 ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: call.base64 ?? false,
  };
}

describe('a signed callback', () => {
  it.each([true, false])('moves the delivery on (base64: %s)', async (base64) => {
    const { status, read, published } = await setUp(accepted);
    expect(await status(callback('delivered', { base64 }))).toEqual({ statusCode: 204 });
    expect(await read()).toMatchObject({ status: 'delivered', deliveredAt: T0 + 5_000 });
    expect(published).toEqual([accepted.id]);
  });

  it('wakes the notifier with a failure, so that the next channel follows', async () => {
    const { status, read, published } = await setUp(accepted);
    await status(callback('undelivered', { fields: { ErrorCode: '63016' } }));
    expect(await read()).toMatchObject({ status: 'undelivered', code: '63016' });
    expect(published).toEqual([accepted.id]);
  });

  it('finds its row also before our own request was answered', async () => {
    const { status, read } = await setUp(sending);
    await status(callback('sent', { row: sending }));
    expect(await read()).toMatchObject({ status: 'sent', providerId: 'SM1' });
  });

  it('twice, or out of order, has one effect', async () => {
    const { status, read } = await setUp(accepted);
    for (const word of ['delivered', 'sent', 'queued', 'delivered', 'undelivered']) {
      expect(await status(callback(word))).toEqual({ statusCode: 204 });
    }
    expect(await read()).toMatchObject({ status: 'delivered', version: 2 });
  });

  it.each(['a status of next year', 'receiving'])('with "%s" changes nothing', async (word) => {
    const { status, read } = await setUp(accepted);
    expect(await status(callback(word))).toEqual({ statusCode: 204 });
    expect(await read()).toMatchObject({ status: 'accepted', version: 1 });
  });
});

describe('attacks', () => {
  const forbidden = { statusCode: 403 };
  const cases: readonly [string, StatusEvent][] = [
    ['no signature', { ...callback('delivered'), headers: {} }],
    ['a forged signature', { ...callback('delivered'), headers: { 'x-twilio-signature': 'AAAA' } }],
    ["another account's token", callback('delivered', { token: 'guess' })],
    ["the simulator's token for a real tenant", callback('delivered', { token: SIMULATED_ACCOUNT.authToken })],
    ['another account', callback('delivered', { fields: { AccountSid: SIMULATED_ACCOUNT.accountSid } })],
    ['a changed body', { ...callback('sent'), body: callback('delivered').body ?? '' }],
    [
      'a signature made for another delivery',
      callback('delivered', { url: callbackUrl(PUBLIC_URL, { ...accepted, id: 'desk-2-0' }) }),
    ],
    [
      'a signature made for another tenant',
      {
        ...callback('delivered', { url: callbackUrl(PUBLIC_URL, { ...accepted, tenant: 'other' }) }),
        queryStringParameters: callback('delivered').queryStringParameters ?? {},
      },
    ],
    ['another host', callback('delivered', { url: callbackUrl('https://evil.example.net', accepted) })],
    ['no query', { ...callback('delivered'), queryStringParameters: {} }],
    ['an endless body', { ...callback('delivered'), body: 'a'.repeat(1_000_000) }],
    ['no body', { headers: callback('delivered').headers, isBase64Encoded: false }],
  ];
  it.each(cases)('%s is refused', async (_, event) => {
    const { status, read, published } = await setUp(accepted);
    expect(await status(event)).toMatchObject(forbidden);
    expect(await read()).toMatchObject({ status: 'accepted', version: 1 });
    expect(published).toEqual([]);
  });

  it('everything is refused where no address was handed out, or the tenant is gone', async () => {
    expect(await (await setUp(accepted, { publicUrl: undefined })).status(callback('delivered'))).toMatchObject(
      forbidden,
    );
    expect(await (await setUp(accepted, { removedAt: T0 })).status(callback('delivered'))).toMatchObject(forbidden);
  });

  it('a field named like a part of every object is only a field', async () => {
    const { status } = await setUp(accepted);
    const event = callback('delivered');
    expect(await status({ ...event, body: `${event.body}&__proto__=x` })).toMatchObject(forbidden);
  });
});

describe('together with the simulator', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it("the simulator's own signature and sequence are understood", async () => {
    const row = { ...accepted, simulated: true };
    const seen: string[] = [];
    let status: (event: StatusEvent) => Promise<unknown> = async () => undefined;
    const http = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const body = Buffer.concat(chunks).toString();
      seen.push(new URLSearchParams(body).get('MessageStatus') ?? '');
      await status({
        headers: { 'x-twilio-signature': String(request.headers['x-twilio-signature']) },
        queryStringParameters: Object.fromEntries(url.searchParams),
        body,
        isBase64Encoded: false,
      });
      response.writeHead(204).end();
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    closers.push(async () => void http.close());
    const publicUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const world = await setUp(row, { publicUrl });
    status = world.status;
    const twilio = await startTwilioSimulator({ pausesMs: [1, 1] });
    closers.push(() => twilio.close());
    const channel = createWhatsappChannel({
      accessFor: async () => ({ account: SIMULATED_ACCOUNT, baseUrl: twilio.url }),
    });
    await channel.send({
      tenant: row.tenant,
      deliveryId: row.id,
      to: row.to,
      ...row.message,
      simulated: true,
      callbackUrl: callbackUrl(publicUrl, row),
    });
    await expect.poll(async () => (await world.read())?.status, { timeout: 3_000 }).toBe('delivered');
    expect(seen).toEqual(['sent', 'delivered']);
  });
});
