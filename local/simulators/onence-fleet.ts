/** The SIMs of a simulated 1NCE account, each a pure function of its index and a seed: no fleet is too large to begin at once. */

export const DAY_MS = 86_400_000;
/** Volumes are whole millionths of a MB: six decimals, exactly. */
export const MB = 1_000_000;
/** What a SIM comes with, and what one top-up adds. */
export const DATA_QUOTA = 500 * MB;
export const SMS_QUOTA = 250;
export const LIFETIME_DAYS = 3650;
const RUNAWAY_FACTOR = 20;

export interface Fleet {
  /** Place of the account among all: keeps the numbers of two accounts apart. */
  readonly position: number;
  readonly seed: number;
  /** Epoch ms; what a SIM is known for (low, silent since, moved) is known from here. */
  readonly anchorAt: number;
}

export type Role =
  | 'plain'
  | 'roamer'
  | 'changed-device'
  | 'runaway'
  | 'exhausted'
  | 'low'
  | 'silent'
  | 'disabled'
  | 'expired';

export type Radio = 'GPRS' | 'UMTS' | 'LTE';

export interface SimPlan {
  readonly fleet: Fleet;
  readonly index: number;
  readonly role: Role;
  /** What an average day takes, millionths of a MB. */
  readonly level: number;
  /** The same from Monday to Sunday. */
  readonly week: readonly number[];
  /** How far a day may stray from it. */
  readonly noise: number;
  /** Added to every day from the anchor's on. */
  readonly burst: number;
  readonly autoTopUp: boolean;
  readonly activatedAt: number;
  /** No traffic from here on. */
  readonly stopsAt: number | undefined;
  readonly expiresAt: number;
  /** What it may use beyond an empty quota before the network notices. */
  readonly overshoot: number;
  readonly txPerMille: number;
  /** Messages sent by the SIM in a thousand days. */
  readonly smsPerThousandDays: number;
  readonly radio: Radio;
  readonly country: number;
}

/** So that a fleet of a dozen SIMs has one of each. */
const FIRST_ROLES: readonly Role[] = [
  'plain',
  'roamer',
  'changed-device',
  'runaway',
  'exhausted',
  'exhausted',
  'low',
  'low',
  'silent',
  'disabled',
  'expired',
];

/** 0 to 2^32 - 1, the same for the same arguments for ever (the finaliser of MurmurHash3, word by word). */
export function draw(seed: number, index: number, salt: number): number {
  let hash = 0x9e3779b9;
  hash = stir(hash, seed);
  hash = stir(hash, index);
  return stir(hash, salt) >>> 0;
}

function stir(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ word, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Salts from 0 to 99 are traits, higher ones days and quarters of an hour. */
const TRAIT = { role: 1, level: 2, size: 3, sizeToo: 4, week: 5, age: 6, second: 7, stop: 8, over: 9, share: 10 };
const MORE = { sms: 11, radio: 12, country: 13 };

const WEEKS = [
  [1150, 1150, 1150, 1150, 1150, 700, 550],
  [1000, 1000, 1000, 1000, 1000, 1000, 1000],
  [800, 800, 800, 800, 1000, 1400, 1400],
] as const;
const EVEN_WEEK = WEEKS[1];

/** Everything that is fixed about a SIM. */
export function simPlan(fleet: Fleet, index: number): SimPlan {
  const trait = (salt: number, below: number): number => draw(fleet.seed, index, salt) % below;
  const role = roleOf(fleet, index);
  const level = levelOf(role, trait);
  const autoTopUp = role !== 'low' && role !== 'exhausted' && level > 1.25 * MB;
  const activatedAt = startOfDay(fleet.anchorAt) - ageDays(role, level, autoTopUp, trait) * DAY_MS + secondOfDay(trait);
  const expiresAt = activatedAt + LIFETIME_DAYS * DAY_MS;
  const week = role === 'runaway' ? EVEN_WEEK : (WEEKS[trait(TRAIT.week, WEEKS.length)] ?? EVEN_WEEK);
  const smsRate = trait(MORE.sms, 600);
  return {
    fleet,
    index,
    role,
    level,
    week: week.map((perMille) => Math.floor((level * perMille) / 1000)),
    noise: Math.floor(role === 'runaway' ? level / 10 : level * 0.4),
    burst: role === 'runaway' ? level * (RUNAWAY_FACTOR - 1) : 0,
    autoTopUp,
    activatedAt,
    stopsAt: stopOf(role, fleet.anchorAt, expiresAt, trait),
    expiresAt,
    overshoot: trait(TRAIT.over, 400_000),
    txPerMille: 550 + trait(TRAIT.share, 350),
    smsPerThousandDays: smsRate < 150 ? smsRate : 0,
    radio: (['LTE', 'LTE', 'GPRS', 'UMTS'] as const)[trait(MORE.radio, 4)] ?? 'LTE',
    country: trait(MORE.country, 1000),
  };
}

type Trait = (salt: number, below: number) => number;

function roleOf(fleet: Fleet, index: number): Role {
  const first = FIRST_ROLES[index];
  if (first) return first;
  const perMille = draw(fleet.seed, index, TRAIT.role) % 1000;
  if (perMille < 30) return 'low';
  if (perMille < 50) return 'silent';
  if (perMille < 80) return 'disabled';
  return perMille < 88 ? 'expired' : 'plain';
}

/** From 20 kB to 40 MB a day, the small ones more often. */
function levelOf(role: Role, trait: Trait): number {
  if (role === 'runaway') return 800_000;
  if (role === 'low' || role === 'exhausted') return 500_000 + trait(TRAIT.level, 4_500_000);
  const doublings = role === 'expired' ? 0 : Math.min(trait(TRAIT.size, 11), trait(TRAIT.sizeToo, 11));
  return (20_000 + trait(TRAIT.level, 20_000)) * 2 ** doublings;
}

/** Days since activation at the anchor: as many as it takes to have used what the role has used. */
function ageDays(role: Role, level: number, autoTopUp: boolean, trait: Trait): number {
  const daysFor = (usedPercent: number): number => Math.ceil((DATA_QUOTA * usedPercent) / 100 / level);
  if (role === 'expired') return LIFETIME_DAYS + 10 + trait(TRAIT.age, 200);
  if (role === 'runaway') return 200;
  if (role === 'exhausted') return daysFor(102) + 10;
  if (role === 'low') return daysFor(83 + trait(TRAIT.age, 12));
  return autoTopUp ? 80 + trait(TRAIT.age, 1320) : Math.min(1500, daysFor(22 + trait(TRAIT.age, 50)));
}

function stopOf(role: Role, anchorAt: number, expiresAt: number, trait: Trait): number | undefined {
  if (role === 'silent') return anchorAt - (2 + trait(TRAIT.stop, 6)) * DAY_MS;
  if (role === 'disabled') return anchorAt - (5 + trait(TRAIT.stop, 60)) * DAY_MS;
  return role === 'expired' ? expiresAt : undefined;
}

function secondOfDay(trait: Trait): number {
  return trait(TRAIT.second, 86_400) * 1000;
}

export function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/** When the roamer moves and the device is changed: the first midnight (UTC) after the anchor. */
export function turningPoint(plan: SimPlan): number {
  return startOfDay(plan.fleet.anchorAt) + DAY_MS;
}

const PER_ACCOUNT = 1_000_000_000;

/** 19 digits: 8988 and fifteen that hold account and index. */
export function iccidAt(fleet: Fleet, index: number): string {
  return `8988${serial(fleet, index, 15)}`;
}

/** Undefined where no account at this position could have it; whether the fleet is that large is not looked at. */
export function indexOf(fleet: Fleet, iccid: string): number | undefined {
  const digits = /^8988(\d{15})$/.exec(iccid)?.[1];
  const index = Number(digits) - fleet.position * PER_ACCOUNT - 1;
  return digits !== undefined && index >= 0 && index < PER_ACCOUNT ? index : undefined;
}

export function identityOf(plan: SimPlan): Record<'iccidWithLuhn' | 'imsi' | 'imsi2' | 'msisdn' | 'ip', string> {
  const { fleet, index } = plan;
  const iccid = iccidAt(fleet, index);
  return {
    iccidWithLuhn: iccid + luhnDigit(iccid),
    imsi: `901${serial(fleet, index, 12)}`,
    imsi2: `901${serial(fleet, index, 12).replace(/^./, '5')}`,
    msisdn: `882${serial(fleet, index, 12)}`,
    // 198.18.0.0/15, kept for measurements, is just large enough.
    ip: `198.${18 + ((index >> 16) & 1)}.${(index >> 8) & 255}.${index & 255}`,
  };
}

/** 16 digits; every change of the device makes another one. */
export function imeiAt(plan: SimPlan, changes: number): string {
  return String(plan.fleet.position * PER_ACCOUNT + (plan.index + 1) * 100 + (changes % 10) * 10 + 8).padStart(16, '0');
}

function serial(fleet: Fleet, index: number, digits: number): string {
  return String(fleet.position * PER_ACCOUNT + index + 1).padStart(digits, '0');
}

function luhnDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, character, place) => {
    const value = Number(character) * (place % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
