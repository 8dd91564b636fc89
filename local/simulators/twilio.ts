/** A Twilio for people without an account: accepts messages as documented, and calls back signed within a second. */
import { setTimeout } from 'node:timers/promises';
import { type MessageResource, type MessageStatus, SIMULATED_ACCOUNT } from '../../shared/notify/twilio.wire.ts';
import {
  type FaultDescription,
  type FaultRequest,
  type SimulatedRequest,
  type SimulatedResponse,
  type Simulator,
  startHttpSimulator,
} from './simulator.ts';
import { callBack } from './twilio-callback.ts';
import { type Fate, TwilioFaults } from './twilio-faults.ts';
import { type Acceptance, acceptMessage, refusal } from './twilio-messages.ts';

/** A message as the console's phone shows it. */
export interface SimulatedMessage {
  readonly channel: 'whatsapp' | 'sms';
  readonly to: string;
  readonly body: string;
  readonly status: MessageStatus;
  /** ISO 8601. */
  readonly at: string;
  readonly simulated: true;
}

export interface TwilioSimulator extends Simulator {
  /** Oldest first. */
  messages(): readonly SimulatedMessage[];
}

export interface TwilioSimulatorOptions {
  readonly port?: number;
  readonly now?: () => number;
  /** Pauses before `sent` and before the final status; together below a second. */
  readonly pausesMs?: readonly [number, number];
  /** Keeps the phone's messages over a restart; how it is kept is the caller's. */
  readonly persist?: { load(): unknown; save(state: unknown): void };
}

interface StoredMessage {
  resource: MessageResource;
  readonly callback: string | undefined;
  readonly at: number;
}

/** The oldest go first; nobody scrolls further back. */
const KEPT = 1_000;
const DEFAULT_PAUSES_MS: readonly [number, number] = [150, 350];
const FAULTS: readonly FaultDescription[] = [
  {
    name: 'reject',
    parameters: {
      code: 'error code of Twilio, such as 63016 (the default)',
      at: '"answer" or "callback"; by default as Twilio does it for that code',
      times: 'how many messages, 1 unless given',
    },
  },
  {
    name: 'undelivered',
    parameters: { code: 'error code, 30003 unless given', times: 'how many messages, 1 unless given' },
  },
  { name: 'server-error', parameters: { times: 'how many requests to send, 1 unless given' } },
  {
    name: 'time-out',
    parameters: {
      when: '"before" or "after" the message is accepted ("after" unless given)',
      times: 'how many requests to send, 1 unless given',
    },
  },
];

export async function startTwilioSimulator(options: TwilioSimulatorOptions = {}): Promise<TwilioSimulator> {
  const twilio = new Twilio(options);
  const server = await startHttpSimulator({
    handle: (request) => twilio.handle(request),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    name: 'twilio',
    url: server.url,
    state: () => ({ messages: twilio.shown(), waitingFaults: twilio.faults.waiting() }),
    faults: () => FAULTS,
    inject: (fault: FaultRequest) => twilio.faults.inject(fault),
    messages: () => twilio.shown(),
    async close() {
      twilio.closing.abort();
      await server.close();
    },
  };
}

class Twilio {
  readonly faults = new TwilioFaults();
  readonly closing = new AbortController();
  private readonly stored = new Map<string, StoredMessage>();
  private readonly now: () => number;
  private readonly pausesMs: readonly [number, number];
  private readonly persist: TwilioSimulatorOptions['persist'];
  private lastNumber = 0;

  constructor(options: TwilioSimulatorOptions) {
    this.now = options.now ?? Date.now;
    this.pausesMs = options.pausesMs ?? DEFAULT_PAUSES_MS;
    this.persist = options.persist;
    // What another build kept in another form is worth less than a start.
    const kept = this.persist?.load();
    for (const one of Array.isArray(kept) ? (kept as StoredMessage[]) : []) this.stored.set(one.resource.sid, one);
    this.lastNumber =
      this.stored.size === 0 ? 0 : Math.max(...[...this.stored.keys()].map((sid) => Number(sid.slice(2))));
  }

  shown(): SimulatedMessage[] {
    return [...this.stored.values()].map(({ resource, at }) => ({
      channel: resource.to.startsWith('whatsapp:') ? 'whatsapp' : 'sms',
      to: resource.to.replace(/^whatsapp:/, ''),
      body: resource.body ?? '',
      status: resource.status,
      at: new Date(at).toISOString(),
      simulated: true,
    }));
  }

  handle(request: SimulatedRequest): SimulatedResponse | Promise<SimulatedResponse> {
    const { accountSid, authToken } = SIMULATED_ACCOUNT;
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    if (request.headers.authorization !== basic) return refusal(20003, 'Authentication Error');
    const prefix = `/2010-04-01/Accounts/${accountSid}/Messages`;
    if (request.path === `${prefix}.json`) return request.method === 'POST' ? this.create(request) : this.list(request);
    const sid = new RegExp(`^${prefix}/(\\w+)\\.json$`).exec(request.path)?.[1];
    const found = sid === undefined ? undefined : this.stored.get(sid);
    return found ? json(200, found.resource) : refusal(20404, `The requested resource ${request.path} was not found`);
  }

  private async create(request: SimulatedRequest): Promise<SimulatedResponse> {
    const form = new URLSearchParams(request.body);
    const fate = this.faults.next();
    if (fate.kind === 'server-error') return json(500, { code: 20500, message: 'Internal Server Error', status: 500 });
    if (fate.kind === 'silent before') return await silence(request.signal);
    const answer = acceptMessage(form, `SM${String(++this.lastNumber).padStart(32, '0')}`, this.now());
    if (!answer.accepted) return answer.refusal;
    if (fate.kind === 'refuse') return refusal(fate.code, 'This request was refused by a fault of the simulator');
    this.store(answer, form.get('StatusCallback') ?? undefined);
    void this.deliver(answer.resource.sid, answer.fate ?? fate);
    return fate.kind === 'silent after' ? await silence(request.signal) : json(201, answer.resource);
  }

  private store(answer: Acceptance & { accepted: true }, callback: string | undefined): void {
    this.stored.set(answer.resource.sid, { resource: answer.resource, callback, at: this.now() });
    const [oldest] = this.stored.keys();
    if (this.stored.size > KEPT && oldest !== undefined) this.stored.delete(oldest);
    this.persist?.save([...this.stored.values()]);
  }

  private list(request: SimulatedRequest): SimulatedResponse {
    const to = request.query.get('To');
    const size = Number(request.query.get('PageSize') ?? 50);
    const messages = [...this.stored.values()]
      .map(({ resource }) => resource)
      .filter((resource) => to === null || resource.to === to)
      .reverse()
      .slice(0, size);
    return json(200, { messages, page: 0, page_size: size, next_page_uri: null });
  }

  /** queued -> sent -> delivered, or the end that a fault or WhatsApp's rules have set; each is called back. */
  private async deliver(sid: string, fate: Fate): Promise<void> {
    const [first, second] = this.pausesMs;
    const end = fate.kind === 'end' ? fate : { status: 'delivered' as const, code: null };
    if (!(await this.pause(first))) return;
    if (end.status !== 'failed') await this.report(sid, 'sent', null);
    if (!(await this.pause(second))) return;
    await this.report(sid, end.status, end.code);
  }

  private async report(sid: string, status: MessageStatus, code: number | null): Promise<void> {
    const message = this.stored.get(sid);
    if (!message) return;
    const sent = new Date(this.now()).toUTCString().replace('GMT', '+0000');
    message.resource = {
      ...message.resource,
      status,
      error_code: code,
      error_message: code === null ? null : `Error ${code} by the simulator`,
      date_sent: message.resource.date_sent ?? sent,
    };
    this.persist?.save([...this.stored.values()]);
    if (message.callback !== undefined) await callBack(message.callback, message.resource, this.closing.signal);
  }

  /** False when the simulator closes meanwhile. */
  private async pause(ms: number): Promise<boolean> {
    try {
      await setTimeout(ms, undefined, { signal: this.closing.signal });
      return true;
    } catch {
      return false;
    }
  }
}

function json(status: number, body: unknown): SimulatedResponse {
  return { status, body: JSON.stringify(body) };
}

/** No answer: until the caller hangs up or the simulator closes. */
function silence(signal: AbortSignal): Promise<SimulatedResponse> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ status: 408, body: '' });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}
