/** What a SIM's entity holds: what changes rarely, and what it was before its last change. Pure. */
import type { AttributeValue, Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { ListedSim, QuotaLevel, SimStatus } from './sim.ts';

/** A value that says something when it changes: another device, another country. */
export interface Changed {
  readonly before: string;
  readonly at: Instant;
}

export interface SimAttributes extends ListedSim {
  readonly account: string;
  readonly countryCode?: string;
  readonly countryName?: string;
  readonly operatorName?: string;
  readonly mcc?: string;
  readonly radio?: string;
  readonly imeiChanged?: Changed;
  readonly countryChanged?: Changed;
  readonly operatorChanged?: Changed;
}

const LISTED_TEXTS = [
  'iccidWithLuhn',
  'imsi',
  'imsi2',
  'currentImsi',
  'msisdn',
  'imei',
  'status',
  'ipAddress',
  'label',
] as const;
const STATUS_TEXTS = ['countryCode', 'countryName', 'operatorName', 'mcc', 'radio'] as const;
const FLAGS = ['imeiLock', 'enabled'] as const;
const INSTANTS = ['activatedAt', 'thresholdReachedAt', 'quotaExceededAt'] as const;
const LEVELS = ['dataLevel', 'smsLevel'] as const;
const WATCHED = ['imei', 'countryCode', 'operatorName'] as const;
const CHANGES = { imei: 'imeiChanged', countryCode: 'countryChanged', operatorName: 'operatorChanged' } as const;

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Attributes as stored, read back; what is absent or of another type is unknown. */
export function simAttributesOf(entity: Pick<Entity, 'attributes'>): SimAttributes {
  const { attributes } = entity;
  const read: Record<string, unknown> = {
    iccid: String(attributes.iccid ?? ''),
    account: String(attributes.account ?? ''),
  };
  const keep = (names: readonly string[], type: 'string' | 'number' | 'boolean') => {
    for (const name of names) {
      const value = attributes[name];
      if (typeof value === type) read[name] = value;
    }
  };
  keep([...LISTED_TEXTS, ...STATUS_TEXTS], 'string');
  keep(FLAGS, 'boolean');
  keep(INSTANTS, 'number');
  for (const level of LEVELS) if (isLevel(attributes[level])) read[level] = attributes[level];
  for (const name of WATCHED) {
    const before = attributes[`${name}Before`];
    const at = attributes[`${name}ChangedAt`];
    if (typeof before === 'string' && typeof at === 'number') read[CHANGES[name]] = { before, at };
  }
  return read as unknown as SimAttributes;
}

/** What the list says now, over what was known: fields of the status stay, those of the list are the list's. */
export function withListed(
  before: Attributes | undefined,
  account: string,
  listed: ListedSim,
  now: Instant,
): Attributes {
  const kept = Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => !isOneOf(LISTED_FIELDS, name)));
  const { iccid: _iccid, ...fields } = listed;
  // A device that is off lists no IMEI: what was in it last is still what the next one is compared with.
  const imei = listed.imei ?? before?.imei;
  return withChanges(
    before,
    { ...kept, account, iccid: listed.iccid, ...fields, ...(imei === undefined ? {} : { imei }) },
    now,
  );
}

/** Where the network saw it now, over what was known; an answer without a country leaves the last one standing. */
export function withStatus(before: Attributes, status: SimStatus, now: Instant): Attributes {
  const seen = Object.fromEntries(
    STATUS_TEXTS.map((name) => [name, status[name] ?? before[name]]).filter(([, value]) => value !== undefined),
  ) as Attributes;
  return withChanges(before, { ...before, ...seen }, now);
}

const LISTED_FIELDS: readonly string[] = [...LISTED_TEXTS, ...FLAGS, ...INSTANTS, ...LEVELS];

/** The first value of a SIM is no change. */
function withChanges(before: Attributes | undefined, after: Attributes, now: Instant): Attributes {
  const changes: Record<string, AttributeValue> = {};
  for (const name of WATCHED) {
    const [old, current] = [before?.[name], after[name]];
    if (typeof old === 'string' && typeof current === 'string' && old !== current) {
      changes[`${name}Before`] = old;
      changes[`${name}ChangedAt`] = now;
    }
  }
  return { ...after, ...changes };
}

function isLevel(value: AttributeValue | undefined): value is QuotaLevel {
  return value === 'sufficient' || value === 'low' || value === 'exhausted';
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
