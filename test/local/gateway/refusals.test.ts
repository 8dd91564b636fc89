/** Each refusal raises in its real SDK client what AWS would have raised, and is not tried again. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { QueryCommand, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { denied, type Refusal, unsupported, unverified } from '../../../local/gateway/refusals.ts';
import { type Capture, clientSettings, startCapture } from './capture.ts';

let capture: Capture;
let refusal: Refusal;
beforeAll(async () => {
  capture = await startCapture(() => refusal);
});
afterAll(() => capture.close());

const MESSAGE = 'collect-taara may not do <this> & "that"';

/** The error that the client raises, and how often it asked. */
async function raised(call: (settings: ReturnType<typeof clientSettings>) => Promise<unknown>, answer: Refusal) {
  refusal = answer;
  capture.take();
  const error = await call({ ...clientSettings(capture.endpoint), maxAttempts: 3 }).then(
    () => undefined,
    (reason: Error & { $metadata?: { httpStatusCode?: number } }) => reason,
  );
  return {
    name: error?.name,
    message: error?.message,
    status: error?.$metadata?.httpStatusCode,
    attempts: capture.take().length,
  };
}

type Settings = ReturnType<typeof clientSettings>;
const CALLS: Readonly<Record<string, (settings: Settings) => Promise<unknown>>> = {
  dynamodb: (s) => new DynamoDBClient(s).send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'x' } } })),
  sqs: (s) => new SQSClient(s).send(new SendMessageCommand({ QueueUrl: `${s.endpoint}/1/q`, MessageBody: 'x' })),
  sns: (s) => new SNSClient(s).send(new PublishCommand({ PhoneNumber: '+447700900000', Message: 'x' })),
  s3: (s) => new S3Client(s).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
  secretsmanager: (s) => new SecretsManagerClient(s).send(new GetSecretValueCommand({ SecretId: 'x' })),
  ssm: (s) => new SSMClient(s).send(new GetParameterCommand({ Name: 'x' })),
  timestream: (s) => new TimestreamQueryClient(s).send(new QueryCommand({ QueryString: 'SELECT 1' })),
};

describe('a denied request', () => {
  test.each([
    ['dynamodb', 'AccessDeniedException', 400],
    ['sqs', 'AccessDeniedException', 400],
    ['secretsmanager', 'AccessDeniedException', 400],
    ['ssm', 'AccessDeniedException', 400],
    ['timestream', 'AccessDeniedException', 400],
    ['sns', 'AuthorizationErrorException', 403],
    ['s3', 'AccessDenied', 403],
  ])('of %s raises %s with its sentence, once', async (service, name, status) => {
    const call = CALLS[service];
    expect(call && (await raised(call, denied(service, MESSAGE)))).toEqual({
      name,
      message: MESSAGE,
      status,
      attempts: 1,
    });
  });

  test('of REST services names its error in the header', () => {
    expect(denied('lambda', MESSAGE)).toEqual({
      status: 403,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' },
      body: JSON.stringify({ message: MESSAGE }),
    });
  });

  test('without a body (HEAD) still is one', async () => {
    const head = (s: Settings) => new S3Client(s).send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(await raised(head, denied('s3', MESSAGE))).toMatchObject({ status: 403, attempts: 1 });
  });
});

describe('an unproved request', () => {
  test.each([
    ['dynamodb', 'InvalidClientTokenId', 'UnrecognizedClientException'],
    ['dynamodb', 'SignatureDoesNotMatch', 'InvalidSignatureException'],
    ['dynamodb', 'MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
    ['sqs', 'IncompleteSignature', 'IncompleteSignatureException'],
    ['sns', 'SignatureDoesNotMatch', 'SignatureDoesNotMatch'],
    ['s3', 'InvalidClientTokenId', 'InvalidAccessKeyId'],
    ['s3', 'RequestExpired', 'RequestTimeTooSkewed'],
  ] as const)('of %s for %s raises %s', async (service, code, name) => {
    const call = CALLS[service];
    expect(call && (await raised(call, unverified(service, code, MESSAGE)))).toMatchObject({ name, message: MESSAGE });
  });
});

describe('an operation that is not known', () => {
  test.each(Object.keys(CALLS))('of %s is said once, in words', async (service) => {
    const call = CALLS[service];
    const error = call && (await raised(call, unsupported(service, MESSAGE)));
    expect(error).toMatchObject({ name: 'NotImplemented', message: MESSAGE, attempts: 1 });
  });
});
