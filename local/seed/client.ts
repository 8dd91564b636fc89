/** The product's own API as the seed uses it: what the demo holds came in the way that a user's data comes in. */

export interface ApiClient {
  get(path: string): Promise<{ status: number; body: unknown }>;
  send(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<{ status: number; body: unknown }>;
  sendCsv(path: string, csv: string): Promise<{ status: number; body: unknown }>;
}

const REQUEST_MS = 30_000;

export function openApi(publicUrl: string, token: () => Promise<string>): ApiClient {
  const call = async (method: string, path: string, type?: string, body?: string) => {
    const response = await fetch(`${publicUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...(type ? { 'content-type': type } : {}) },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text ? (JSON.parse(text) as unknown) : undefined };
  };
  return {
    get: (path) => call('GET', path),
    send: (method, path, body) => call(method, path, 'application/json', JSON.stringify(body)),
    sendCsv: (path, csv) => call('POST', path, 'text/csv', csv),
  };
}

/** Throws one sentence with what the API said. */
export function expectOk(what: string, answer: { status: number; body: unknown }): void {
  if (answer.status < 300) return;
  throw new Error(`${what}: HTTP ${answer.status} ${(answer.body as { detail?: string } | undefined)?.detail ?? ''}`);
}
