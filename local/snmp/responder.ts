/** A read-only SNMP responder on one UDP socket, v2c or v3, over a sorted list of variables. */
import { createSocket } from 'node:dgram';
import { integer, readChildren, readInteger, readTlv, TAG, tlv } from './ber.ts';
import { answerPdu, type Request, readRequest, type Variable } from './pdu.ts';
import type { Usm } from './usm.ts';

export interface ResponderOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Of v2c; undefined: v2c is not answered. */
  readonly community?: string;
  /** Of v3; undefined: v3 is not answered. */
  readonly usm?: Usm;
  /** Called for each request; must be sorted by `compareOids`. */
  readonly variables: () => readonly Variable[];
  /** True leaves the request without an answer, as a router does that is down. */
  readonly isSilent?: () => boolean;
  /** How an answer leaves: at once and whole unless told. */
  readonly deliver?: (answer: Buffer, send: (datagram: Buffer) => void) => void;
  /** A get-bulk stops before its response grows past this. */
  readonly maxResponseBytes?: number;
}

export interface Responder {
  readonly port: number;
  requests(): number;
  close(): Promise<void>;
}

const VERSION_2C = 1;
const DEFAULT_RESPONSE_BYTES = 16_384;
/** Of either version. */
const ENVELOPE_BYTES = 256;

/** Listens on 127.0.0.1 only. A request that cannot be read or has another community gets no answer, as from a router. */
export async function startResponder(options: ResponderOptions): Promise<Responder> {
  const socket = createSocket('udp4');
  let requests = 0;
  socket.on('message', (bytes, peer) => {
    requests += 1;
    if (options.isSilent?.() === true) return;
    const answer = answerTo(bytes, options);
    if (answer === undefined) return;
    const send = (datagram: Buffer) => void socket.send(datagram, peer.port, peer.address);
    if (options.deliver === undefined) send(answer);
    else options.deliver(answer, send);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(options.port, '127.0.0.1', () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // A send may fail after the peer is gone; over UDP that is the peer's loss only.
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    requests: () => requests,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answerTo(
  bytes: Buffer,
  { community, usm, variables, maxResponseBytes }: ResponderOptions,
): Buffer | undefined {
  const budget = (maxResponseBytes ?? DEFAULT_RESPONSE_BYTES) - ENVELOPE_BYTES;
  const answer = (request: Request) => answerPdu(request, variables(), budget);
  const message = readTlv(bytes, 0);
  const [version, name, pdu] = message?.tag === TAG.sequence ? (readChildren(message.content) ?? []) : [];
  if (version === undefined || name === undefined || pdu === undefined) return undefined;
  if (readInteger(version.content) !== VERSION_2C) return usm?.answerTo(bytes, answer);
  if (name.content.toString('latin1') !== community) return undefined;
  const request = readRequest(pdu);
  if (request === undefined) return undefined;
  return tlv(TAG.sequence, integer(VERSION_2C), tlv(TAG.octets, name.content), answer(request));
}
