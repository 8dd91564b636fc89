/** One suite for objects in memory and on a real S3 server of this machine; and what its failures become. */
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, Server } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAppError } from '../../../shared/platform/errors.ts';
import { openObjects } from '../../../shared/platform/objects.s3.ts';
import { objectStoreContract } from '../../contract/object-store.ts';
import { memoryObjects } from '../memory-objects.ts';

objectStoreContract('objects in memory', async () => memoryObjects());

let server: FauxqsServer | undefined;
const clients: S3Client[] = [];
let buckets = 0;

function clientAt(port: number): S3Client {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

/** The server knows no host to listen on: while it starts, "every interface" means loopback. */
async function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, ...parts: unknown[]) {
    const [first, ...rest] = parts;
    const options = typeof first === 'object' && first !== null ? { ...first, host: '127.0.0.1' } : first;
    return (listen as (...all: unknown[]) => Server).call(this, options, ...rest);
  } as typeof listen;
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
}

beforeAll(async () => {
  server = await onLoopback(() => startFauxqs({ port: 0, logger: false, defaultRegion: 'eu-west-1' }));
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await server?.stop();
});

objectStoreContract('objects in S3', async () => {
  buckets += 1;
  server?.createBucket(`archive${buckets}`);
  return openObjects(`archive${buckets}`, clientAt(server?.port ?? 0));
});

describe('when S3 does not do what it should', () => {
  let broken: HttpServer;
  let answer: { status: number; body: string; next?: typeof answer };
  const asked: string[] = [];
  beforeAll(async () => {
    broken = createServer((request, response) => {
      request.resume();
      asked.push(request.url ?? '');
      response.writeHead(answer.status, { 'content-type': 'application/xml' });
      response.end(request.method === 'HEAD' ? undefined : answer.body);
      answer = answer.next ?? answer;
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => broken.close(resolve)));
  const objects = () => openObjects('archive', clientAt((broken.address() as AddressInfo).port));
  const xml = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  const calls = [
    () => objects().put('k', new Uint8Array(1), 'text/plain'),
    () => objects().has('k'),
    () => objects().get('k'),
    () => objects().folders('k/'),
  ];

  test.each([
    { status: 503, code: 'SlowDown' },
    { status: 500, code: 'InternalError' },
  ])('$code is worth another try', async ({ status, code }) => {
    answer = { status, body: xml(code) };
    for (const call of calls) {
      await expect(call()).rejects.toSatisfy((error) => isAppError(error, 'STORE_UNAVAILABLE') && error.retryable);
    }
  });

  test('a refusal is a bug and never taken for "not there"', async () => {
    answer = { status: 403, body: xml('AccessDenied') };
    for (const call of calls) {
      await expect(call()).rejects.toSatisfy((error) => error instanceof Error && !isAppError(error));
    }
  });

  test('a bucket that is not there is a bug, too', async () => {
    answer = { status: 404, body: xml('NoSuchBucket') };
    await expect(objects().get('k')).rejects.toSatisfy((error) => error instanceof Error && !isAppError(error));
  });

  test('a range of which too little comes is no object', async () => {
    answer = { status: 206, body: 'abc' };
    await expect(objects().get('k', { offset: 0, bytes: 4 })).rejects.toSatisfy((error) =>
      isAppError(error, 'STORE_UNAVAILABLE'),
    );
  });

  test('a list of many pages is asked for to its end', async () => {
    const page = (folder: string, more: string) =>
      `<ListBucketResult><CommonPrefixes><Prefix>a/${folder}/</Prefix></CommonPrefixes>${more}</ListBucketResult>`;
    const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>on</NextContinuationToken>';
    const last = { status: 200, body: page('2025-02', '<IsTruncated>false</IsTruncated>') };
    answer = { status: 200, body: page('2025-01', more), next: last };
    expect(await objects().folders('a/')).toEqual(['2025-01', '2025-02']);
    expect(asked.at(-1)).toContain('continuation-token=on');
  });

  test('nobody at the door is worth another try', async () => {
    const nobody = openObjects('archive', clientAt(1));
    await expect(nobody.get('k')).rejects.toSatisfy((error) => isAppError(error, 'STORE_UNAVAILABLE'));
  });
});
