/** Signs what a site sends with its key, and keeps to the house's time where this machine's is off. */
import { isSameText, type SiteKey, siteSignature } from '../shared/collect/site-key.ts';
import { answerPurpose } from '../shared/collect/site-work.ts';

export interface SignerDeps {
  readonly key: SiteKey;
  /** This machine's clock, epoch ms. */
  readonly now: () => number;
  readonly say: (line: string) => void;
}

/** A difference that signing anew would not mend. */
const NOTICED_SECONDS = 60;

export class Signer {
  readonly #deps: SignerDeps;
  /** Of the house's clock, learnt when it refused ours. */
  #aheadSeconds = 0;
  #lastSeconds = 0;

  constructor(deps: SignerDeps) {
    this.#deps = deps;
  }

  /** Never the second of the signature before: the house takes each second once. */
  headers(body: string): Readonly<Record<string, string>> & { readonly 'x-headroom-signature': string } {
    const { key, now } = this.#deps;
    this.#lastSeconds = Math.max(Math.floor(now() / 1000) + this.#aheadSeconds, this.#lastSeconds + 1);
    const time = String(this.#lastSeconds);
    return {
      'content-type': 'application/json',
      'x-headroom-key': key.id,
      'x-headroom-time': time,
      'x-headroom-signature': siteSignature(key.secret, time, Buffer.from(body)),
    };
  }

  /** Whether this text is the house's own answer to the request of that signature, and to no other. */
  isFromHouse(
    requestSignature: string,
    { headers, text }: { readonly headers: Headers; readonly text: string },
  ): boolean {
    const wanted = siteSignature(this.#deps.key.secret, answerPurpose(requestSignature), Buffer.from(text));
    return isSameText(headers.get('x-headroom-signature') ?? '', wanted);
  }

  /** True when the house told its time, and it is not the one that was signed. */
  learnTime(headers: Headers): boolean {
    const { now, say } = this.#deps;
    const theirs = headers.get('x-headroom-time') ?? '';
    if (!/^\d{1,11}$/.test(theirs)) return false;
    const ahead = Number(theirs) - Math.floor(now() / 1000);
    if (Math.abs(ahead - this.#aheadSeconds) < NOTICED_SECONDS) return false;
    [this.#aheadSeconds, this.#lastSeconds] = [ahead, 0];
    say(`the clock of this machine is ${ahead} s behind the house's: signed by the house's from now on`);
    return true;
  }
}
