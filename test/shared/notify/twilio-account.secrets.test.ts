import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { afterEach, expect, it } from 'vitest';
import { SIMULATED_ACCOUNT } from '../../../shared/notify/twilio.wire.ts';
import { createTwilioAccounts } from '../../../shared/notify/twilio-account.secrets.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A Secrets Manager that answers with what `answer` holds at that moment. */
async function secrets(answer: { status: number; body: unknown }) {
  let reads = 0;
  const http = createServer((request, response) => {
    request.resume();
    reads++;
    response
      .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer.body));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closers.push(() => {
    http.close();
    http.closeAllConnections();
  });
  const provider = new SecretsProvider({
    clientConfig: {
      endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
  });
  const accounts = createTwilioAccounts({
    secretId: 'headroom-test/twilio',
    simulatorUrl: 'http://127.0.0.1:1',
    provider,
  });
  return { accounts, reads: () => reads };
}
const secret = (value: unknown) => ({ status: 200, body: { SecretString: JSON.stringify(value) } });
const account = { accountSid: `AC${'1'.repeat(32)}`, authToken: 'planted-token', whatsappFrom: '+447700900002' };

it('reads the account once and keeps it; asked for a fresh one, it reads again', async () => {
  const answer = secret(account);
  const { accounts, reads } = await secrets(answer);
  expect(await accounts.accessFor(false)).toEqual({ account });
  await accounts.accessFor(false);
  expect(reads()).toBe(1);
  answer.body = secret({ ...account, authToken: 'rotated' }).body;
  expect((await accounts.accessFor(false, { fresh: true }))?.account.authToken).toBe('rotated');
  expect((await accounts.accessFor(false))?.account.authToken).toBe('rotated');
});

it('a stage without the secret has no account, and does not ask for it with every message', async () => {
  const { accounts, reads } = await secrets({ status: 400, body: { __type: 'ResourceNotFoundException' } });
  expect(await accounts.accessFor(false)).toBeUndefined();
  expect(await accounts.accessFor(false)).toBeUndefined();
  expect(reads()).toBe(1);
});

it('a missing grant stays a missing grant', async () => {
  const { accounts } = await secrets({ status: 400, body: { __type: 'AccessDeniedException' } });
  await expect(accounts.accessFor(false)).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

it('an outage may be tried again', async () => {
  const { accounts } = await secrets({ status: 500, body: {} });
  await expect(accounts.accessFor(false)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
});

it('a wrong account is told by path, never by value', async () => {
  const { accounts } = await secrets(secret({ accountSid: 'planted-id', authToken: '', smsFrom: 5 }));
  const error: unknown = await accounts.accessFor(false).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  const issues = (error as { context: { issues: { path: string }[] } }).context.issues;
  expect(issues.map((issue) => issue.path)).toEqual(['accountSid', 'authToken', 'smsFrom']);
  expect(JSON.stringify({ error, message: String(error) })).not.toContain('planted');
});

it("simulated tenants get the simulator's account without any secret", async () => {
  const { accounts, reads } = await secrets({ status: 500, body: {} });
  expect(await accounts.accessFor(true)).toEqual({ account: SIMULATED_ACCOUNT, baseUrl: 'http://127.0.0.1:1' });
  expect(reads()).toBe(0);
  const without = createTwilioAccounts({ secretId: 'x', provider: new SecretsProvider() });
  expect(await without.accessFor(true)).toBeUndefined();
});
