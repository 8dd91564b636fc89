/** SNMPv3 with one user (RFC 3412, RFC 3414, RFC 3826): messages opened, proven and answered, or told why not. Pure but for its keys. */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { integer, readChildren, readInteger, readTlv, TAG, tlv } from './ber.ts';
import { integerVariable, type Request, readRequest, reportPdu } from './pdu.ts';

export interface UsmUser {
  readonly user: string;
  readonly authProtocol: AuthHash;
  /** Eight characters at least, both. */
  readonly authKey: string;
  /** AES-128. */
  readonly privKey: string;
}

export interface Engine {
  readonly id: Buffer;
  boots(): number;
  timeSeconds(): number;
}

/** By protocol: the octets of its HMAC that a message carries (RFC 7860). */
const PROOF_OCTETS = { sha1: 12, sha256: 24, sha512: 48 } as const;
export type AuthHash = keyof typeof PROOF_OCTETS;

const VERSION_3 = 3;
const USM = 3;
const [AUTHENTIC, PRIVATE, REPORTABLE] = [1, 2, 4];
const MAX_MESSAGE = 65_507;
const TIME_WINDOW_SECONDS = 150;
const AES_KEY_OCTETS = 16;
const EXPANDED_OCTETS = 2 ** 20;
const STATISTICS = { notInTimeWindow: 2, unknownUserName: 3, unknownEngineId: 4, wrongDigest: 5 } as const;

interface Message {
  readonly id: Buffer;
  readonly flags: number;
  readonly engineId: Buffer;
  readonly boots: number;
  readonly time: number;
  readonly user: Buffer;
  readonly proof: Buffer;
  readonly salt: Buffer;
  /** A scoped PDU, or one in octets that is encrypted. */
  readonly payload: Buffer;
}

export class Usm {
  readonly #user: UsmUser;
  readonly #engine: Engine;
  #known: { readonly auth: Buffer; readonly priv: Buffer } | undefined;

  constructor(user: UsmUser, engine: Engine) {
    this.#user = user;
    this.#engine = engine;
  }

  /** Two megabytes are hashed for them: not before somebody asks. */
  get #keys() {
    const { authProtocol, authKey, privKey } = this.#user;
    const localized = (pass: string) => localizedKey(authProtocol, pass, this.#engine.id);
    this.#known ??= { auth: localized(authKey), priv: localized(privKey).subarray(0, AES_KEY_OCTETS) };
    return this.#known;
  }

  /** What goes back: the answer, a report, or nothing, as to whatever is no message of SNMPv3. `answer` makes a response PDU. */
  answerTo(bytes: Buffer, answer: (request: Request) => Buffer): Buffer | undefined {
    const message = readMessage(bytes);
    if (message === undefined) return undefined;
    const { flags, engineId, user } = message;
    if (!engineId.equals(this.#engine.id)) return this.#report(message, 'unknownEngineId', 0);
    if (user.toString('utf8') !== this.#user.user) return this.#report(message, 'unknownUserName', 0);
    if ((flags & AUTHENTIC) === 0 || (flags & PRIVATE) === 0) return undefined;
    if (!this.#isProven(bytes, message)) return this.#report(message, 'wrongDigest', 0);
    if (!this.#isTimely(message)) return this.#report(message, 'notInTimeWindow', AUTHENTIC);
    const opened = readScoped(this.#decrypt(message));
    const request = opened === undefined ? undefined : readRequest(opened.pdu);
    if (opened === undefined || request === undefined) return undefined;
    return this.#sealed(message.id, AUTHENTIC | PRIVATE, scoped(this.#engine.id, opened.context, answer(request)));
  }

  #isProven(bytes: Buffer, { proof }: Message): boolean {
    const blank = Buffer.from(bytes);
    // The proof was made over a message that had zeros in its place.
    blank.fill(0, proof.byteOffset - bytes.byteOffset, proof.byteOffset - bytes.byteOffset + proof.length);
    const expected = this.#proofOf(blank);
    return proof.length === expected.length && timingSafeEqual(proof, expected);
  }

  #proofOf(blank: Buffer): Buffer {
    const { authProtocol } = this.#user;
    return createHmac(authProtocol, this.#keys.auth).update(blank).digest().subarray(0, PROOF_OCTETS[authProtocol]);
  }

  #isTimely({ boots, time }: Message): boolean {
    return boots === this.#engine.boots() && Math.abs(time - this.#engine.timeSeconds()) <= TIME_WINDOW_SECONDS;
  }

  #decrypt({ payload, boots, time, salt }: Message): Buffer {
    const decipher = createDecipheriv('aes-128-cfb', this.#keys.priv, vector(boots, time, salt));
    return Buffer.concat([decipher.update(payload), decipher.final()]);
  }

  #report({ id, flags, payload }: Message, statistic: keyof typeof STATISTICS, level: number): Buffer | undefined {
    if ((flags & REPORTABLE) === 0) return undefined;
    const asked = (flags & PRIVATE) === 0 ? readScoped(payload) : undefined;
    const requestId = asked === undefined ? undefined : readRequest(asked.pdu)?.id;
    const oid = [1, 3, 6, 1, 6, 3, 15, 1, 1, STATISTICS[statistic], 0];
    const pdu = reportPdu(requestId ?? Buffer.from([0]), integerVariable(oid, TAG.counter32, 1));
    return this.#sealed(id, level, scoped(this.#engine.id, Buffer.alloc(0), pdu));
  }

  #sealed(id: Buffer, level: number, content: Buffer): Buffer {
    const { authProtocol, user } = this.#user;
    const [boots, time] = [this.#engine.boots(), this.#engine.timeSeconds()];
    const salt = (level & PRIVATE) === 0 ? Buffer.alloc(0) : randomBytes(8);
    const cipher = createCipheriv('aes-128-cfb', this.#keys.priv, vector(boots, time, salt));
    const encrypted = () => tlv(TAG.octets, Buffer.concat([cipher.update(content), cipher.final()]));
    const blankProof = Buffer.alloc((level & AUTHENTIC) === 0 ? 0 : PROOF_OCTETS[authProtocol]);
    const security = tlv(
      TAG.sequence,
      ...[tlv(TAG.octets, this.#engine.id), integer(boots), integer(time)],
      ...[Buffer.from(user), blankProof, salt].map((octets) => tlv(TAG.octets, octets)),
    );
    const header = [tlv(TAG.integer, id), integer(MAX_MESSAGE), tlv(TAG.octets, Buffer.from([level])), integer(USM)];
    const bytes = tlv(
      TAG.sequence,
      ...[integer(VERSION_3), tlv(TAG.sequence, ...header), tlv(TAG.octets, security)],
      (level & PRIVATE) === 0 ? content : encrypted(),
    );
    if (blankProof.length > 0) readMessage(bytes)?.proof.set(this.#proofOf(bytes));
    return bytes;
  }
}

function vector(boots: number, time: number, salt: Buffer): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(time, 4);
  salt.copy(iv, 8);
  return iv;
}

/** RFC 3414, A.2: a megabyte of the pass phrase, hashed, and hashed again with the engine. */
function localizedKey(hash: AuthHash, passPhrase: string, engineId: Buffer): Buffer {
  const phrase = Buffer.from(passPhrase);
  const expanded = Buffer.alloc(EXPANDED_OCTETS, phrase);
  const key = createHash(hash).update(expanded).digest();
  return createHash(hash).update(key).update(engineId).update(key).digest();
}

function scoped(engineId: Buffer, context: Buffer, pdu: Buffer): Buffer {
  return tlv(TAG.sequence, tlv(TAG.octets, engineId), tlv(TAG.octets, context), pdu);
}

function readScoped(octets: Buffer) {
  const whole = readTlv(octets, 0);
  const [engineId, context, pdu] = whole?.tag === TAG.sequence ? (readChildren(whole.content) ?? []) : [];
  return engineId === undefined || context === undefined || pdu === undefined
    ? undefined
    : { context: context.content, pdu };
}

/** Parts of a message, over its own octets; undefined for what is none. */
function readMessage(bytes: Buffer): Message | undefined {
  const whole = readTlv(bytes, 0);
  const [version, header, security, data] = whole?.tag === TAG.sequence ? (readChildren(whole.content) ?? []) : [];
  if (version === undefined || header === undefined || security === undefined || data === undefined) return undefined;
  const [id, , flags, model] = readChildren(header.content) ?? [];
  const inner = readTlv(security.content, 0);
  const [engineId, boots, time, user, proof, salt] = inner === undefined ? [] : (readChildren(inner.content) ?? []);
  if (!id || !flags || !model || !engineId || !boots || !time || !user || !proof || !salt) return undefined;
  if (readInteger(version.content) !== VERSION_3 || readInteger(model.content) !== USM) return undefined;
  const level = flags.content[0] ?? 0;
  const isPrivate = (level & PRIVATE) !== 0;
  if (isPrivate && salt.content.length !== 8) return undefined;
  return {
    ...{ id: id.content, flags: level, engineId: engineId.content, user: user.content },
    ...{ boots: readInteger(boots.content) ?? -1, time: readInteger(time.content) ?? -1 },
    ...{ proof: proof.content, salt: salt.content },
    // A scoped PDU is read from its own tag on, octets are what they hold.
    payload: isPrivate ? data.content : tlv(data.tag, data.content),
  };
}
