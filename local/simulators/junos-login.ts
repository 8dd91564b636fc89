/** Who may log in to a simulated Junos: its user, by password (as such or as the answer to a question) or by key. */
import { timingSafeEqual } from 'node:crypto';
import ssh2, { type AuthContext, type PublicKeyAuthContext } from 'ssh2';
import { strike } from './junos-faults.ts';
import type { LiveJunos, SimulatedJunos } from './junos-router.ts';

export function authenticate(one: LiveJunos, context: AuthContext): void {
  const { router, methods, pending } = one;
  const settle = (isProven: boolean) => {
    if (isProven) context.accept();
    else context.reject([...methods]);
  };
  // A client may ask first what would do; the login is what counts.
  const isQuestion = context.method === 'publickey' && context.signature === undefined;
  const isStruck = context.method !== 'none' && !isQuestion && strike(pending, 'unauthorized') !== undefined;
  const isOffered = methods.some((method) => method === context.method);
  const login = [router, ...(router.writer ? [router.writer] : [])].find(({ user }) => user === context.username);
  if (isStruck || !isOffered || login === undefined) settle(false);
  else if (context.method === 'password') settle(equal(context.password, login.password));
  else if (context.method === 'publickey') settle(isKeyKnown(context, router));
  else if (context.method === 'keyboard-interactive') {
    context.prompt([{ prompt: 'Password:', echo: false }], (answers) =>
      settle(equal(answers[0] ?? '', login.password)),
    );
  } else settle(false);
}

function isKeyKnown({ key, signature, blob, hashAlgo }: PublicKeyAuthContext, { publicKey }: SimulatedJunos): boolean {
  const known = publicKey === undefined ? undefined : ssh2.utils.parseKey(publicKey);
  if (known === undefined || known instanceof Error) return false;
  if (!equal(key.data.toString('base64'), known.getPublicSSH().toString('base64'))) return false;
  return signature === undefined || (blob !== undefined && known.verify(blob, signature, hashAlgo) === true);
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
