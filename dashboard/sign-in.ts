/** Who is looking: a viewer's token of this machine, or a person signed in through Cognito. Tokens live in memory only. */
import { Failure, refusal, request } from './failure.ts';
import { challengeOf, clearAttempt, keepAttempt, randomText, takeAttempt } from './pkce.ts';

export interface Session {
  readonly mode: 'local' | 'cognito';
  /** Where the token tells it. */
  readonly tenant: string | undefined;
  /** Other tenants of this machine that can be looked at. */
  readonly others: readonly string[];
  token(): string;
  /** A new token after a 401; throws Failure with `signIn` where a person must act. */
  renew(): Promise<void>;
  signOut(): void;
}

export type Config =
  | { readonly mode: 'local'; readonly tenants: readonly string[] }
  | { readonly mode: 'cognito'; readonly loginUrl: string; readonly clientId: string };

export async function readConfig(): Promise<Config> {
  const response = await request('/config.json');
  if (!response.ok)
    throw new Failure('The page has no /config.json, so it cannot sign in. Deploy it again.', {
      status: response.status,
    });
  const config = (await response.json()) as Partial<Record<'mode' | 'loginUrl' | 'clientId' | 'tenants', unknown>>;
  if (config.mode === 'local') {
    const { tenants } = config;
    return { mode: 'local', tenants: Array.isArray(tenants) ? tenants.map(String) : [] };
  }
  if (config.mode === 'cognito' && typeof config.loginUrl === 'string' && typeof config.clientId === 'string') {
    return { mode: 'cognito', loginUrl: config.loginUrl.replace(/\/$/, ''), clientId: config.clientId };
  }
  throw new Failure('The page’s /config.json is not understood. Deploy the page again.');
}

/** Undefined: the browser is on its way to the sign-in page. */
export async function openSession(config: Config): Promise<Session | undefined> {
  return config.mode === 'local' ? openLocal(config.tenants) : openCognito(config.loginUrl, config.clientId);
}

/** `?tenant=` chooses among the tenants of this machine; the first unless told. */
async function openLocal(tenants: readonly string[]): Promise<Session> {
  const asked = new URL(location.href).searchParams.get('tenant') ?? tenants[0];
  const localToken = (): ReturnType<typeof fetchLocalToken> => fetchLocalToken(asked);
  let held = await localToken();
  return {
    mode: 'local',
    tenant: held.tenant,
    others: tenants.filter((t) => t !== held.tenant),
    token: () => held.token,
    async renew() {
      held = await localToken();
    },
    signOut: () => undefined,
  };
}

async function fetchLocalToken(tenant: string | undefined): Promise<{ token: string; tenant: string | undefined }> {
  const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
  const response = await request(`/_local/token${query}`);
  if (!response.ok) throw await refusal(response);
  const { access_token: token, tenant: named } = (await response.json()) as { access_token: string; tenant?: string };
  return { token, tenant: named };
}

interface Tokens {
  readonly access: string;
  readonly refresh: string | undefined;
}

async function openCognito(loginUrl: string, clientId: string): Promise<Session | undefined> {
  const asked = new URL(location.href).searchParams;
  const [code, error] = [asked.get('code'), asked.get('error')];
  if (code === null && error === null) {
    await goToSignIn({ mode: 'cognito', loginUrl, clientId });
    return undefined;
  }
  // A code is good once: it must not stay in the address, the history or a bookmark.
  history.replaceState(null, '', '/');
  const attempt = takeAttempt();
  if (error !== null) throw signInAgain(`The sign-in page said: ${asked.get('error_description') ?? error}.`);
  if (!attempt || attempt.state !== asked.get('state'))
    throw signInAgain('That answer does not belong to a sign-in begun here.');
  let tokens = await exchange(loginUrl, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code: code ?? '',
    redirect_uri: redirectUri(),
    code_verifier: attempt.verifier,
  });
  return {
    mode: 'cognito',
    tenant: undefined,
    others: [],
    token: () => tokens.access,
    async renew() {
      const { refresh } = tokens;
      if (refresh === undefined) throw signInAgain('Your session has ended.');
      const renewed = await exchange(loginUrl, {
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token: refresh,
      });
      tokens = { access: renewed.access, refresh: renewed.refresh ?? refresh };
    },
    signOut() {
      clearAttempt();
      const parameters = new URLSearchParams({ client_id: clientId, logout_uri: redirectUri() });
      location.assign(`${loginUrl}/logout?${parameters}`);
    },
  };
}

/** Leaves the page for Cognito's; the verifier waits in this tab until the answer comes back. */
export async function goToSignIn(config: Config): Promise<void> {
  if (config.mode === 'local') return location.reload();
  const attempt = { state: randomText(), verifier: randomText() };
  keepAttempt(attempt);
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: redirectUri(),
    scope: 'openid',
    state: attempt.state,
    code_challenge: await challengeOf(attempt.verifier),
    code_challenge_method: 'S256',
  });
  location.assign(`${config.loginUrl}/oauth2/authorize?${parameters}`);
}

function redirectUri(): string {
  return `${location.origin}/`;
}

async function exchange(loginUrl: string, fields: Record<string, string>): Promise<Tokens> {
  const response = await request(`${loginUrl}/oauth2/token`, { method: 'POST', body: new URLSearchParams(fields) });
  // 4xx: the code or the refresh token is spent; anything else is a fault that passes.
  if (response.status >= 400 && response.status < 500) throw signInAgain('Your session has ended.');
  if (!response.ok) throw await refusal(response);
  const { access_token: access, refresh_token: refresh } = (await response.json()) as {
    access_token: string;
    refresh_token?: string;
  };
  return { access, refresh };
}

function signInAgain(what: string): Failure {
  return new Failure(`${what} Sign in again.`, { signIn: true });
}
