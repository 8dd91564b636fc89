/** Asks the house for commands over this site's own connection, has them carried out, and brings their answers back. Keeps nothing on disk. */
import type { SiteKey } from '../shared/collect/site-key.ts';
import { type SiteAnswer, type SiteCommand, siteAnswer, siteCommand } from '../shared/collect/site-work.contract.ts';
import { type HttpResponse, retryAfterSeconds } from '../shared/platform/http.ts';
import { detailOf, fieldOf, oneLine } from './said.ts';
import { Signer } from './signer.ts';

export interface WorkAgentDeps {
  readonly key: SiteKey;
  /** This machine's clock, epoch ms: for what is signed, and nothing else. */
  readonly now: () => number;
  /** Ms of a clock that nobody sets: for when to ask, and until when a command is good. */
  readonly ticks: () => number;
  /** 0 up to 1. */
  readonly random: () => number;
  /** Sends a body with headers; throws when no answer came. */
  readonly post: (headers: Readonly<Record<string, string>>, body: string) => Promise<HttpResponse>;
  /** Never rejects; nothing of it is under way after the deadline, which is in ticks. */
  readonly carryOut: (command: SiteCommand, deadline: number) => Promise<SiteAnswer>;
  readonly say: (line: string) => void;
}

const IDLE_SECONDS = 15;
/** While something is under way, and for some requests after it: what follows from an answer comes within seconds. */
const QUICK_SECONDS = 1;
const QUICK_REQUESTS = 8;
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 120;
/** What the house takes in one request, and a little room. */
const MOST_BYTES = 235_000;

export interface WorkAgent {
  /** One look at the time: asks when it is time to. Resolves to the ms until the next look. */
  turn(): Promise<number>;
}

export function createWorkAgent(deps: WorkAgentDeps): WorkAgent {
  return new Agent(deps);
}

class Agent implements WorkAgent {
  readonly #deps: WorkAgentDeps;
  readonly #signer: Signer;
  /** Routers by the command that is under way at each. */
  readonly #running = new Map<string, string>();
  /** Not taken by the house yet. */
  #answers: SiteAnswer[] = [];
  #askAt: number;
  #quickLeft = 0;
  #failures = 0;

  constructor(deps: WorkAgentDeps) {
    this.#deps = deps;
    this.#signer = new Signer(deps);
    this.#askAt = deps.ticks();
  }

  async turn(): Promise<number> {
    const { ticks } = this.#deps;
    if (ticks() >= this.#askAt) await this.#exchange();
    return Math.min(Math.max(this.#askAt - ticks(), 100), LONGEST_WAIT_SECONDS * 1000);
  }

  async #exchange(): Promise<void> {
    const { post, ticks, say } = this.#deps;
    const sent = this.#oldest();
    const body = JSON.stringify({ version: 1, answers: sent });
    const headers = this.#signer.headers(body);
    // A command's time runs from here: that is before the house looked at its own clock.
    const askedAt = ticks();
    try {
      const answer = await post(headers, body);
      if (answer.status !== 200) return this.#hearRefusal(answer);
      if (!this.#signer.isFromHouse(headers['x-headroom-signature'], answer)) {
        say('an answer that the house did not sign was ignored: is something between this machine and the house?');
        return this.#waitLonger();
      }
      this.#obey(answer.text, sent, askedAt);
    } catch (error) {
      say(`no work asked for: ${error instanceof Error ? oneLine(error.message) : 'no answer'}`);
      this.#waitLonger();
    }
  }

  /** As many as fit into one request; each fits alone. */
  #oldest(): SiteAnswer[] {
    let bytes = 100;
    return this.#answers.filter((answer) => {
      bytes += Buffer.byteLength(JSON.stringify(answer)) + 1;
      return bytes <= MOST_BYTES;
    });
  }

  #obey(text: string, sent: readonly SiteAnswer[], askedAt: number): void {
    this.#failures = 0;
    this.#answers = this.#answers.filter((answer) => !sent.includes(answer));
    for (const one of listOf(text, 'refused')) this.#deps.say(`the house did not take an answer: ${refusalOf(one)}`);
    const given = listOf(text, 'commands');
    for (const one of given) this.#begin(one, askedAt);
    if (given.length + sent.length + this.#running.size > 0) this.#quickLeft = QUICK_REQUESTS;
    const isQuick = this.#quickLeft-- > 0;
    this.#askAt = this.#deps.ticks() + (isQuick ? QUICK_SECONDS : IDLE_SECONDS) * 1000;
  }

  /** What is given again while it is under way, or while its answer waits here, is not begun again. */
  #begin(given: unknown, askedAt: number): void {
    const parsed = siteCommand.safeParse(given);
    if (!parsed.success) {
      this.#refuse(given);
      return;
    }
    const command = parsed.data;
    const { id, router, validForSeconds } = command;
    if (this.#running.has(id) || this.#isAnswered(id)) return;
    // One conversation with a router at a time: it is given again when the other has ended.
    if ([...this.#running.values()].includes(router)) return;
    this.#running.set(id, router);
    void this.#deps.carryOut(command, askedAt + validForSeconds * 1000).then((answer) => {
      this.#running.delete(id);
      this.#answers.push(answer);
    });
  }

  /** The house learns at once that it is not understood, where it can be told what is meant. */
  #refuse(given: unknown): void {
    const message = 'the agent of this site cannot read the form of the command: use a newer one';
    this.#deps.say(message);
    const answer = siteAnswer.safeParse({ id: fieldsOf(given).id, error: { code: 'SOURCE_MALFORMED', message } });
    if (answer.success && !this.#isAnswered(answer.data.id)) this.#answers.push(answer.data);
  }

  #isAnswered(id: string): boolean {
    return this.#answers.some((answer) => answer.id === id);
  }

  #hearRefusal({ status, headers, text }: HttpResponse): void {
    this.#deps.say(`no work asked for: HTTP ${status}: ${detailOf(text)}`);
    if (status === 401 && this.#signer.learnTime(headers)) {
      this.#askAt = this.#deps.ticks() + 1000;
      return;
    }
    // What is wrong with answers does not mend itself: they must not hold up what follows.
    if (status === 400 || status === 422) this.#answers = [];
    const told = retryAfterSeconds(headers, this.#deps.now());
    if (told === undefined) this.#waitLonger();
    else this.#askAt = this.#deps.ticks() + Math.min(told, LONGEST_WAIT_SECONDS) * 1000;
  }

  /** 5, 10, 20 … 120 s, each half to one and a half times as long. */
  #waitLonger(): void {
    const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(this.#failures++, 10), LONGEST_WAIT_SECONDS);
    this.#askAt = this.#deps.ticks() + Math.round(wait * 1000 * (0.5 + this.#deps.random()));
  }
}

function listOf(text: string, name: string): readonly unknown[] {
  const list = fieldOf(text, name);
  return Array.isArray(list) ? list : [];
}

function refusalOf(one: unknown): string {
  const { id, reason } = fieldsOf(one);
  return oneLine(`${String(id).slice(0, 8)}: ${String(reason)}`);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
