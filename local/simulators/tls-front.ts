/** TLS before a simulator that speaks plain HTTP, with a self-signed certificate that lives as long as the process. */
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';

export interface SelfSigned {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

export interface TlsFront {
  readonly port: number;
  readonly url: string;
  readonly certificateSha256: string;
  readonly certificatePem: string;
  close(): Promise<void>;
}

/** Hands decrypted octets on to `target`, a port on loopback. */
export async function startTlsFront(options: { target: number; port: number; host: string }): Promise<TlsFront> {
  const { certificatePem, keyPem, sha256 } = selfSigned(options.host);
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
  };
  const server = createServer({ cert: certificatePem, key: keyPem }, (outside) => {
    const inside = connect(options.target, '127.0.0.1');
    keep(inside);
    outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
    inside.on('close', () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
  server.on('connection', keep).on('tlsClientError', () => undefined);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    certificateSha256: sha256,
    certificatePem,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

const DAY_MS = 86_400_000;
const OID = {
  commonName: '0603550403',
  ecdsaWithSha256: '06082a8648ce3d040302',
  subjectAltName: '0603551d11',
  basicConstraints: '0603551d13',
};

/** RFC 5280, version 3, P-256, its own authority, good for a year. Node makes keys and signatures, but no certificates. */
export function selfSigned(host: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(0x30, Buffer.from(OID.ecdsaWithSha256, 'hex'));
  const commonName = der(0x30, Buffer.from(OID.commonName, 'hex'), der(0x0c, Buffer.from(host)));
  const name = der(0x30, der(0x31, commonName));
  const names = der(0x30, der(0x82, Buffer.from(host)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const isAuthority = der(0x30, der(0x01, Buffer.from([0xff])));
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    der(0x30, utcTime(Date.now() - DAY_MS), utcTime(Date.now() + 365 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension(OID.subjectAltName, names), extension(OID.basicConstraints, isAuthority))),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, privateKey)]);
  const certificate = new X509Certificate(der(0x30, toBeSigned, algorithm, der(0x03, signature)));
  return {
    certificatePem: certificate.toString(),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function extension(oid: string, value: Buffer): Buffer {
  return der(0x30, Buffer.from(oid, 'hex'), der(0x04, value));
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

/** Tag, length (short, or one or two octets), content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
