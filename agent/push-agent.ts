/** The agent of a site that cannot be called: reads this machine's interfaces each period and sends them, signed. Keeps nothing on disk. */
import type { SiteKey } from '../shared/collect/site-key.ts';
import type { HttpResponse } from '../shared/platform/http.ts';
import { retryAfterSeconds } from '../shared/platform/http.ts';
import type { Kernel } from './kernel.ts';
import { detailOf, fieldOf } from './said.ts';
import { Signer } from './signer.ts';

export interface PushAgentDeps {
  readonly key: SiteKey;
  readonly periodSeconds: number;
  /** This machine's clock, epoch ms: for what is signed, and nothing else. */
  readonly now: () => number;
  /** Ms of a clock that nobody sets: for when to read and to send. */
  readonly ticks: () => number;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly read: () => Kernel;
  /** Sends a body with headers; throws when no answer came. */
  readonly post: (headers: Readonly<Record<string, string>>, body: string) => Promise<HttpResponse>;
  readonly say: (line: string) => void;
}

/** As many as the house takes at once: an hour of five-minute slots. */
const MOST_KEPT = 12;
/** What the house takes in one request, and a little room. */
const MOST_BYTES = 239_000;
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 120;
/** The house takes one pack a minute. */
const NEXT_PACK_SECONDS = 61;
/** Sites of one tenant share a slot, and not its first second. */
const SPREAD_SECONDS = 20;

export interface PushAgent {
  /** One look at the time: reads when a reading is due, sends when something waits. Resolves to the ms until the next look. */
  turn(): Promise<number>;
  /** Readings that have not been accepted yet. */
  readonly waiting: number;
}

interface Kept {
  readonly uptimeMs: number;
  /** JSON. */
  readonly text: string;
}

export function createPushAgent(deps: PushAgentDeps): PushAgent {
  return new Agent(deps);
}

class Agent implements PushAgent {
  readonly #deps: PushAgentDeps;
  readonly #signer: Signer;
  readonly #spreadMs: number;
  #kept: Kept[] = [];
  #readAt: number;
  #sendAt: number;
  #failures = 0;

  constructor(deps: PushAgentDeps) {
    this.#deps = deps;
    this.#signer = new Signer(deps);
    this.#spreadMs = Math.floor(deps.random() * Math.min(SPREAD_SECONDS, deps.periodSeconds / 2) * 1000);
    this.#readAt = this.#sendAt = deps.ticks();
  }

  get waiting(): number {
    return this.#kept.length;
  }

  async turn(): Promise<number> {
    const { ticks, periodSeconds } = this.#deps;
    // A machine that slept reads once, and not for every slot that it slept through.
    if (ticks() >= this.#readAt) {
      this.#keepReading();
      this.#readAt = Math.max(this.#readAt + periodSeconds * 1000, ticks() + 1000);
    }
    if (this.#kept.length > 0 && ticks() >= this.#sendAt) await this.#send();
    const next = this.#kept.length > 0 ? Math.min(this.#readAt, this.#sendAt) : this.#readAt;
    return Math.min(Math.max(next - ticks(), 100), periodSeconds * 1000);
  }

  #keepReading(): void {
    const kernel = this.#deps.read();
    const text = JSON.stringify(readingOf(kernel));
    if (Buffer.byteLength(text) > MOST_BYTES) {
      this.#deps.say(`${kernel.interfaces.length} interfaces are too many for one request: nothing of them is sent`);
      return;
    }
    const oldestMs = kernel.uptimeMs - MOST_KEPT * this.#deps.periodSeconds * 1000;
    // What a machine slept over would be refused, and all beside it; uptimes that fall are another boot's.
    const usable = this.#kept.filter(({ uptimeMs }) => uptimeMs >= oldestMs && uptimeMs <= kernel.uptimeMs);
    this.#kept = [...usable, { uptimeMs: kernel.uptimeMs, text }];
    if (this.#kept.length > MOST_KEPT) this.#deps.say('the oldest reading is dropped: twelve are kept');
    this.#kept = this.#kept.slice(-MOST_KEPT);
  }

  async #send(): Promise<void> {
    const { deps, pack } = { deps: this.#deps, pack: this.#oldest() };
    const body = `{"version":1,"uptimeSeconds":${seconds(deps.read().uptimeMs)},"readings":[${pack.map((k) => k.text).join(',')}]}`;
    try {
      this.#hear(await deps.post(this.#signer.headers(body), body), pack);
    } catch (error) {
      deps.say(`not sent, ${this.#kept.length} kept: ${error instanceof Error ? error.message : 'no answer'}`);
      this.#waitLonger();
    }
  }

  /** The oldest readings that fit into one request; each fits alone. */
  #oldest(): Kept[] {
    let bytes = 200;
    return this.#kept.filter(({ text }) => {
      bytes += Buffer.byteLength(text) + 1;
      return bytes <= MOST_BYTES + 1000;
    });
  }

  #hear(answer: HttpResponse, pack: readonly Kept[]): void {
    const { say, ticks } = this.#deps;
    const { status } = answer;
    if (status === 202 || status === 400 || status === 422) {
      // What is wrong with a pack does not mend itself: it must not hold up what follows.
      this.#kept = this.#kept.filter((kept) => !pack.includes(kept));
      this.#failures = 0;
      this.#sendAt = ticks() + NEXT_PACK_SECONDS * 1000;
      if (status === 202) this.#align(answer.text);
      else say(`refused for its content, and dropped: ${detailOf(answer.text)}`);
      return;
    }
    say(`HTTP ${status}, ${this.#kept.length} kept: ${detailOf(answer.text)}`);
    if (status === 401 && this.#signer.learnTime(answer.headers)) {
      this.#sendAt = ticks() + 1000;
    } else if (status === 429 || status === 409) {
      this.#sendAt = ticks() + (retryAfterSeconds(answer.headers, this.#deps.now()) ?? NEXT_PACK_SECONDS) * 1000;
    } else this.#waitLonger();
  }

  /** The house says how far the next slot is; that is held to what a period can be. */
  #align(text: string): void {
    const inSeconds = fieldOf(text, 'nextSlotInSeconds');
    if (typeof inSeconds !== 'number') return;
    const inMs = inSeconds * 1000 + this.#spreadMs;
    const periodMs = this.#deps.periodSeconds * 1000;
    this.#readAt = this.#deps.ticks() + Math.min(Math.max(inMs, Math.min(periodMs / 2, 30_000)), 2 * periodMs);
  }

  /** 5, 10, 20 … 120 s, each half to one and a half times as long: sites that were cut off together do not return together. */
  #waitLonger(): void {
    const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(this.#failures++, 10), LONGEST_WAIT_SECONDS);
    this.#sendAt = this.#deps.ticks() + Math.round(wait * 1000 * (0.5 + this.#deps.random()));
  }
}

function readingOf({ uptimeMs, interfaces }: Kernel) {
  return {
    uptimeSeconds: seconds(uptimeMs),
    interfaces: interfaces.map(({ name, index, alias, speedMbps, operStatus, received, sent }) => ({
      name,
      index,
      inOctets: String(received.octets),
      outOctets: String(sent.octets),
      operStatus,
      ...(speedMbps > 0 ? { speedMbps } : {}),
      ...(alias === '' ? {} : { alias: alias.slice(0, 255) }),
    })),
  };
}

/** Hundredths, as the kernel has them. */
function seconds(ms: number): number {
  return Math.round(ms / 10) / 100;
}
