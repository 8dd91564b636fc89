import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterEach, expect, it } from 'vitest';
import { openDeliveryTopic } from '../../../shared/notify/delivery-topic.sns.ts';
import { deliveryMessage } from '../../../shared/notify/notify.contract.ts';
import { delivery } from './examples.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function topic(status: number, body: string, seen: string[] = []) {
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push(Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closers.push(() => {
    http.close();
    http.closeAllConnections();
  });
  return openDeliveryTopic(
    'arn:aws:sns:us-east-1:000000000000:delivery',
    new SNSClient({
      endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    }),
  );
}
const error = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;

it('publishes where the row stands, with the channel as attribute and nothing personal', async () => {
  const seen: string[] = [];
  const ok = '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>';
  await (await topic(200, ok, seen)).publish(delivery());
  const form = new URLSearchParams(seen[0]);
  expect(deliveryMessage.parse(JSON.parse(form.get('Message') ?? ''))).toEqual({
    version: 1,
    tenant: 'demo',
    day: '2026-11-20',
    delivery: 'desk-1-0',
  });
  expect(form.get('MessageAttributes.entry.1.Name')).toBe('channel');
  expect(form.get('MessageAttributes.entry.1.Value.StringValue')).toBe('whatsapp');
  expect(seen[0]).not.toContain('7700900123');
});

it('an outage may be tried again, a missing grant stays what it is', async () => {
  await expect((await topic(503, error('Unavailable'))).publish(delivery())).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    retryable: true,
  });
  await expect((await topic(403, error('AuthorizationError'))).publish(delivery())).rejects.toMatchObject({
    name: 'AuthorizationErrorException',
  });
  await expect((await topic(403, error('AccessDenied'))).publish(delivery())).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});
