/** One connection to one checked address, proven before anything is said over it. */
import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { ResolvedAddress } from './address.dns.ts';

export interface PinnedOptions {
  /** The only address that is ever connected to, whatever the host is called. */
  readonly address: ResolvedAddress;
  readonly port: number;
  /** Absent: without TLS. */
  readonly trust?: Trust;
}

/** What the far end must prove. With neither of both, a certificate of a public authority for `host`. */
export interface Trust {
  /** Name or address that the certificate must be for; only a fingerprint makes it meaningless. */
  readonly host: string;
  /** 64 lower-case hex digits: exactly this certificate, self-signed or expired as it may be. */
  readonly certificateSha256?: string;
  /** PEM: the only authorities that may have signed it. */
  readonly authorities?: string;
}

export interface ConnectOptions {
  /** Ends the attempt; the socket is the caller's to destroy. */
  readonly signal: AbortSignal;
  /** ALPN; none where the protocol has no name of its own. */
  readonly protocols?: readonly string[];
  /** Gets the socket at once, so that it can be ended while it connects. */
  readonly opened: (socket: Socket) => void;
}

/** Throws Node's own error, or one with code `ERR_TLS_PIN`; then the socket is destroyed. */
export async function connectPinned(
  { address, port, trust }: PinnedOptions,
  { signal, protocols, opened }: ConnectOptions,
): Promise<Socket> {
  const place = { host: address.address, port, family: address.family };
  const socket = trust === undefined ? connectPlain(place) : connectTls({ ...place, ...tlsOptions(trust, protocols) });
  // Whoever uses the socket hears its errors as well; between two of them nobody would.
  socket.on('error', () => undefined);
  opened(socket);
  try {
    await once(socket, trust === undefined ? 'connect' : 'secureConnect', { signal });
    if (trust?.certificateSha256 !== undefined) prove(socket as TLSSocket, trust.certificateSha256);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function tlsOptions(
  { host, certificateSha256, authorities }: Trust,
  protocols: readonly string[] | undefined,
): ConnectionOptions {
  const name = host.replace(/\.$/, '');
  return {
    ...(protocols === undefined ? {} : { ALPNProtocols: [...protocols] }),
    // An address is no server name (RFC 6066); without one the certificate is compared with the address.
    ...(isIP(name) ? {} : { servername: name }),
    ...(authorities === undefined ? {} : { ca: authorities }),
    // A pinned certificate is compared below, octet by octet, before anything is sent.
    rejectUnauthorized: certificateSha256 === undefined,
  };
}

function prove(socket: TLSSocket, expected: string): void {
  const presented = (socket.getPeerX509Certificate()?.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
  if (presented === expected) return;
  const message = `it shows the certificate with SHA-256 ${presented || 'unknown'}, not the pinned one`;
  throw Object.assign(new Error(message), { code: 'ERR_TLS_PIN' });
}
