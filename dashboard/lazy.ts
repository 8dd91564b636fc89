/** Loads what is on the screen, a few at once, and again when it is five minutes old. */

const REFRESH_MS = 5 * 60_000;
const RETRY_MS = 60_000;
/** Slow links carry the readings first; trends must not crowd them out. */
const MAX_AT_ONCE = 2;

export interface Lazy {
  watch(node: Element, load: () => Promise<boolean>): void;
  /** Eager ones are loaded also while they are off the screen. */
  setEager(node: Element, eager: boolean): void;
  /** What was loaded no longer holds. */
  refresh(node: Element): void;
  forget(node: Element): void;
  /** Starts whatever is due; called at every poll. */
  pump(): void;
}

interface Entry {
  readonly load: () => Promise<boolean>;
  dueAt: number;
  seen: boolean;
  eager: boolean;
  loading: boolean;
}

/** `load` rejects, or resolves to false, when it should be tried again soon. */
export function createLazy(now: () => number): Lazy {
  const entries = new Map<Element, Entry>();
  let running = 0;
  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        const entry = entries.get(target);
        if (entry) entry.seen = isIntersecting;
      }
      pump();
    },
    { rootMargin: '150px' },
  );

  function pump(): void {
    for (const entry of entries.values()) {
      if (running >= MAX_AT_ONCE) return;
      const wanted = entry.seen || entry.eager;
      if (wanted && !entry.loading && entry.dueAt <= now()) start(entry);
    }
  }

  function start(entry: Entry): void {
    running += 1;
    entry.loading = true;
    const done = (waitMs: number): void => {
      entry.dueAt = now() + waitMs;
      entry.loading = false;
      running -= 1;
      pump();
    };
    entry.load().then(
      (isComplete) => done(isComplete ? REFRESH_MS : RETRY_MS),
      () => done(RETRY_MS),
    );
  }

  return {
    watch(node, load) {
      entries.set(node, { load, dueAt: 0, seen: false, eager: false, loading: false });
      observer.observe(node);
    },
    setEager(node, eager) {
      const entry = entries.get(node);
      if (entry) entry.eager = eager;
    },
    refresh(node) {
      const entry = entries.get(node);
      if (entry) entry.dueAt = 0;
    },
    forget(node) {
      entries.delete(node);
      observer.unobserve(node);
    },
    pump,
  };
}
