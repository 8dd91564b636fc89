/** Requests signed by the SDK's own signer, for services whose client is not installed and for presigned URLs. */
import { request as httpRequest } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SignedRequest } from '../../../local/gateway/sigv4.ts';
import { type Capture, clientSettings } from './capture.ts';

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}
export interface Signer {
  sign(request: Outgoing): Promise<Outgoing>;
  presign(request: Outgoing, options: { expiresIn: number }): Promise<Outgoing>;
}

export async function signerOf(capture: Capture, signingName: string): Promise<Signer> {
  const settings = clientSettings(capture.endpoint);
  // S3's signer leaves the path as it is; every other encodes it once more.
  const client = signingName === 's3' ? new S3Client(settings) : new SQSClient(settings);
  const scheme = { name: 'sigv4', signingName, signingRegion: settings.region, properties: {} };
  return (await client.config.signer?.(scheme as never)) as unknown as Signer;
}

export function unsigned(
  capture: Capture,
  method: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Outgoing {
  const url = new URL(capture.endpoint);
  const address = { hostname: url.hostname, port: Number(url.port), protocol: 'http:' };
  return { ...address, method, path, query, headers: { host: url.host } };
}

/** Sends it as it is, and gives back what arrived. */
export function deliver(capture: Capture, { method, path, query, headers }: Outgoing): Promise<SignedRequest> {
  const search = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='));
  const url = path + (search.length > 0 ? `?${search.join('&')}` : '');
  const { hostname, port } = new URL(capture.endpoint);
  return capture.requestOf(
    () =>
      new Promise((resolve, reject) => {
        const outgoing = httpRequest({ hostname, port, method, path: url, headers, timeout: 5_000 }, resolve);
        outgoing.on('error', reject).end();
      }),
  );
}
