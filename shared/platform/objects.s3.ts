/** Objects in one bucket of S3, its failures as ours. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AppError } from './errors.ts';
import type { ObjectStore } from './objects.port.ts';

/** Refused by IAM, a bucket that is not there, a malformed call: bugs, which no retry mends. */
const BUGS: ReadonlySet<string> = new Set(['AccessDenied', 'NoSuchBucket', 'InvalidRange', 'InvalidArgument']);
/** `HEAD` has no body to name its failure in. */
const ABSENT: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound']);

/** Every call throws STORE_UNAVAILABLE when S3 does not answer, or is too busy to. */
export function openObjects(bucket: string, client: S3Client = new S3Client({ maxAttempts: 5 })): ObjectStore {
  return {
    async put(key, body, type) {
      await guarded(() =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type })),
      );
    },
    async has(key) {
      const found = await unlessAbsent(() => client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
      return found !== undefined;
    },
    get: (key, range) =>
      unlessAbsent(async () => {
        const part = range && { Range: `bytes=${range.offset}-${range.offset + range.bytes - 1}` };
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...part }));
        const body = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        if (range && body.length !== range.bytes) throw new Error(`${body.length} of ${range.bytes} bytes came`);
        return body;
      }),
    async folders(prefix) {
      const found: string[] = [];
      let next: string | undefined;
      do {
        const question = {
          Bucket: bucket,
          Prefix: prefix,
          Delimiter: '/',
          ...(next ? { ContinuationToken: next } : {}),
        };
        const page = await guarded(() => client.send(new ListObjectsV2Command(question)));
        found.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)));
        next = page.NextContinuationToken;
      } while (next);
      return found;
    },
  };
}

async function unlessAbsent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && ABSENT.has(error.name)) return undefined;
    throw asStoreError(error);
  }
}

async function guarded<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw asStoreError(error);
  }
}

function asStoreError(error: unknown): unknown {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  // A refused HEAD has no name but its status.
  if (BUGS.has(name ?? '') || $metadata?.httpStatusCode === 403) return error;
  return new AppError('STORE_UNAVAILABLE', 'the archive did not answer', { cause: error });
}
