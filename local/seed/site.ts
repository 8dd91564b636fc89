/** Uploads the page to the site's bucket, as the deploy script does in AWS. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buildPage } from '../../lib/page.ts';
import type { Cloud } from '../cloud/cloud.ts';

/** The page learns from it how to sign in: here by a token of this machine, in AWS through Cognito. */
const localConfig = (tenants: readonly string[]): string => JSON.stringify({ mode: 'local', tenants });

/** `tenants`: those whose page can be looked at here, the first unless another is asked for. */
export async function uploadSite(cloud: Cloud, tenants: readonly string[]): Promise<void> {
  const bucket = cloud.model.site?.bucket;
  if (!bucket) return;
  const environment = cloud.operatorEnvironment();
  const client = new S3Client({
    endpoint: cloud.gatewayUrl,
    region: environment.AWS_REGION ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'headroom-page-'));
  try {
    for (const file of buildPage(folder)) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: file, Body: readFileSync(join(folder, file)) }));
    }
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'config.json', Body: localConfig(tenants) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    client.destroy();
  }
}
