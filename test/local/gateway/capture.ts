/** Real requests: a server on a free loopback port that keeps what SDK clients send to it, as it came off the wire. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignedRequest } from '../../../local/gateway/sigv4.ts';

export const ACCESS_KEY_ID = 'LOCALCOLLECTOR';
export const SECRET = 'secret-of-the-collector';
/** What every SDK client of these tests is made with. */
export function clientSettings(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET },
    maxAttempts: 1,
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
const REFUSED: Reply = { status: 400, headers: {}, body: '' };

export interface Capture {
  readonly endpoint: string;
  /** All requests since the last call. */
  take(): SignedRequest[];
  /** The one request that the call sends; whatever the client makes of the answer does not matter. */
  requestOf(call: () => Promise<unknown>): Promise<SignedRequest>;
  close(): Promise<void>;
}

/** Answers everything with `reply`, an empty 400 unless told. */
export async function startCapture(reply: () => Reply = () => REFUSED): Promise<Capture> {
  let seen: SignedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks) });
      const { status, headers: answered, body } = reply();
      response.writeHead(status, answered).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const take = () => {
    const taken = seen;
    seen = [];
    return taken;
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take,
    async requestOf(call) {
      take();
      await call().catch(() => undefined);
      const [first, ...more] = take();
      if (first === undefined || more.length > 0) throw new Error(`one request was expected, not ${more.length + 1}`);
      return first;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
