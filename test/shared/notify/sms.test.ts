import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterEach, describe, expect, it } from 'vitest';
import type { OutgoingMessage, SendResult } from '../../../shared/notify/channel.port.ts';
import { createSnsSms } from '../../../shared/notify/sms.sns.ts';
import { createSmsChannel } from '../../../shared/notify/sms.ts';
import { PHONE } from './examples.ts';

const message: OutgoingMessage = {
  tenant: 'demo',
  deliveryId: 'desk-1-1',
  to: PHONE,
  text: 'CRITICAL Shop uplink',
  template: { name: 'alert_firing', language: 'en', variables: {} },
  simulated: false,
};

describe('which way an SMS goes', () => {
  const way = (providerId: string) => {
    const result: SendResult = { outcome: 'accepted', providerId, receipts: false };
    return { name: 'sms' as const, send: async () => result, find: async () => 'SM1', status: async () => undefined };
  };
  const send = (simulated: boolean, snsIsSimulated: boolean, sender: boolean) =>
    createSmsChannel({
      twilio: way('twilio'),
      sns: way('sns'),
      snsIsSimulated,
      hasTwilioSender: async () => sender,
    }).send({ ...message, simulated });

  it.each([
    ['a real tenant with a sender in AWS', false, false, true, 'twilio'],
    ['a real tenant without a sender in AWS', false, false, false, 'sns'],
    ['a real tenant with a sender on this machine', false, true, true, 'twilio'],
    ['a simulated tenant on this machine', true, true, true, 'sns'],
  ])('%s', async (_, simulated, sns, sender, expected) => {
    expect(await send(simulated, sns, sender)).toMatchObject({ providerId: expected });
  });

  it('a simulated phone never counts as a real one, nor the other way round', async () => {
    expect(await send(false, true, false)).toMatchObject({ outcome: 'permanent' });
    expect(await send(true, false, true)).toMatchObject({ outcome: 'permanent' });
  });
});

describe('SMS by SNS', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  async function sns(status: number, body: string, seen: string[] = []) {
    const http = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen.push(Buffer.concat(chunks).toString());
      if (status === 0) return;
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    closers.push(() => {
      http.close();
      http.closeAllConnections();
    });
    return createSnsSms(
      new SNSClient({
        endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 1,
        requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
      }),
    );
  }
  const error = (code: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;

  it('accepted is final: no receipt will ever come', async () => {
    const seen: string[] = [];
    const ok = '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>';
    expect(await (await sns(200, ok, seen)).send(message)).toEqual({
      outcome: 'accepted',
      providerId: 'm-1',
      receipts: false,
    });
    const form = new URLSearchParams(seen[0]);
    expect(form.get('PhoneNumber')).toBe(PHONE);
    expect(form.get('Message')).toBe(message.text);
    expect(form.get('TopicArn')).toBeNull();
    expect(form.get('MessageAttributes.entry.1.Value.StringValue')).toBe('Transactional');
  });

  it.each([
    [400, error('InvalidParameter'), { outcome: 'permanent' }],
    [403, error('AuthorizationError'), { outcome: 'permanent' }],
    [429, error('Throttled'), { outcome: 'retryable' }],
    [400, error('Throttling'), { outcome: 'retryable' }],
    [500, error('InternalError'), { outcome: 'retryable', uncertain: true }],
    [0, '', { outcome: 'retryable', uncertain: true }],
  ])('HTTP %i %s', async (status, body, expected) => {
    const seen: string[] = [];
    expect(await (await sns(status, body, seen)).send(message)).toMatchObject(expected);
    expect(seen).toHaveLength(1);
  });
});
