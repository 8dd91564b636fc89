/** What went wrong with a request, in a sentence that says what happened and what to do. */

export class Failure extends Error {
  /** True when only a new sign-in helps. */
  readonly signIn: boolean;
  readonly status: number | undefined;
  /** How long the API asks to wait. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    more: { signIn?: boolean; status?: number; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Failure';
    this.signIn = more.signIn ?? false;
    this.status = more.status;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

/** A server that does not answer within this is taken for down; the next poll asks again. */
export const TIMEOUT_MS = 10_000;

/** Throws Failure when nothing comes back at all. */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, {
      ...init,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    const late = cause instanceof DOMException && cause.name === 'TimeoutError';
    const what = late ? `Headroom did not answer within ${TIMEOUT_MS / 1000} s.` : 'Headroom cannot be reached.';
    throw new Failure(`${what} Check this device’s connection; the page tries again by itself.`, { cause });
  }
}

const ADVICE: readonly (readonly [(status: number) => boolean, string])[] = [
  [(s) => s === 403, 'Ask an owner of your tenant to give you access.'],
  [(s) => s === 404, 'It may have been removed: reload the page.'],
  [(s) => s === 422, 'Reload the page to get its newest version.'],
  [(s) => s === 429 || s >= 500, 'The page tries again by itself.'],
];

/** Reads the problem+json of a refusal: its `detail` is written for people. */
export async function refusal(response: Response): Promise<Failure> {
  const { status } = response;
  const detail = await detailOf(response);
  const advice = ADVICE.find(([applies]) => applies(status))?.[1];
  const retryAfter = Number(response.headers.get('retry-after'));
  return new Failure(`Headroom answered ${status}: ${sentence(detail)}${advice ? ` ${advice}` : ''}`, {
    status,
    ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
  });
}

async function detailOf(response: Response): Promise<string> {
  const fallback = response.statusText || 'no reason was given';
  try {
    const body: unknown = await response.json();
    const { detail, message } = (body ?? {}) as { detail?: unknown; message?: unknown };
    return [detail, message].find((text): text is string => typeof text === 'string' && text !== '') ?? fallback;
  } catch {
    return fallback;
  }
}

/** The newest failure of any kind as text; a bug is shown too, rather than an endless "loading". */
export function messageOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  return `The page failed: ${sentence(error instanceof Error ? error.message : String(error))} Reload it.`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
