/** What real requests of the S3 client ask for. */
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeRequest } from '../../../../local/gateway/actions.ts';
import { type Capture, startCapture } from '../capture.ts';
import { type Client, described, type Row, rows, WORLD } from '../world.ts';

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

const Bucket = 'site';
const SITE = 'arn:aws:s3:::site';
const S3: Row[] = [
  ['GetObject', new s3.GetObjectCommand({ Bucket, Key: 'a/b c.txt' }), [['s3:GetObject', `${SITE}/a/b c.txt`]]],
  [
    'GetObject of a version',
    new s3.GetObjectCommand({ Bucket, Key: 'x', VersionId: 'v1' }),
    [['s3:GetObjectVersion', `${SITE}/x`, { 's3:VersionId': 'v1' }]],
  ],
  ['HeadObject is GetObject', new s3.HeadObjectCommand({ Bucket, Key: 'x' }), [['s3:GetObject', `${SITE}/x`]]],
  [
    'a key with odd characters',
    new s3.GetObjectCommand({ Bucket, Key: "ü'(1)*+%//.txt" }),
    [['s3:GetObject', `${SITE}/ü'(1)*+%//.txt`]],
  ],
  [
    'PutObject',
    new s3.PutObjectCommand({ Bucket, Key: 'x', Body: 'x', ServerSideEncryption: 'AES256' }),
    [['s3:PutObject', `${SITE}/x`, { 's3:x-amz-server-side-encryption': 'AES256' }]],
  ],
  [
    'PutObject with an ACL and tags',
    new s3.PutObjectCommand({ Bucket, Key: 'x', Body: 'x', ACL: 'private', Tagging: 'a=b' }),
    [
      ['s3:PutObject', `${SITE}/x`, { 's3:x-amz-acl': 'private' }],
      ['s3:PutObjectAcl', `${SITE}/x`],
      ['s3:PutObjectTagging', `${SITE}/x`],
    ],
  ],
  [
    'CopyObject reads its source',
    new s3.CopyObjectCommand({ Bucket, Key: 'y', CopySource: 'other/a%20b' }),
    [
      ['s3:PutObject', `${SITE}/y`],
      ['s3:GetObject', 'arn:aws:s3:::other/a b'],
    ],
  ],
  ['DeleteObject', new s3.DeleteObjectCommand({ Bucket, Key: 'x' }), [['s3:DeleteObject', `${SITE}/x`]]],
  [
    'DeleteObjects asks for each',
    new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a&b <c>' }, { Key: 'd', VersionId: 'v' }] } }),
    [
      ['s3:DeleteObject', `${SITE}/a&b <c>`],
      ['s3:DeleteObjectVersion', `${SITE}/d`],
    ],
  ],
  [
    'ListObjectsV2',
    new s3.ListObjectsV2Command({ Bucket, Prefix: 'a b/', MaxKeys: 5 }),
    [['s3:ListBucket', SITE, { 's3:prefix': 'a b/', 's3:max-keys': '5' }]],
  ],
  ['ListObjects', new s3.ListObjectsCommand({ Bucket }), [['s3:ListBucket', SITE]]],
  ['HeadBucket', new s3.HeadBucketCommand({ Bucket }), [['s3:ListBucket', SITE]]],
  ['CreateBucket', new s3.CreateBucketCommand({ Bucket }), [['s3:CreateBucket', SITE]]],
  ['GetBucketLocation', new s3.GetBucketLocationCommand({ Bucket }), [['s3:GetBucketLocation', SITE]]],
  [
    'PutBucketCors',
    new s3.PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] },
    }),
    [['s3:PutBucketCORS', SITE]],
  ],
  ['CreateMultipartUpload', new s3.CreateMultipartUploadCommand({ Bucket, Key: 'x' }), [['s3:PutObject', `${SITE}/x`]]],
  [
    'UploadPart',
    new s3.UploadPartCommand({ Bucket, Key: 'x', UploadId: 'u', PartNumber: 1, Body: 'x' }),
    [['s3:PutObject', `${SITE}/x`]],
  ],
  [
    'AbortMultipartUpload',
    new s3.AbortMultipartUploadCommand({ Bucket, Key: 'x', UploadId: 'u' }),
    [['s3:AbortMultipartUpload', `${SITE}/x`]],
  ],
  ['ListBuckets', new s3.ListBucketsCommand({}), [['s3:ListAllMyBuckets', '*']]],
];

const open = (settings: object) => new s3.S3Client(settings) as Client;

describe('S3', () => {
  test.each(S3)('%s', async (_, command, expected) => {
    expect(await described(capture, open, command)).toMatchObject(rows(expected));
  });
});

describe('S3 besides', () => {
  test('a bucket as host', () => {
    const headers = { host: 'site.s3.us-east-1.amazonaws.com' };
    const request = { service: 's3', method: 'GET', url: '/a/b', headers, body: Buffer.alloc(0) };
    expect(describeRequest(request, WORLD)).toMatchObject(rows([['s3:GetObject', `${SITE}/a/b`]]));
  });

  test.each([
    [
      'a sub-resource it does not know',
      new s3.GetBucketLoggingCommand({ Bucket }),
      'GET of S3 with the parameter "logging"',
    ],
    ['a restore', new s3.RestoreObjectCommand({ Bucket, Key: 'x' }), 'POST of S3 with the parameter "restore"'],
  ])('refuses %s', async (_, command, message) => {
    await expect(described(capture, open, command)).rejects.toThrow(message);
  });
});
