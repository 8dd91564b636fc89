/** Signatures of real SDK requests are proved; every change of what was signed is refused. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { QueryCommand, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SignedRequest, verifySignature } from '../../../local/gateway/sigv4.ts';
import { ACCESS_KEY_ID, type Capture, clientSettings, SECRET, startCapture } from './capture.ts';
import { deliver, signerOf, unsigned } from './signing.ts';

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

const secretOf = (id: string) => (id === ACCESS_KEY_ID ? SECRET : undefined);
const verify = (request: SignedRequest) => verifySignature(request, secretOf, { nowAt: Date.now() });

const settings = () => clientSettings(capture.endpoint);
const table = { TableName: 'store', Key: { pk: { S: 'demo#H' } } };
const getItem = () => capture.requestOf(() => new DynamoDBClient(settings()).send(new GetItemCommand(table)));
async function signed(
  signingName: string,
  method: string,
  path: string,
  query: Record<string, string> = {},
): Promise<SignedRequest> {
  const signer = await signerOf(capture, signingName);
  return deliver(capture, await signer.sign(unsigned(capture, method, path, query)));
}
const putObject = (Key: string, Body: string) =>
  capture.requestOf(() => new S3Client(settings()).send(new PutObjectCommand({ Bucket: 'site', Key, Body })));

describe('a request of a real client', () => {
  test.each<[string, string, () => Promise<SignedRequest>]>([
    ['DynamoDB', 'dynamodb', getItem],
    [
      'SQS',
      'sqs',
      () =>
        capture.requestOf(() =>
          new SQSClient(settings()).send(
            new SendMessageCommand({ QueueUrl: `${capture.endpoint}/1/q`, MessageBody: 'é' }),
          ),
        ),
    ],
    [
      'SNS',
      'sns',
      () =>
        capture.requestOf(() =>
          new SNSClient(settings()).send(new PublishCommand({ PhoneNumber: '+447700900000', Message: 'a b&c=d' })),
        ),
    ],
    [
      'Secrets Manager',
      'secretsmanager',
      () =>
        capture.requestOf(() =>
          new SecretsManagerClient(settings()).send(new GetSecretValueCommand({ SecretId: 'x' })),
        ),
    ],
    [
      'Timestream',
      'timestream',
      () =>
        capture.requestOf(() =>
          new TimestreamQueryClient(settings()).send(new QueryCommand({ QueryString: 'SELECT 1' })),
        ),
    ],
    ['S3 writing a key of odd characters', 's3', () => putObject("a b/ü'(1)*+%.txt", 'hello')],
    ['S3 with dots and doubled slashes in the key', 's3', () => putObject('a//b/./c', 'x')],
    [
      'S3 reading a range',
      's3',
      () =>
        capture.requestOf(() =>
          new S3Client(settings()).send(new GetObjectCommand({ Bucket: 'site', Key: 'x', Range: 'bytes=0-1' })),
        ),
    ],
    [
      'S3 listing with a prefix',
      's3',
      () =>
        capture.requestOf(() =>
          new S3Client(settings()).send(
            new ListObjectsV2Command({ Bucket: 'site', Prefix: 'a b/+&=', Delimiter: '/' }),
          ),
        ),
    ],
    [
      'S3 copying',
      's3',
      () =>
        capture.requestOf(() =>
          new S3Client(settings()).send(new CopyObjectCommand({ Bucket: 'site', Key: 'y', CopySource: 'site/x' })),
        ),
    ],
    [
      'Lambda by an ARN in the path',
      'lambda',
      () =>
        signed(
          'lambda',
          'POST',
          '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Aapi/invocations',
        ),
    ],
    [
      'the Scheduler with a query',
      'scheduler',
      () => signed('scheduler', 'GET', '/schedules/x', { groupName: 'a b', x: '' }),
    ],
    ['a path to be normalised', 'execute-api', () => signed('execute-api', 'GET', '/a/../prod/./x/')],
  ])('%s is proved', async (_, service, make) => {
    const request = await make();
    expect(verify(request)).toMatchObject({
      ok: true,
      accessKeyId: ACCESS_KEY_ID,
      service,
      region: 'us-east-1',
      presigned: false,
    });
  });

  test('streams to S3 without its payload in the signature', async () => {
    const send = () => new S3Client(settings()).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }));
    const request = await capture.requestOf(send);
    const headers = {
      host: String(request.headers.host),
      'x-amz-date': String(request.headers['x-amz-date']),
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    };
    const signer = await signerOf(capture, 's3');
    const outgoing = await signer.sign({ ...unsigned(capture, 'PUT', '/b/k'), headers });
    const signedRequest = { ...request, url: '/b/k', headers: outgoing.headers };
    expect(verify(signedRequest)).toMatchObject({ ok: true });
    expect(verify({ ...signedRequest, body: Buffer.from('anything') })).toMatchObject({ ok: true });
    const elsewhere = await (await signerOf(capture, 'sqs')).sign({ ...unsigned(capture, 'PUT', '/b/k'), headers });
    expect(verify({ ...signedRequest, headers: elsewhere.headers })).toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});

describe('a changed request is refused', () => {
  const change = (request: SignedRequest, headers: Record<string, string | undefined>) => ({
    ...request,
    headers: { ...request.headers, ...headers },
  });
  const authorization = (request: SignedRequest) => String(request.headers.authorization);

  test.each<[string, (request: SignedRequest) => SignedRequest, string]>([
    [
      'the body',
      (r) => ({ ...r, body: Buffer.from(r.body.toString().replace('demo', 'other')) }),
      'SignatureDoesNotMatch',
    ],
    [
      'body and its hash',
      (r) =>
        change(
          { ...r, body: Buffer.alloc(0) },
          { 'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
        ),
      'SignatureDoesNotMatch',
    ],
    [
      'body, declared unsigned outside S3',
      (r) => change({ ...r, body: Buffer.alloc(0) }, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
      'SignatureDoesNotMatch',
    ],
    ['the operation', (r) => change(r, { 'x-amz-target': 'DynamoDB_20120810.DeleteItem' }), 'SignatureDoesNotMatch'],
    ['the host', (r) => change(r, { host: '127.0.0.1:1' }), 'SignatureDoesNotMatch'],
    ['the method', (r) => ({ ...r, method: 'GET' }), 'SignatureDoesNotMatch'],
    ['the path', (r) => ({ ...r, url: '/x' }), 'SignatureDoesNotMatch'],
    ['the query', (r) => ({ ...r, url: '/?x=1' }), 'SignatureDoesNotMatch'],
    [
      'the region of the scope',
      (r) => change(r, { authorization: authorization(r).replace('us-east-1', 'eu-west-1') }),
      'SignatureDoesNotMatch',
    ],
    [
      'the service of the scope',
      (r) => change(r, { authorization: authorization(r).replace('/dynamodb/', '/sqs/') }),
      'SignatureDoesNotMatch',
    ],
    [
      'the signature',
      (r) => change(r, { authorization: authorization(r).replace(/Signature=.*/, `Signature=${'0'.repeat(64)}`) }),
      'SignatureDoesNotMatch',
    ],
    [
      'a signature of another length',
      (r) => change(r, { authorization: `${authorization(r)}ff` }),
      'SignatureDoesNotMatch',
    ],
    [
      'a signature of other letters',
      (r) => change(r, { authorization: authorization(r).replace(/Signature=.{32}/, `Signature=${'ü'.repeat(32)}`) }),
      'SignatureDoesNotMatch',
    ],
    [
      'the key id, to one that is not known',
      (r) => change(r, { authorization: authorization(r).replace(ACCESS_KEY_ID, 'FORGED') }),
      'InvalidClientTokenId',
    ],
    [
      'the list of signed headers',
      (r) => change(r, { authorization: authorization(r).replace('host;', '') }),
      'IncompleteSignature',
    ],
    ['the date', (r) => change(r, { 'x-amz-date': '20200101T000000Z' }), 'IncompleteSignature'],
    ['the date, taken away', (r) => change(r, { 'x-amz-date': undefined }), 'IncompleteSignature'],
    ['no authorization at all', (r) => change(r, { authorization: undefined }), 'MissingAuthenticationToken'],
    ['another kind of authorization', (r) => change(r, { authorization: 'Bearer abc' }), 'IncompleteSignature'],
    [
      'an authorization without its parts',
      (r) => change(r, { authorization: 'AWS4-HMAC-SHA256 Credential=a/b, Signature=c' }),
      'IncompleteSignature',
    ],
  ])('%s', async (_, tamper, code) => {
    const request = await getItem();
    expect(verify(request).ok).toBe(true);
    expect(verify(tamper(request))).toMatchObject({ ok: false, code });
  });

  test('a key id that is known, signed with the secret of another', async () => {
    const request = await getItem();
    expect(verifySignature(request, () => 'another secret', { nowAt: Date.now() })).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  test('an object written with other content', async () => {
    const request = await putObject('k', 'hello');
    expect(verify({ ...request, body: Buffer.from('jello') })).toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});
