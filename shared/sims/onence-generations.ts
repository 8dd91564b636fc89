/** Which generation of 1NCE's API answers which call, and what is learnt about that while calling. Inert. */
import type { Generation } from './onence.convert.ts';

/** The account's setting. */
export type GenerationSetting = 'auto' | Generation;

const NEWER_FIRST = { v1: ['v1'], v2: ['v2'], auto: ['v2', 'v1'] } as const;
/** v2 lacks these. */
const OLDER_ONLY = { v1: ['v1'], v2: ['v1'], auto: ['v1'] } as const;
/** v2 is said to have it, at a path that nobody could read. */
const USAGE = { v1: ['v1'], v2: ['v2', 'v1'], auto: ['v1', 'v2'] } as const;

const PREFERENCES = {
  list: NEWER_FIRST,
  sim: NEWER_FIRST,
  quota: NEWER_FIRST,
  status: NEWER_FIRST,
  events: NEWER_FIRST,
  sms: NEWER_FIRST,
  usage: USAGE,
  cell: OLDER_ONLY,
  limits: OLDER_ONLY,
  change: NEWER_FIRST,
  reset: NEWER_FIRST,
  sendSms: NEWER_FIRST,
  cancelSms: NEWER_FIRST,
  topUp: NEWER_FIRST,
  changeMany: OLDER_ONLY,
  setLimits: OLDER_ONLY,
  topUpMany: OLDER_ONLY,
  autoTopUp: OLDER_ONLY,
  extend: OLDER_ONLY,
} as const satisfies Record<string, Readonly<Record<GenerationSetting, readonly Generation[]>>>;

export type CallKind = keyof typeof PREFERENCES;

/** Memory of one client. */
export interface Generations {
  /** In the order in which they are to be asked; one of them where it is settled who answers. */
  candidates(kind: CallKind): readonly Generation[];
  /** It answered: from now on it alone is asked, and its "not found" means the SIM. */
  answered(kind: CallKind, generation: Generation): void;
  /** It does not offer this kind of call. */
  lacks(kind: CallKind, generation: Generation): void;
}

export function openGenerations(setting: GenerationSetting): Generations {
  const settled = new Map<CallKind, Generation>();
  /** Without its list a generation is not there at all. */
  const gone = new Set<Generation>();
  return {
    candidates(kind) {
      const known = settled.get(kind);
      if (known !== undefined) return [known];
      const all: readonly Generation[] = PREFERENCES[kind][setting];
      const there = all.filter((generation) => !gone.has(generation));
      return there.length === 0 ? all : there;
    },
    answered: (kind, generation) => void settled.set(kind, generation),
    lacks(kind, generation) {
      const next = PREFERENCES[kind][setting].find((other) => other !== generation);
      if (next === undefined) return;
      settled.set(kind, next);
      if (kind === 'list') gone.add(generation);
    },
  };
}
