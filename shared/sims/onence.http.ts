/** The reads of a 1NCE account, and the client as a whole: paths, paging, and what each status means for one SIM. */
import type { Rejected } from '../collect/collector.port.ts';
import { keptRejected } from '../collect/rejected.ts';
import { AppError } from '../platform/errors.ts';
import { type HttpResponse, parseJson } from '../platform/http.ts';
import {
  type Converted,
  convertCell,
  convertEvents,
  convertLimits,
  convertQuota,
  convertSim,
  convertSimList,
  convertSmsList,
  convertStatus,
  convertUsage,
  type Generation,
} from './onence.convert.ts';
import type { Answer, EventPage, OnenceClient, OnenceReader, SimPage } from './onence.port.ts';
import { openActor } from './onence-acts.http.ts';
import {
  type OnenceCall,
  type OnenceCaller,
  type OnenceOptions,
  type OnenceResponse,
  openCaller,
} from './onence-caller.http.ts';
import { OWNER_SENTENCE } from './onence-login.http.ts';
import { simPath } from './onence-paths.ts';
import type { Sms } from './sim.ts';

export type { OnenceOptions } from './onence-caller.http.ts';

/** The most that the provider gives at once. */
const PAGE_SIZE = 100;
const REJECTED_TEXT_LIMIT = 200;
/** More pages than the largest account has; a larger number is broken, and must not keep a walk busy for ever. */
const MAX_PAGES = 100_000;

/** One run's conversation with one account; what it learns about generations lives as long. Makes no call by itself. */
export function openOnence(options: OnenceOptions): OnenceClient {
  const caller = openCaller(options);
  return {
    ...openReader(caller),
    ...openActor(caller),
    get operations() {
      return caller.operations;
    },
  };
}

function openReader(caller: OnenceCaller): Omit<OnenceReader, 'operations'> {
  return {
    listSims: (page) => listSims(caller, page),
    readSim: (iccid) => readOne(caller, { name: 'SIM', kind: 'sim', path: simPath(iccid) }, convertSim),
    readQuota: (iccid, service) =>
      readOne(
        caller,
        {
          name: `quota ${service === 'sms' ? 'SMS' : service}`,
          kind: 'quota',
          path: simPath(iccid, `quota/${service}`),
        },
        (json) => convertQuota(json, service),
      ),
    readUsage: (iccid, from, to) => {
      // Without both dates the answer covers a span that nobody has explained.
      const span = new URLSearchParams({ start_dt: from, end_dt: to });
      return readOne(caller, { name: 'usage', kind: 'usage', path: simPath(iccid, `usage?${span}`) }, convertUsage);
    },
    readStatus: (iccid) =>
      readOne(caller, { name: 'status', kind: 'status', path: simPath(iccid, 'status') }, convertStatus),
    readCell: (iccid) => {
      const path = simPath(iccid, 'connectivity_info?subscriber=true&ussd=false');
      return readOne(caller, { name: 'connectivity', kind: 'cell', path }, convertCell);
    },
    readEvents: (iccid, page, pageSize) => readEvents(caller, iccid, page, pageSize),
    readSms: async (iccid, page, pageSize) => {
      const path = simPath(iccid, `sms?page=${page}&pageSize=${pageSize}`);
      const answer = await readOne(caller, { name: 'SMS list', kind: 'sms', path }, convertSmsList);
      return answer.value === undefined ? answer : { ...answer, value: ownPage(answer.value, page, pageSize) };
    },
    readLimits: () => readOne(caller, { name: 'limits', kind: 'limits', path: '/sims/limits' }, convertLimits),
  };
}

function listSims(caller: OnenceCaller, page: number): Promise<SimPage> {
  const path = `/sims?page=${page}&pageSize=${PAGE_SIZE}`;
  return caller.call({ name: 'SIM list', kind: 'list', method: 'GET', path }, (response) => {
    if (response.status === 403)
      throw new AppError('SOURCE_REJECTED', OWNER_SENTENCE, { context: { status: response.status } });
    const sims = convertSimList(jsonOf(caller, response));
    if (sims.value === undefined) throw caller.malformed(response, 'it is no list of SIMs');
    return {
      sims: sims.value,
      rejected: keepable(caller, sims.rejected),
      page: countOf(response, 'x-current-page') ?? page,
      totalPages: pagesOf(response) ?? 1,
      totalCount: countOf(response, 'x-total-count'),
    };
  });
}

/** v1 sorts when it is asked to; v2 has no such parameter, so a page is sorted here. */
async function readEvents(
  caller: OnenceCaller,
  iccid: string,
  page: number,
  pageSize: number,
): Promise<Answer<EventPage>> {
  let headerPages: number | undefined;
  const path = (generation: Generation) =>
    simPath(iccid, `events?page=${page}&pageSize=${pageSize}${generation === 'v1' ? '&sort=-timestamp' : ''}`);
  const answer = await readOne(caller, { name: 'events', kind: 'events', path }, (json, response) => {
    headerPages = pagesOf(response);
    return convertEvents(json);
  });
  if (answer.value === undefined) return answer;
  const events = answer.value.events.toSorted((a, b) => b.at - a.at);
  return { ...answer, value: { events, totalPages: headerPages ?? answer.value.totalPages } };
}

/** v2 declares no paging of messages: a longer list than was asked for is all of them. */
function ownPage(all: readonly Sms[], page: number, pageSize: number): readonly Sms[] {
  return all.length <= pageSize ? all : all.slice((page - 1) * pageSize, page * pageSize);
}

type Read = Pick<OnenceCall, 'name' | 'kind' | 'path'>;

/** An answer about one thing: what is not there is undefined, and what may not be known says so. */
function readOne<T>(
  caller: OnenceCaller,
  read: Read,
  convert: (json: unknown, response: OnenceResponse) => Converted<T>,
): Promise<Answer<T>> {
  return caller.call({ ...read, method: 'GET' }, (response) => {
    const { status, receivedAt } = response;
    const without = (...rejected: Rejected[]): Answer<T> => ({ value: undefined, rejected, receivedAt });
    // An ICCID that is unknown, or another customer's, is answered by 200 and nothing.
    if (status === 404 || (status < 300 && response.text.trim() === '')) return without();
    if (status === 403) return without({ path: '', message: '1NCE does not let this user read it (HTTP 403)' });
    // So ends v1, part by part; the rest of a SIM is read all the same.
    if (status === 405 || status === 410)
      return without({ path: '', message: `1NCE does not offer this any more (HTTP ${status})` });
    if (status === 422) return without({ path: '', message: 'the SIM has expired: only extensions are permitted' });
    const { value, rejected } = convert(jsonOf(caller, response), response);
    return { value, rejected: keepable(caller, rejected), receivedAt };
  });
}

function jsonOf(caller: OnenceCaller, response: HttpResponse): unknown {
  if (response.status !== 200) throw caller.malformed(response, `unexpected status HTTP ${response.status}`);
  const json = parseJson(response.text);
  if (!json.ok) throw caller.malformed(response, json.problem);
  return json.value;
}

function pagesOf(response: HttpResponse): number | undefined {
  const pages = countOf(response, 'x-total-pages');
  return pages === undefined ? undefined : Math.min(Math.max(pages, 1), MAX_PAGES);
}

function countOf({ headers }: HttpResponse, name: string): number | undefined {
  const text = headers.get(name)?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function keepable(caller: OnenceCaller, rejected: readonly Rejected[]): Rejected[] {
  return keptRejected(rejected, (text) => caller.clean(text, REJECTED_TEXT_LIMIT));
}
