/** Why a source brings nothing: what its newest run says, asked for only where data is old, and at most once a minute. */
import type { Api } from './api.ts';
import type { Run } from './contract.ts';
import { runWords } from './words.ts';

export interface Troubles {
  /** One sentence; empty when the newest run says nothing bad. Throws Failure. */
  of(source: string): Promise<string>;
}

const FRESH_MS = 60_000;

export function createTroubles(api: Api): Troubles {
  const known = new Map<string, { at: number; words: Promise<string> }>();
  return {
    of(source) {
      const held = known.get(source);
      if (held && api.now() - held.at < FRESH_MS) return held.words;
      const words = api
        .get<{ items: readonly Run[] }>(`/v1/runs?source=${encodeURIComponent(source)}&limit=1`)
        .then((answer) => runWords(answer.items[0]));
      known.set(source, { at: api.now(), words });
      return words;
    },
  };
}
