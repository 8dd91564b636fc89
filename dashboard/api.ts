/** Asks the API with the session's token; renews it once on a 401, and follows lists to their end. */
import { Failure, refusal, request } from './failure.ts';
import type { Session } from './sign-in.ts';

/** Enough for the networks this page is for; more is said to be cut. */
const PAGE_ITEMS = 200;
const MAX_PAGES = 5;

export interface Page<T> {
  readonly items: readonly T[];
  /** More exist. */
  readonly cut: boolean;
}

export interface Api {
  /** Throws Failure. */
  get<T>(path: string): Promise<T>;
  list<T>(path: string): Promise<Page<T>>;
  /** Now by the API's clock, epoch ms: a phone's clock may be wrong. */
  now(): number;
}

export function createApi(session: Session): Api {
  let skewMs = 0;
  let renewing: Promise<void> | undefined;

  async function send(path: string): Promise<Response> {
    const startedAt = Date.now();
    const response = await request(path, {
      headers: { authorization: `Bearer ${session.token()}`, accept: 'application/json' },
    });
    skewMs = skewOf(response, startedAt) ?? skewMs;
    return response;
  }

  /** Many requests may meet the same 401: one renewal serves them all. */
  function renewOnce(): Promise<void> {
    renewing ??= session.renew().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function get<T>(path: string): Promise<T> {
    const used = session.token();
    let response = await send(path);
    if (response.status === 401) {
      if (session.token() === used) await renewOnce();
      response = await send(path);
    }
    if (response.status === 401)
      throw new Failure('Headroom does not accept this sign-in. Sign in again.', { signIn: true, status: 401 });
    if (!response.ok) throw await refusal(response);
    return (await response.json()) as T;
  }

  async function list<T>(path: string): Promise<Page<T>> {
    const items: T[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = await get<{ items: T[]; nextCursor?: string }>(
        `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_ITEMS}${more}`,
      );
      items.push(...answer.items);
      cursor = answer.nextCursor;
      if (cursor === undefined) break;
    }
    return { items, cut: cursor !== undefined };
  }

  return { get, list, now: () => Date.now() + skewMs };
}

/** A header in whole seconds over a slow link says little about small differences. */
const TOLERATED_MS = 5_000;

function skewOf(response: Response, startedAt: number): number | undefined {
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(date)) return undefined;
  const skew = date - (startedAt + Date.now()) / 2;
  return Math.abs(skew) <= TOLERATED_MS ? 0 : Math.round(skew);
}
