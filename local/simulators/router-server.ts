/** What simulated routers of all makes have alike: a port of their own with or without TLS, Basic authentication, and waits. */
import { timingSafeEqual } from 'node:crypto';
import { type SimulatedRequest, type SimulatedResponse, startHttpSimulator } from './simulator.ts';
import { startTlsFront } from './tls-front.ts';

/** What a source's settings need. */
export interface RouterPlace {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** With TLS only: 64 hex digits. */
  readonly certificateSha256?: string;
  /** Of RouterOS: where its binary API answers. */
  readonly api?: Pick<RouterPlace, 'port' | 'certificateSha256'>;
}

export interface RouterServer {
  readonly place: RouterPlace;
  close(): Promise<void>;
}

export interface RouterLogin {
  readonly user: string;
  readonly password: string;
}

/** Serves one router on loopback; `tls`: behind a self-signed certificate made now. */
export async function serveRouter(router: {
  readonly name: string;
  /** Any free one unless told. */
  readonly port: number | undefined;
  readonly tls: boolean;
  readonly handle: (request: SimulatedRequest) => SimulatedResponse | Promise<SimulatedResponse>;
}): Promise<RouterServer> {
  const { name, port, tls, handle } = router;
  const plain = await startHttpSimulator({ handle, ...(port === undefined || tls ? {} : { port }) });
  const place = { name, port: Number(new URL(plain.url).port), url: plain.url };
  if (!tls) return { place, close: plain.close };
  const front = await startTlsFront({ target: place.port, port: port ?? 0, host: 'router.test' });
  const { url, certificateSha256 } = front;
  const close = async () => {
    await front.close();
    await plain.close();
  };
  return { place: { name, port: front.port, url, certificateSha256 }, close };
}

/** True for the Basic authorization of this login. */
export function isLogin({ user, password }: RouterLogin, authorization: string | undefined): boolean {
  const expected = Buffer.from(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  const given = Buffer.from(authorization ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Ends early when the caller is gone, so that a closing simulator waits for nobody. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
