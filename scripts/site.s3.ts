/** The page's files in their bucket: new ones first, then what names them, then what is left over is removed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteObjectsCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { cacheControlOf } from '../lib/page.ts';

export const CONFIG_FILE = 'config.json';
/** S3's own bound for one removal. */
const REMOVE_AT_ONCE = 1000;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  webmanifest: 'application/manifest+json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  txt: 'text/plain; charset=utf-8',
  woff2: 'font/woff2',
};

/** A file of a kind that is not listed would be offered as a download: better to stop. */
export function contentTypeOf(file: string): string {
  const type = TYPES[file.split('.').at(-1) ?? ''];
  if (!type)
    throw new Error(`the page has a file of unknown kind: ${file}; name its content type in scripts/site.s3.ts`);
  return type;
}

export interface Upload {
  readonly uploaded: readonly string[];
  readonly removed: readonly string[];
}

/** `files` in the order of `buildPage`: what others name stands before what names it. */
export async function uploadSite(
  client: S3Client,
  bucket: string,
  page: { readonly folder: string; readonly files: readonly string[]; readonly config: string },
): Promise<Upload> {
  const bodies = [
    { file: CONFIG_FILE, body: Buffer.from(page.config) },
    ...page.files.map((file) => ({ file, body: readFileSync(join(page.folder, file)) })),
  ].map((one) => ({ ...one, type: contentTypeOf(one.file) }));
  for (const { file, body, type } of bodies) {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: file,
        Body: body,
        ContentType: type,
        CacheControl: cacheControlOf(file),
      }),
    );
  }
  const uploaded = bodies.map((one) => one.file);
  const stale = (await filesIn(client, bucket)).filter((key) => !uploaded.includes(key));
  await remove(client, bucket, stale);
  return { uploaded, removed: stale };
}

/** A bucket with files in it is refused when its stack goes. Returns how many were removed. */
export async function emptySite(client: S3Client, bucket: string): Promise<number> {
  const all = await filesIn(client, bucket);
  await remove(client, bucket, all);
  return all.length;
}

export async function bucketNames(client: S3Client): Promise<string[]> {
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  return Buckets.map((bucket) => bucket.Name ?? '');
}

async function filesIn(client: S3Client, bucket: string): Promise<string[]> {
  const keys: string[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, ...(next ? { ContinuationToken: next } : {}) }),
    );
    keys.push(...(page.Contents ?? []).map((object) => object.Key ?? ''));
    next = page.NextContinuationToken;
  } while (next);
  return keys;
}

async function remove(client: S3Client, bucket: string, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += REMOVE_AT_ONCE) {
    const Objects = keys.slice(at, at + REMOVE_AT_ONCE).map((Key) => ({ Key }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first) throw new Error(`S3 did not remove ${first.Key}: ${first.Code} ${first.Message}`);
  }
}
