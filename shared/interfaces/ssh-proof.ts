/** Who is who on an SSH connection: the login that is offered, the host key that was shown, and what a failure means. Pure. */
import { createHash } from 'node:crypto';
import type { AnyAuthMethod, AuthHandlerMiddleware, ConnectConfig } from 'ssh2';
import { AppError } from '../platform/errors.ts';
import { cutText, redact } from '../platform/redact.ts';
import type { JunosCredentials } from './junos-settings.ts';

export interface OfferedKey {
  /** Such as `ssh-ed25519`. */
  readonly algorithm: string;
  /** 43 characters of base64, as OpenSSH shows it. */
  readonly sha256: string;
}

const SAID_LIMIT = 160;

/** RFC 4253: the blob begins with the algorithm's name. */
export function offeredKey(key: Buffer): OfferedKey {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  const algorithm = key.toString('latin1', 4, Math.min(4 + length, 68)).replace(/[^a-z0-9@.-]/gi, '');
  return { algorithm, sha256: createHash('sha256').update(key).digest('base64').replace(/=+$/, '') };
}

/**
 * One try, so that a wrong password counts once in the router's log: the password as such, or as the answer to questions
 * where the router takes it only so.
 */
export function sshLogin({ user, password, privateKey, passphrase }: JunosCredentials): ConnectConfig {
  if (privateKey !== undefined) {
    const key = { type: 'publickey', username: user, key: privateKey, ...(passphrase ? { passphrase } : {}) } as const;
    // The key stands here as well so that one that cannot be read is told before anything is sent.
    const parsed = { privateKey, ...(passphrase ? { passphrase } : {}) };
    return { username: user, ...parsed, authHandler: inTurn([key]) };
  }
  const prompt: AnyAuthMethod = {
    type: 'keyboard-interactive',
    username: user,
    prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password ?? '')),
  };
  return {
    username: user,
    authHandler: inTurn([{ type: 'password', username: user, password: password ?? '' }, prompt]),
  };
}

/** The next method only where the router does not know the last one. */
function inTurn(methods: readonly AnyAuthMethod[]): AuthHandlerMiddleware {
  let at = 0;
  return (left, _partial, next) => {
    const last = methods[at - 1];
    const method = last !== undefined && left?.includes(last.type) ? undefined : methods[at++];
    const isKnown = left === null || (method !== undefined && left.includes(method.type));
    next(method !== undefined && isKnown ? method : (false as never));
  };
}

/** What ssh2 tells, in the house's words; never with a secret in it. */
export function connectionFailure(
  error: Error,
  {
    pin,
    offered,
    credentials,
  }: { pin: string | undefined; offered: OfferedKey | undefined; credentials: JunosCredentials },
): AppError {
  const { level, code } = error as { level?: string; code?: string };
  if (pin !== undefined && offered !== undefined && offered.sha256 !== pin) {
    const shown = `${offered.algorithm} SHA256:${offered.sha256}`;
    const message = `the router shows the host key ${shown}, not the pinned one: nothing was sent to it; if it is its own, put it into hostKeySha256`;
    return new AppError('SOURCE_UNAVAILABLE', message, { context: { failure: 'hostKey' } });
  }
  if (level === 'client-authentication') {
    const proof = credentials.privateKey === undefined ? 'password' : 'key';
    return new AppError('SOURCE_REJECTED', `the router refused the user or its ${proof}`);
  }
  const { password = '', privateKey = '', passphrase = '' } = credentials;
  const said = cutText(redact(error.message, { secrets: [password, privateKey, passphrase] }), SAID_LIMIT);
  if (/^(Cannot parse privateKey|Encrypted private )/i.test(error.message)) {
    return new AppError('SOURCE_REJECTED', `the private key of this router cannot be used: ${said}`);
  }
  if (code === 'ECONNREFUSED') {
    const message = 'the router refuses connections to this port: `set system services netconf ssh` opens 830';
    return new AppError('SOURCE_UNAVAILABLE', message, { context: { failure: 'refused' } });
  }
  const failure = level === 'client-timeout' || code === 'ETIMEDOUT' ? 'timeout' : 'ssh';
  return new AppError('SOURCE_UNAVAILABLE', `the router could not be reached by SSH: ${said}`, {
    context: { failure },
  });
}
