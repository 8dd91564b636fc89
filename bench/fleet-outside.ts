/** What a fleet's collector meets, in a process of its own: a 1NCE with limits and moods, and a table. Told what to do by its parent. */
import { type LiveAccount, openAccount } from '../local/simulators/onence-account.ts';
import { findRoute } from '../local/simulators/onence-routes.ts';
import { bearerOf, json, logIn, loginOf, ownerOf, refuseBearer, throttle } from '../local/simulators/onence-token.ts';
import { type SimulatedRequest, type SimulatedResponse, startHttpSimulator } from '../local/simulators/simulator.ts';
import type { Table } from '../shared/platform/table.dynamodb.ts';
import { startDynalite } from '../test/shared/dynalite.ts';
import { createOrderedTable } from './ordered-table.ts';

/** First message to the child. */
export interface OutsideOrder {
  readonly sims: number;
  readonly requestsPerSecond: number;
  readonly anchorAt: number;
  /** Of Retry-After in a mood's 429; 0 = the header is left out. */
  readonly retryAfterSeconds: number;
  /** Over sockets, in real time, the table in DynamoDB's clothes. Else all of it is asked by message, at the instant that the message tells. */
  readonly sockets: boolean;
  /** Of an answer over a socket; by message the parent's own time passes. */
  readonly latencyMs: number;
}

export interface AskTable {
  readonly verb: keyof Table;
  readonly args: readonly unknown[];
}

export interface AskProvider {
  readonly now: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Asked = { readonly id: number } & (
  | { readonly table: AskTable }
  | { readonly provider: AskProvider }
  | { readonly counts: true }
);

/** Calls of the API, logins apart, by what became of them. */
export interface Counts {
  readonly answered: number;
  /** Of them, those that had been answered in the same slot before. */
  readonly repeated: number;
  /** By its mood: 429 and 500. */
  readonly moody: number;
  readonly failed: number;
  /** Beyond the limit. */
  readonly throttled: number;
  readonly refused: number;
}

export type FromOutside =
  | { readonly ready: { readonly providerUrl: string; readonly tablesUrl: string } }
  | { readonly answers: readonly { readonly id: number; readonly value?: unknown; readonly error?: string }[] };

export const BASE_PATH = '/management-api';
export const CREDENTIALS = { clientId: 'bench', clientSecret: 'secret-of-the-bench' };
export const PERIOD_SECONDS = 900;
const PARTS_PER_THOUSAND = { tooMany: 10, serverError: 1 };

class Provider {
  readonly #order: OutsideOrder;
  readonly #live: LiveAccount;
  readonly #counts = { answered: 0, repeated: 0, moody: 0, failed: 0, throttled: 0, refused: 0 };
  readonly #answeredIn = new Map<string, number>();
  #mood = 2_463_534_242;

  constructor(order: OutsideOrder) {
    const account = { name: 'bench', title: 'Bench', ...CREDENTIALS, sims: order.sims };
    this.#order = order;
    this.#live = openAccount(account, 0, { anchorAt: order.anchorAt, kept: undefined, save: () => undefined });
  }

  counts(): Counts {
    return { ...this.#counts };
  }

  handle(request: SimulatedRequest, now: number): SimulatedResponse {
    const path = request.path.slice(BASE_PATH.length);
    if (path === '/oauth/token') return logIn(loginOf([this.#live], request), request, now);
    const response = this.#answer(request, path, now);
    if (response.status === 200) this.#count(`${path}?${request.query}`, now);
    return response;
  }

  #answer(request: SimulatedRequest, path: string, now: number): SimulatedResponse {
    const token = bearerOf(request);
    const one = token === undefined ? undefined : ownerOf([this.#live], token, now);
    if (!one) {
      this.#counts.refused++;
      return refuseBearer(token, path, now);
    }
    const late = throttle(one, this.#order.requestsPerSecond, now);
    if (late) {
      this.#counts.throttled++;
      return late;
    }
    const mood = this.#draw() * 1000;
    if (mood < PARTS_PER_THOUSAND.tooMany) {
      this.#counts.moody++;
      const { retryAfterSeconds } = this.#order;
      const headers = retryAfterSeconds === 0 ? {} : { 'retry-after': String(retryAfterSeconds) };
      return json(429, { message: 'Too Many Requests' }, headers);
    }
    if (mood < PARTS_PER_THOUSAND.tooMany + PARTS_PER_THOUSAND.serverError) {
      this.#counts.failed++;
      return json(500, { error_code: 1000, error_token: 'InternalServerError', message: 'Internal server error' });
    }
    const found = findRoute(request.method, path);
    if (!found) throw new Error(`the bench has no answer to ${request.method} ${path}`);
    return found.route.handle({ one, request, version: path.startsWith('/v2/') ? 'v2' : 'v1', now }, found.parts);
  }

  #count(call: string, now: number): void {
    const slot = Math.floor((now - this.#order.anchorAt) / (PERIOD_SECONDS * 1000));
    this.#counts.answered++;
    if (this.#answeredIn.get(call) === slot) this.#counts.repeated++;
    this.#answeredIn.set(call, slot);
  }

  /** The same draws at every run (xorshift32). */
  #draw(): number {
    this.#mood ^= this.#mood << 13;
    this.#mood ^= this.#mood >>> 17;
    this.#mood ^= this.#mood << 5;
    return (this.#mood >>> 0) / 4_294_967_296;
  }
}

function requestOf({ method, url, headers, body }: AskProvider): SimulatedRequest {
  const { pathname: path, searchParams: query } = new URL(url);
  return { method, path, query, headers, body, signal: new AbortController().signal };
}

function tell(message: FromOutside): void {
  process.send?.(message);
}

async function start(order: OutsideOrder): Promise<void> {
  const provider = new Provider(order);
  const table = createOrderedTable();
  const answer = async (asked: Asked): Promise<unknown> => {
    if ('counts' in asked) return provider.counts();
    if ('provider' in asked) return provider.handle(requestOf(asked.provider), asked.provider.now);
    const verb = table[asked.table.verb] as (...args: readonly unknown[]) => Promise<unknown>;
    return verb(...asked.table.args);
  };
  process.on('message', (all: readonly Asked[]) => {
    const answers = all.map(async (asked) => {
      const { id } = asked;
      return answer(asked).then(
        (value) => ({ id, value }),
        (error: unknown) => ({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
    });
    void Promise.all(answers).then((done) => tell({ answers: done }));
  });
  tell({
    ready: order.sockets ? await listen(order, provider) : { providerUrl: `http://outside${BASE_PATH}`, tablesUrl: '' },
  });
}

async function listen(order: OutsideOrder, provider: Provider) {
  const server = await startHttpSimulator({
    handle: async (request) => {
      const response = provider.handle(request, Date.now());
      await new Promise((resolve) => setTimeout(resolve, order.latencyMs));
      return response;
    },
  });
  const { endpoint } = await startDynalite();
  return { providerUrl: `${server.url}${BASE_PATH}`, tablesUrl: endpoint };
}

process.once('message', (order: OutsideOrder) => void start(order));
process.on('disconnect', () => process.exit(0));
