/** How old a signature may be, and how long a presigned URL lives. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, readSignature, type SignedRequest, verifySignature } from '../../../local/gateway/sigv4.ts';
import { ACCESS_KEY_ID, type Capture, clientSettings, SECRET, startCapture } from './capture.ts';
import { deliver, signerOf, unsigned } from './signing.ts';

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

const verify = (request: SignedRequest, clock: Clock = { nowAt: Date.now() }) =>
  verifySignature(request, (id) => (id === ACCESS_KEY_ID ? SECRET : undefined), clock);

function getItem(): Promise<unknown> {
  const client = new DynamoDBClient(clientSettings(capture.endpoint));
  return client.send(new GetItemCommand({ TableName: 'store', Key: { pk: { S: 'demo#H' } } }));
}

describe('time', () => {
  const HOUR_MS = 3_600_000;

  test('a signature of an hour ago or ahead is refused, unless the clock is virtual', async () => {
    const request = await capture.requestOf(getItem);
    for (const nowAt of [Date.now() - HOUR_MS, Date.now() + HOUR_MS]) {
      expect(verify(request, { nowAt })).toMatchObject({ ok: false, code: 'RequestExpired' });
      expect(verify(request, { nowAt, maxSkewMs: 2 * HOUR_MS }).ok).toBe(true);
      expect(verify(request, { nowAt, maxSkewMs: Number.POSITIVE_INFINITY }).ok).toBe(true);
    }
  });

  test('a presigned URL is proved while it lives', async () => {
    const signer = await signerOf(capture, 's3');
    const plain = unsigned(capture, 'GET', '/site/a%20b', { 'response-content-type': 'text/plain' });
    // As the SDK's own presigner does for S3.
    const headers = { ...plain.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const outgoing = await signer.presign({ ...plain, headers }, { expiresIn: 600 });
    const request = await deliver(capture, outgoing);
    expect(readSignature(request)).toMatchObject({ accessKeyId: ACCESS_KEY_ID, service: 's3', presigned: true });
    expect(verify(request)).toMatchObject({ ok: true, presigned: true });
    expect(verify(request, { nowAt: Date.now() + HOUR_MS })).toMatchObject({ code: 'RequestExpired' });
    const longer = { ...request, url: request.url.replace('X-Amz-Expires=600', 'X-Amz-Expires=60000') };
    expect(verify(longer)).toMatchObject({ code: 'SignatureDoesNotMatch' });
    expect(verify({ ...request, url: request.url.replace('/a%20b', '/secret') })).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    const endless = { ...request, url: request.url.replace('X-Amz-Expires=600&', '') };
    expect(verify(endless)).toMatchObject({ ok: false });
  });
});
