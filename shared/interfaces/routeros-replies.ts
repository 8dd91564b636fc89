/** What a RouterOS says in the sentences of its API: rows, an end, a refusal in its own words. Pure. */
import { AppError } from '../platform/errors.ts';
import { isChange, LOGIN_FAILED, type RouterosRequest } from './routeros-call.ts';
import { displayText } from './text.ts';

export type ReplyKind = (typeof KINDS)[number];
/** `!empty` came with 7.18 and stands before the end of what has no rows. */
const KINDS = ['!re', '!done', '!trap', '!fatal', '!empty'] as const;

type Values = Readonly<Record<string, string>>;

export interface Reply {
  readonly kind: ReplyKind;
  readonly tag: string | undefined;
  readonly values: Values;
  /** Of `!fatal`, which has its reason as a word without a name. */
  readonly reason: string | undefined;
}

/** All that came before the end of an answer. */
export interface ApiAnswer {
  readonly rows: readonly Values[];
  /** Of the end, such as `ret`. */
  readonly values: Values;
  /** The first refusal; what comes after it follows from it. */
  readonly trap: Values | undefined;
}

/** Fields that say yes or no, which older versions do in these words. */
const FLAGS: ReadonlySet<string> = new Set(['running', 'disabled', 'dynamic', 'invalid']);
const FLAG_WORDS: Readonly<Record<string, string>> = { yes: 'true', no: 'false' };

/** Throws SOURCE_MALFORMED for a sentence that is no reply. */
export function replyOf([kind = '', ...words]: readonly string[]): Reply {
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) throw new AppError('SOURCE_MALFORMED', 'the router sent a sentence that is no reply');
  const pairs = words.flatMap((word): [string, string][] => {
    const [, name, value] = /^=([^=]+)=([\s\S]*)$/.exec(word) ?? [];
    return name === undefined || value === undefined ? [] : [[name, spelt(name, value)]];
  });
  return {
    kind: known,
    tag: words.find((word) => word.startsWith('.tag='))?.slice('.tag='.length),
    values: Object.fromEntries(pairs),
    reason: words.find((word) => !/^[=.]/.test(word)),
  };
}

function spelt(name: string, value: string): string {
  return (FLAGS.has(name) ? FLAG_WORDS[value] : undefined) ?? value;
}

/** The question as the API takes it. */
export function toWords(request: RouterosRequest): string[] {
  switch (request.verb) {
    case 'print': {
      const { menu, id, fields, where = {} } = request;
      const wanted = Object.entries({ ...where, ...(id === undefined ? {} : { '.id': id }) });
      return [
        `${menu}/print`,
        ...(fields === undefined ? [] : [`=.proplist=${fields.join(',')}`]),
        ...wanted.flatMap(([name, value]) => queryOf(name, value)),
      ];
    }
    case 'add':
      return [`${request.menu}/add`, ...given(request.values)];
    case 'set':
      return [`${request.menu}/set`, `=.id=${request.id}`, ...given(request.values)];
    case 'remove':
      return [`${request.menu}/remove`, `=.id=${request.ids.join(',')}`];
    case 'run':
      return [request.command, ...given(request.values)];
  }
}

function given(values: Values): string[] {
  return Object.entries(values).map(([name, value]) => `=${name}=${value}`);
}

/** Queries stand on a stack, and all that is left on it must hold. A flag is asked for in both of its words; one that is not told is none. */
function queryOf(name: string, value: string): string[] {
  const query = `?${name}=${value}`;
  if (value === 'true') return [query, `?${name}=yes`, '?#|'];
  return value === 'false' ? [query, `?${name}=no`, '?#|', `?-${name}`, '?#|'] : [query];
}

/** Of a router's words: what comes behind is nobody's to read. */
const WORDS_LIMIT = 4_000;

/** Its words without what nobody can see, which could stand in the middle of a password; still to be cleaned. */
export function saidIn(text: string | undefined): string {
  return displayText(text ?? '', WORDS_LIMIT) || 'no reason given';
}

/** What a refused login means; `said` is to be cleaned. Only a router that is at fault itself is worth another try. */
export function loginFailure(said: string): AppError {
  if (/time[d ]*out|busy|too many|interrupted/i.test(said)) {
    return new AppError('SOURCE_UNAVAILABLE', `the router could not log this user in (${said})`);
  }
  return new AppError('SOURCE_REJECTED', `the router refused the user or its password (${said})`, {
    context: { failure: LOGIN_FAILED },
  });
}

/** What a refused question means; `said` are its words, clean. */
export function trapFailure(request: RouterosRequest, said: string, category: string | undefined): AppError {
  const context = { said };
  if (/not enough permissions|not permitted/i.test(said)) {
    return new AppError('SOURCE_REJECTED', `${noRight(request)} (${said})`, { context });
  }
  // Category 2 is an interruption.
  if (category === '2' || /interrupted|timed? ?out/i.test(said)) {
    return new AppError('SOURCE_UNAVAILABLE', `the router broke ${commandOf(request)} off (${said})`, { context });
  }
  return new AppError('SOURCE_MALFORMED', `the router refused ${commandOf(request)} (${said})`, { context });
}

function commandOf(request: RouterosRequest): string {
  return toWords(request)[0] ?? '';
}

function noRight(request: RouterosRequest): string {
  return isChange(request)
    ? 'the router does not let this user change anything: give its group the policy write, or store writeUser and writePassword'
    : 'the router does not let this user read by its API: give its group the policies read and api';
}
