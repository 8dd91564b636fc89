/** The upload of the page, against a real S3 server of this machine. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bucketNames, contentTypeOf, emptySite, uploadSite } from '../../scripts/site.s3.ts';

const CONFIG = JSON.stringify({ mode: 'cognito', loginUrl: 'https://login.example.com', clientId: 'client' });
let [server, client, folder]: [FauxqsServer | undefined, S3Client, string] = [undefined, new S3Client({}), ''];
let bucket = '';
let count = 0;

beforeAll(async () => {
  server = await onLoopback(() => startFauxqs({ port: 0, logger: false, defaultRegion: 'eu-west-1' }));
  client = new S3Client({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 5000 },
  });
  folder = mkdtempSync(join(tmpdir(), 'headroom-site-'));
  mkdirSync(folder, { recursive: true });
});

afterAll(async () => {
  client.destroy();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  count += 1;
  bucket = `headroom-dev-dashboard-site${count}`;
  server?.createBucket(bucket);
});

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

function page(...files: string[]): { folder: string; files: string[]; config: string } {
  for (const file of files) writeFileSync(join(folder, file), `content of ${file}`);
  return { folder, files, config: CONFIG };
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map((one) => one.Key ?? '').sort();
}

test('each file is served as what it is: hashed names for a year, all others looked at anew', async () => {
  const { uploaded, removed } = await uploadSite(
    client,
    bucket,
    page('main-ABCD1234.js', 'style-ABCD1234.css', 'icon.svg', 'index.html'),
  );
  expect({ uploaded, removed }).toEqual({
    uploaded: ['config.json', 'main-ABCD1234.js', 'style-ABCD1234.css', 'icon.svg', 'index.html'],
    removed: [],
  });
  const heads = await Promise.all(
    uploaded.map(async (Key) => {
      const { ContentType, CacheControl } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
      return [Key, ContentType, CacheControl];
    }),
  );
  const year = 'public, max-age=31536000, immutable';
  expect(heads).toEqual([
    ['config.json', 'application/json; charset=utf-8', 'no-cache'],
    ['main-ABCD1234.js', 'text/javascript; charset=utf-8', year],
    ['style-ABCD1234.css', 'text/css; charset=utf-8', year],
    ['icon.svg', 'image/svg+xml', 'no-cache'],
    ['index.html', 'text/html; charset=utf-8', 'no-cache'],
  ]);
  const read = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'config.json' }));
  expect(await read.Body?.transformToString()).toBe(CONFIG);
});

test('what the new page does not have is removed, after the new page is there', async () => {
  await uploadSite(client, bucket, page('main-OLD00000.js', 'index.html'));
  const { removed } = await uploadSite(client, bucket, page('main-NEW00000.js', 'index.html'));
  expect(removed).toEqual(['main-OLD00000.js']);
  expect(await keys()).toEqual(['config.json', 'index.html', 'main-NEW00000.js']);
});

test('uploading the same page again changes nothing', async () => {
  const same = page('main-ABCD1234.js', 'index.html');
  await uploadSite(client, bucket, same);
  const before = await keys();
  expect((await uploadSite(client, bucket, same)).removed).toEqual([]);
  expect(await keys()).toEqual(before);
});

test('a file of unknown kind stops the upload before anything is changed', async () => {
  await uploadSite(client, bucket, page('index.html'));
  await expect(uploadSite(client, bucket, page('index.html', 'notes.docx'))).rejects.toThrow(
    'the page has a file of unknown kind: notes.docx; name its content type in scripts/site.s3.ts',
  );
  expect(await keys()).toEqual(['config.json', 'index.html']);
  expect(contentTypeOf('a.b.svg')).toBe('image/svg+xml');
});

test('a stage that goes leaves an empty bucket, however many files there are', async () => {
  await Promise.all(
    Array.from({ length: 1005 }, (_, i) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: `old-${i}.js`, Body: 'x' })),
    ),
  );
  expect(await emptySite(client, bucket)).toBe(1005);
  expect(await keys()).toEqual([]);
  expect(await emptySite(client, bucket)).toBe(0);
  expect(await bucketNames(client)).toContain(bucket);
});
