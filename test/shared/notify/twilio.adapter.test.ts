import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startTwilioSimulator, type TwilioSimulator } from '../../../local/simulators/twilio.ts';
import type { OutgoingMessage } from '../../../shared/notify/channel.port.ts';
import { composeMessage } from '../../../shared/notify/message.ts';
import { createTwilioMessages } from '../../../shared/notify/messages.twilio.ts';
import { createTwilioSms, hasSmsSender } from '../../../shared/notify/sms.twilio.ts';
import { SIMULATED_ACCOUNT } from '../../../shared/notify/twilio.wire.ts';
import type { TwilioAccount, TwilioAccounts } from '../../../shared/notify/twilio-account.ts';
import { createWhatsappChannel } from '../../../shared/notify/whatsapp.twilio.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { line, PHONE } from './examples.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const context = { zone: 'UTC', tenantName: 'Demo', simulated: true };
const message: OutgoingMessage = {
  tenant: 'demo',
  deliveryId: 'desk-1-0',
  to: PHONE,
  ...composeMessage([line(1, 'firing-warning')], 'whatsapp', context),
  simulated: true,
};

const accountsOf = (baseUrl: string, part: Partial<TwilioAccount> = {}): TwilioAccounts => ({
  accessFor: async () => ({ account: { ...SIMULATED_ACCOUNT, ...part }, baseUrl }),
});

async function simulator(): Promise<TwilioSimulator> {
  const twilio = await startTwilioSimulator({ pausesMs: [1, 1] });
  closers.push(() => twilio.close());
  return twilio;
}

/** A server that answers as it is told, counting requests. */
async function server(listener: RequestListener): Promise<string> {
  const http: Server = createServer(listener);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closers.push(
    () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

describe('WhatsApp by the SDK against the simulator', () => {
  it('sends the approved template with its variables, and no text beside it', async () => {
    const twilio = await simulator();
    const result = await createWhatsappChannel(accountsOf(twilio.url)).send(message);
    expect(result).toEqual({ outcome: 'accepted', providerId: expect.stringMatching(/^SM\d{32}$/), receipts: true });
    expect(twilio.messages()).toMatchObject([{ channel: 'whatsapp', to: PHONE, body: message.text, simulated: true }]);
  });

  it('sends text only where the operator says that this is the sandbox', async () => {
    const twilio = await simulator();
    const bare = { contentSids: {} };
    expect(await createWhatsappChannel(accountsOf(twilio.url, bare)).send(message)).toEqual({
      outcome: 'permanent',
      reason: 'no content id is configured for the template alert_firing',
    });
    const sandbox = createWhatsappChannel(accountsOf(twilio.url, { ...bare, sandbox: true }));
    expect(await sandbox.send(message)).toMatchObject({ outcome: 'accepted' });
  });

  it.each([
    ['reject', { code: 63003, at: 'answer' }, { outcome: 'permanent', code: '63003' }],
    ['reject', { code: 21211 }, { outcome: 'permanent', code: '21211' }],
    ['reject', { code: 20429 }, { outcome: 'retryable' }],
    ['reject', { code: 63016 }, { outcome: 'accepted' }],
    ['undelivered', {}, { outcome: 'accepted' }],
    ['server-error', {}, { outcome: 'retryable', uncertain: true }],
  ])('%s %j gives %j', async (fault, parameters, expected) => {
    const twilio = await simulator();
    twilio.inject({ fault, ...parameters });
    expect(await createWhatsappChannel(accountsOf(twilio.url)).send(message)).toMatchObject(expected);
  });

  it('a status can be fetched where no callback reaches us', async () => {
    const twilio = await simulator();
    twilio.inject({ fault: 'reject', code: 63016 });
    const channel = createWhatsappChannel(accountsOf(twilio.url));
    const sent = await channel.send(message);
    if (sent.outcome !== 'accepted') throw new Error('not accepted');
    await expect
      .poll(async () => await channel.status(sent.providerId, true), { timeout: 2_000 })
      .toMatchObject({ status: 'failed', code: '63016', reason: expect.stringContaining('template') });
    expect(await channel.status(`SM${'9'.repeat(32)}`, true)).toBeUndefined();
  });

  it('fault 20: a time-out before acceptance leaves nothing to find, one after it leaves the message', async () => {
    const twilio = await simulator();
    const accounts = accountsOf(twilio.url);
    const channel = createWhatsappChannel(accounts, createTwilioMessages(accounts, 200));
    const since = Date.now();
    twilio.inject({ fault: 'time-out', when: 'before' });
    expect(await channel.send(message)).toMatchObject({ outcome: 'retryable', uncertain: true });
    expect(await channel.find(message, since)).toBeUndefined();
    twilio.inject({ fault: 'time-out', when: 'after' });
    expect(await channel.send(message)).toMatchObject({ outcome: 'retryable', uncertain: true });
    expect(await channel.find(message, since)).toMatch(/^SM/);
    expect(await channel.find(message, since + 60_000)).toBeUndefined();
    const other = { ...message, ...composeMessage([line(2, 'firing-critical')], 'whatsapp', context) };
    expect(await channel.find(other, since)).toBeUndefined();
  });
});

describe('SMS by the SDK', () => {
  it('uses the messaging service or the sender, whichever is configured', async () => {
    const twilio = await simulator();
    const send = (part: Partial<TwilioAccount>) => createTwilioSms(accountsOf(twilio.url, part)).send(message);
    expect(await send({})).toEqual({ outcome: 'permanent', reason: 'no SMS sender is configured' });
    expect(await send({ smsFrom: '+447700900001' })).toMatchObject({ outcome: 'accepted' });
    expect(await send({ messagingServiceSid: `MG${'0'.repeat(32)}` })).toMatchObject({ outcome: 'accepted' });
    expect(twilio.messages().map((m) => m.channel)).toEqual(['sms', 'sms']);
  });

  it('knows whether there is a sender; a broken configuration counts as none', async () => {
    const broken: TwilioAccounts = { accessFor: async () => Promise.reject(new AppError('CONFIG_INVALID', 'broken')) };
    expect(await hasSmsSender(accountsOf('http://127.0.0.1:1'))).toBe(false);
    expect(await hasSmsSender(accountsOf('http://127.0.0.1:1', { smsFrom: 'HEADROOM' }))).toBe(true);
    expect(await hasSmsSender(broken)).toBe(false);
    expect(await createTwilioSms(broken).send(message)).toEqual({ outcome: 'permanent', reason: 'broken' });
  });
});

describe('fault 12: bad lines', () => {
  it('nobody listening is certain: nothing was accepted', async () => {
    const url = await server(() => {});
    for (const close of closers.splice(0)) await close();
    expect(await createWhatsappChannel(accountsOf(url)).send(message)).toMatchObject({
      outcome: 'retryable',
      uncertain: false,
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('a connection cut in mid-answer is uncertain', async () => {
    const url = await server((_, response) => {
      response.writeHead(201, { 'content-length': '5000' });
      response.write('{"sid":');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await createWhatsappChannel(accountsOf(url)).send(message)).toMatchObject({
      outcome: 'retryable',
      uncertain: true,
    });
  });

  it('a dripping answer is cut off by the deadline', async () => {
    const url = await server((_, response) => {
      response.writeHead(201);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    const startedAt = Date.now();
    const channel = createWhatsappChannel(accountsOf(url), createTwilioMessages(accountsOf(url), 150));
    expect(await channel.send(message)).toMatchObject({ outcome: 'retryable', uncertain: true });
    expect(Date.now() - startedAt).toBeLessThan(1_500);
  });

  it.each([
    [502, '<html>bad gateway</html>', { outcome: 'retryable', uncertain: true }],
    [201, '<html>captive portal</html>', { outcome: 'retryable', uncertain: true }],
    [201, '{}', { outcome: 'retryable', uncertain: true }],
    [429, '', { outcome: 'retryable' }],
    [
      400,
      '{"code":99999,"message":"new","status":400}',
      { outcome: 'permanent', code: '99999', reason: expect.stringContaining('new') },
    ],
  ])('HTTP %i with %s', async (status, body, expected) => {
    const url = await server((_, response) => response.writeHead(status).end(body));
    expect(await createWhatsappChannel(accountsOf(url)).send(message)).toMatchObject(expected);
  });
});

describe('fault 28: the token is rotated while running', () => {
  it('one retry with the fresh secret, and only when it differs', async () => {
    const twilio = await simulator();
    const reads: boolean[] = [];
    const accountsWith = (freshToken: string): TwilioAccounts => ({
      async accessFor(_, { fresh = false } = {}) {
        reads.push(fresh);
        const authToken = fresh ? freshToken : 'old';
        return { account: { ...SIMULATED_ACCOUNT, authToken }, baseUrl: twilio.url };
      },
    });
    const real = { ...message, simulated: false };
    expect(await createWhatsappChannel(accountsWith(SIMULATED_ACCOUNT.authToken)).send(real)).toMatchObject({
      outcome: 'accepted',
    });
    expect(await createWhatsappChannel(accountsWith('old')).send(real)).toMatchObject({
      outcome: 'permanent',
      code: '20003',
    });
    expect(reads).toEqual([false, true, false, true]);
  });
});
