/** What a judgement may look at besides the rule itself. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Window } from './observation.ts';

/** What every judgement of one target shares. */
export interface Context {
  readonly window: Window;
  readonly now: Instant;
  readonly periodSeconds: number;
  readonly kind: string;
  readonly target: {
    readonly id: string;
    readonly name: string;
    /** Creation or first run: from here a source that never brought anything counts. */
    readonly since: Instant;
    /** Not read on purpose, so its silence means nothing. */
    readonly enabled: boolean;
  };
  /** Since when Headroom itself has been awake; undefined = not known, so nothing can be called silent. */
  readonly aliveSince?: Instant;
}
