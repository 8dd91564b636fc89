/** From 1NCE's answers about a SIM's connection to where it was last seen; both generations of the API. Pure. */
import type { Instant } from '../platform/clock.ts';
import {
  type OnenceCellLocation,
  type OnenceLocation,
  onenceConnectivityInfo,
  onencePdpContext,
  onenceStatus,
  TEXT_LIMIT,
} from './onence.wire.ts';
import {
  type Converted,
  converted,
  filled,
  isRecord,
  known,
  member,
  type Place,
  prose,
  readRecord,
  reject,
  within,
} from './onence-record.ts';
import { cellNumberOf, countryCodeOf, instantOf, networkCodeOf } from './onence-texts.ts';
import { onenceV2Status } from './onence-v2.wire.ts';
import type { CellReading, Presence, SimStatus } from './sim.ts';

const PRESENCES: ReadonlyMap<string, Presence> = new Map([
  ['OFFLINE', 'offline'],
  ['ATTACHED', 'attached'],
  ['ONLINE', 'online'],
  ['BLOCKED', 'blocked'],
]);
const LIMIT_STATES: ReadonlyMap<string, boolean> = new Map([
  ['REACHED', true],
  ['NOT_REACHED', false],
]);
/** A SIM has a session or two; more are a broken answer. */
const MAX_SESSIONS = 50;

/** The shapes are told apart member by member: a text or an object as status, one session or a list of them. */
export function convertStatus(json: unknown): Converted<SimStatus> {
  return converted((place) => {
    if (!isRecord(json) || (!Object.hasOwn(json, 'status') && !Object.hasOwn(json, 'location')))
      return reject(place, 'tells neither a status nor a location', json);
    const { status, location, limitState } = readBody(place, json);
    const presenceText = filled(status) ?? '';
    const sessions = readSessions(place, json);
    const session = sessions.toSorted((a, b) => (b.since ?? 0) - (a.since ?? 0))[0];
    const instants = [...instantsOf(within(place, 'location'), location), ...sessions.map((s) => s.since)];
    return {
      presence:
        presenceText === ''
          ? reject(within(place, 'status'), 'tells no status', json.status)
          : presenceOf(presenceText),
      presenceText,
      ...known({
        ...readWhere(within(place, 'location'), location),
        lastSeenAt: newestOf(instants),
        radio: session?.radio,
        sessionSince: session?.since,
        limitReached: member(within(place, 'data_traffic_limit_state'), 'description', filled(limitState), (word) =>
          LIMIT_STATES.get(word.toUpperCase()),
        ),
      }),
    };
  });
}

/** A word that is not known stands in `presenceText`; it is new, not wrong. */
function presenceOf(word: string): Presence | undefined {
  return PRESENCES.get(word.toUpperCase());
}

interface StatusBody {
  readonly status?: string | null | undefined;
  readonly location?: OnenceLocation | null | undefined;
  readonly limitState?: string | null | undefined;
}

function readBody(place: Place, json: Readonly<Record<PropertyKey, unknown>>): StatusBody {
  if (!isRecord(json.status)) return readRecord(place, onenceStatus, json) ?? {};
  const body = readRecord(place, onenceV2Status, json);
  return {
    status: body?.status?.description,
    location: body?.location,
    limitState: body?.data_traffic_limit_state?.description,
  };
}

interface Session {
  readonly radio: string | undefined;
  readonly since: Instant | undefined;
}

function readSessions(place: Place, json: Readonly<Record<PropertyKey, unknown>>): Session[] {
  const listed = Array.isArray(json.pdp_contexts) ? json.pdp_contexts.slice(0, MAX_SESSIONS) : [];
  const contexts: (readonly [unknown, Place])[] = [
    [json.pdp_context, within(place, 'pdp_context')],
    ...listed.map((raw: unknown, index) => [raw, within(place, 'pdp_contexts', index)] as const),
  ];
  return contexts
    .filter(([raw]) => raw !== undefined && raw !== null)
    .flatMap(([raw, at]) => {
      const context = readRecord(at, onencePdpContext, raw);
      if (context === undefined) return [];
      return [
        {
          radio: filled(context.rat_type?.description),
          since: member(at, 'created', filled(context.created), instantOf),
        },
      ];
    });
}

function instantsOf(place: Place, location: OnenceLocation | null | undefined): (Instant | undefined)[] {
  return (['last_updated', 'last_updated_gprs'] as const).map((name) =>
    member(place, name, filled(location?.[name]), instantOf),
  );
}

function newestOf(instants: readonly (Instant | undefined)[]): Instant | undefined {
  const all = instants.filter((at) => at !== undefined);
  return all.length === 0 ? undefined : Math.max(...all);
}

/** The country that was visited; the operator's own stands in where that is not told. */
function readWhere(place: Place, location: OnenceLocation | null | undefined) {
  const operator = location?.operator;
  const visited = readCountry(within(place, 'country'), location?.country);
  const home = readCountry(within(place, 'operator', 'country'), operator?.country);
  const country = visited.countryCode !== undefined || home.countryCode === undefined ? visited : home;
  const id = operator?.id ?? filled(text(location?.operator_id));
  return {
    countryCode: country.countryCode,
    countryName: country.countryName,
    operatorName: prose(within(place, 'operator'), 'name', operator?.name, TEXT_LIMIT),
    operatorId: filled(text(id)),
    mcc: visited.mcc,
  };
}

function readCountry(place: Place, country: OnenceLocation['country']) {
  return {
    countryCode: member(place, 'iso_code', filled(country?.iso_code) ?? filled(country?.['iso-code']), countryCodeOf),
    countryName: prose(place, 'name', country?.name, TEXT_LIMIT),
    mcc: member(place, 'mcc', filled(text(country?.mcc)), networkCodeOf),
  };
}

function text(given: number | string | null | undefined): string | undefined {
  return given === null || given === undefined ? undefined : String(given);
}

/** With or without `location` between the subscriber and the cell: older and newer specification. */
export function convertCell(json: unknown): Converted<CellReading> {
  return converted((place) => {
    const answer = readRecord(place, onenceConnectivityInfo, json);
    if (answer === undefined) return undefined;
    const subscriber = answer.subscriber_info;
    const at = within(place, 'subscriber_info');
    const [location, where] = subscriber.location ? [subscriber.location, within(at, 'location')] : [subscriber, at];
    return known({
      requestedAt: member(place, 'request_timestamp', filled(answer.request_timestamp), instantOf),
      repliedAt: member(place, 'reply_timestamp', filled(answer.reply_timestamp), instantOf),
      state: filled(subscriber.state),
      ...readCellLocation(where, location),
    });
  });
}

function readCellLocation(place: Place, location: OnenceCellLocation) {
  const cell = location.cell_global_id;
  const at = within(place, 'cell_global_id');
  return {
    retrieved: location.current_location_retrieved ?? undefined,
    ageMinutes: location.age_of_location ?? undefined,
    mcc: member(at, 'mcc', filled(text(cell?.mcc)), networkCodeOf),
    mnc: member(at, 'mnc', filled(text(cell?.mnc)), networkCodeOf),
    lac: member(at, 'lac', filled(text(cell?.lac)), cellNumberOf),
    cellId: member(at, 'cid', filled(text(cell?.cid)), cellNumberOf),
  };
}
