/** Readings of more than a year ago: into the archive by the deployed functions, out of it by the ordinary routes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localSubject } from '../../local/services/identity.ts';
import { type Flow, startFlow } from './flow.ts';

const DAY_MINUTES = 1440;
/** At the story's beginning its first days are 415 days old. */
const MONTH = '2025-10';
const HOUR_MS = 3_600_000;
const BEGIN = Date.parse(`${MONTH}-03T00:00:00Z`);
const ROWS = 96;

let flow: Flow;
let bundle = '';

const samplesPath = () => {
  const [from, to] = [BEGIN - HOUR_MS, BEGIN + 60 * HOUR_MS].map((at) => new Date(at).toISOString());
  return `/v1/bundles/${bundle}/samples?metric=remaining&from=${from}&to=${to}`;
};

async function download(path: string, tenant = 'demo', role: 'admin' | 'viewer' = 'admin'): Promise<Response> {
  const token = await flow.cloud.identity?.token(localSubject(tenant, role));
  return fetch(`${flow.cloud.publicUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTenant('other');
  await flow.addTaara('demo');
  await flow.runNow('collect-taara');
  const { body } = await flow.call('GET', '/v1/bundles', { role: 'viewer' });
  bundle = body.items.find((one: { account: string }) => one.account === 'home').id;
  const rows = Array.from({ length: ROWS }, (_, n) => {
    const left = n < 50 ? 900_000_000_000 - n * n * 1_000_003 : 999_999_999_999 - n;
    return `${new Date(BEGIN + n * HOUR_MS).toISOString()},${bundle},${left}`;
  });
  const csv = ['at,entity,remaining', ...rows].join('\n');
  expect(await flow.call('POST', '/v1/sources/home/history', { csv })).toMatchObject({ status: 200 });
  await flow.settle();
}, 120_000);

afterAll(() => flow.stop());

let known: unknown;

test('what came late is archived on the second look, and the third finds the month whole', async () => {
  known = (await flow.call('GET', samplesPath(), { role: 'viewer' })).body.points;
  expect(known).toHaveLength(60);
  await flow.skip(5);
  await flow.runNow('archive-plan');
  await flow.runNow('archive-plan');
  const months = await flow.call('GET', '/v1/archives');
  expect(months).toMatchObject({ status: 200, body: { items: [{ month: MONTH, files: 1, rows: ROWS }] } });
  expect(flow.notices.filter((notice) => notice.includes('not allowed'))).toEqual([]);
});

test('the file is what was read, row by row', async () => {
  const { body } = await flow.call('GET', `/v1/archives/${MONTH}`);
  expect(body.items).toMatchObject([{ kind: 'bundle', target: 'home', rows: ROWS }]);
  const [{ file, bytes }] = body.items;
  const response = await download(`/v1/archives/${MONTH}/${file}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/gzip');
  const packed = Buffer.from(await response.arrayBuffer());
  expect(packed.length).toBe(bytes);
  const lines = gunzipSync(packed).toString('utf8').trimEnd().split('\r\n');
  expect(lines).toHaveLength(ROWS + 1);
  expect(lines[1]).toContain(`remaining,octets,${new Date(BEGIN).toISOString()}`);
  expect(lines[1]).toContain(',900000000000,');
});

test('another tenant finds nothing, a viewer may not ask, and no path leads out of the folder', async () => {
  const { body } = await flow.call('GET', `/v1/archives/${MONTH}`);
  const { file } = body.items[0];
  expect(await flow.call('GET', '/v1/archives', { tenant: 'other' })).toMatchObject({
    status: 200,
    body: { items: [] },
  });
  expect(await flow.call('GET', `/v1/archives/${MONTH}`, { tenant: 'other' })).toMatchObject({ status: 404 });
  expect((await download(`/v1/archives/${MONTH}/${file}`, 'other')).status).toBe(404);
  expect((await download(`/v1/archives/${MONTH}/${file}`, 'demo', 'viewer')).status).toBe(403);
  for (const attack of ['..%2F..%2Fdemo%2F2025-10%2Fdone.json', 'done.json', '%2e%2e%2fdone.json', `${file}%00`, '.']) {
    expect([404, 403], attack).toContain((await download(`/v1/archives/${MONTH}/${attack}`, 'other')).status);
    expect([404, 403], attack).toContain((await download(`/v1/archives/${MONTH}/${attack}`)).status);
  }
});

test('a function may do no more with the archive than its role says', async () => {
  const { cloud, dataFolder } = flow;
  const { secret } = JSON.parse(readFileSync(join(dataFolder, 'signing.json'), 'utf8')) as { secret: string };
  const bucket = cloud.model.buckets.find(({ name }) => name.includes('archive'))?.name;
  const clientOf = (name: string) => {
    const credentials = cloud.guard.credentialsOf(name, secret);
    return new S3Client({ endpoint: cloud.gatewayUrl, region: 'us-east-1', credentials, maxAttempts: 1 });
  };
  const Key = `demo/${MONTH}/done.json`;
  const read = (name: string) => clientOf(name).send(new GetObjectCommand({ Bucket: bucket, Key }));
  const write = (name: string) =>
    clientOf(name).send(new PutObjectCommand({ Bucket: bucket, Key: 'demo/x', Body: 'x' }));
  await expect(read('api-archives')).resolves.toBeDefined();
  await expect(write('api-archives')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(read('fold')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(read('api-alerts')).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('when the chunks are gone, the ordinary route answers the same from the archive', async () => {
  await flow.skip(402 * DAY_MINUTES);
  const { status, body } = await flow.call('GET', samplesPath(), { role: 'viewer' });
  expect(status).toBe(200);
  expect(body.points).toEqual(known);
  const long = `/v1/bundles/${bundle}/samples?metric=remaining&from=2025-01-01&to=2025-11-01`;
  const refused = await flow.call('GET', long, { role: 'viewer' });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'query.from' }] } });
  expect(refused.body.detail).toContain('100 days');
});
