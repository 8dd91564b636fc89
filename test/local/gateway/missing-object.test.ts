/** What S3 says of an object that is not there depends on who asks. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../../local/cloud/clock.ts';
import { Guard } from '../../../local/cloud/guard.ts';
import { createGateway } from '../../../local/gateway/gateway.ts';
import { emptyModel, REGION, role } from '../cloud/model.ts';
import { functionModel } from '../workers/bundle-world.ts';

const BUCKET = 'arn:aws:s3:::archive';
const allow = (Action: string, Resource: string) => ({ Effect: 'Allow' as const, Action, Resource });
const reads = allow('s3:GetObject', `${BUCKET}/*`);
const roles = [
  role('blind', 'lambda.amazonaws.com', [reads]),
  role('seeing', 'lambda.amazonaws.com', [reads, allow('s3:ListBucket', BUCKET)]),
];
const functions = roles.map(({ name, arn }) =>
  functionModel({ name, shortName: name, arn: `arn:${name}`, roleArn: arn }),
);
const guard = new Guard(emptyModel({ roles, functions }), REGION, 'secret');

let [s3, gateway]: [Server | undefined, Server | undefined] = [undefined, undefined];
let endpoint = '';

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  s3 = createServer((request, response) => {
    request.resume();
    const isThere = request.url?.startsWith('/archive/there');
    response.writeHead(isThere ? 200 : 404, { 'content-type': 'application/xml' });
    response.end(isThere ? 'content' : '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>');
  });
  const url = await listening(s3);
  gateway = createServer(
    createGateway({
      guard,
      clock: realClock(),
      signingSecret: 'secret',
      world: {
        ...{ partition: 'aws', region: REGION, accountId: '000000000000' },
        secretArnOf: () => undefined,
        partitionKeyOf: () => undefined,
      },
      backendOf: () => ({ url }),
    }),
  );
  endpoint = await listening(gateway);
});
afterAll(() => {
  s3?.close();
  gateway?.close();
});

function clientOf(name: string): S3Client {
  return new S3Client({ endpoint, region: REGION, credentials: guard.credentialsOf(name, 'secret'), maxAttempts: 1 });
}
const get = (name: string, Key: string) => clientOf(name).send(new GetObjectCommand({ Bucket: 'archive', Key }));
const head = (name: string, Key: string) => clientOf(name).send(new HeadObjectCommand({ Bucket: 'archive', Key }));

test('whoever may list the bucket learns that an object is not there', async () => {
  await expect(get('seeing', 'gone')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(head('seeing', 'gone')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
});

test('whoever may not is told that it is forbidden, and reads what is there', async () => {
  await expect(get('blind', 'gone')).rejects.toMatchObject({
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403 },
  });
  await expect(head('blind', 'gone')).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  expect(await (await get('blind', 'there')).Body?.transformToString()).toBe('content');
});

test('a question that nobody asked stands in no list of what was denied', async () => {
  await get('blind', 'gone').catch(() => undefined);
  expect(guard.ledger.report().denied).toEqual([]);
});

test('what the role does not name is refused whether it is there or not', async () => {
  const put = new PutObjectCommand({ Bucket: 'archive', Key: 'there', Body: 'x' });
  await expect(clientOf('seeing').send(put)).rejects.toMatchObject({ name: 'AccessDenied' });
});
