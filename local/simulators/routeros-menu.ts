/** A menu of a simulated RouterOS: rows that REST lists, adds, changes and removes, with the router's own words for what is wrong. Pure. */
import { answered, listed, parsedObject, refused } from './routeros-answers.ts';
import { idOf } from './routeros-ports.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';

/** Every value is a string; what is unset is absent. */
export type MenuRow = Readonly<Record<string, string>>;

export interface Menu {
  /** Below `/rest`, without a slash at the end. */
  readonly path: string;
  /** What a new row has unless told. */
  readonly defaults: MenuRow;
  /** Parameters beside those with a default. */
  readonly parameters: readonly string[];
  readonly required: readonly string[];
  /** Fields that no two rows share, and the router's word for it. */
  readonly unique?: { readonly fields: readonly string[]; readonly word: string };
  /** How the router spells a value; undefined where it takes none such. */
  spell(parameter: string, value: string): string | undefined;
}

/** What a request makes of the rows; the same rows where it changes nothing. */
export interface MenuAnswer {
  readonly response: SimulatedResponse;
  readonly rows: readonly MenuRow[];
}

type MenuRequest = Pick<SimulatedRequest, 'method' | 'path' | 'query' | 'body'>;

/** `shown`: a row as it is told, with its counters. Undefined where the path is none of this menu's. */
export function answerMenu(
  menu: Menu,
  rows: readonly MenuRow[],
  request: MenuRequest,
  shown: (row: MenuRow) => MenuRow,
): MenuAnswer | undefined {
  const at = `/rest${menu.path}`;
  if (request.path === at) return answerWhole(menu, rows, request, shown);
  if (!request.path.startsWith(`${at}/`)) return undefined;
  if (request.method === 'POST' && request.path === `${at}/remove`) return removeMany(rows, request.body);
  const wanted = decodeURIComponent(request.path.slice(at.length + 1));
  const row = rows.find((one) => one['.id'] === wanted || one.name === wanted);
  return answerOne(menu, rows, row, request, shown);
}

function answerWhole(
  menu: Menu,
  rows: readonly MenuRow[],
  { method, query, body }: MenuRequest,
  shown: (row: MenuRow) => MenuRow,
): MenuAnswer {
  if (method === 'GET') return { response: listed(rows.map(shown), query), rows };
  if (method !== 'PUT') return { response: refused(404, 'Not Found'), rows };
  const given = parametersOf(menu, body, ['place-before']);
  if ('response' in given) return { ...given, rows };
  const { 'place-before': before, ...values } = given.values;
  const missing = menu.required.find((name) => values[name] === undefined);
  if (missing !== undefined) return { response: badRequest(`missing =${missing}=`), rows };
  const place = before === undefined ? rows.length : rows.findIndex((one) => one['.id'] === before);
  if (place < 0) return { response: badRequest('no such item'), rows };
  if (rows[place]?.dynamic === 'true') return { response: badRequest('failure: can not move dynamic item'), rows };
  const row = { '.id': nextId(rows), ...menu.defaults, ...values };
  if (isTaken(menu, rows, row)) return { response: badRequest(`failure: ${menu.unique?.word}`), rows };
  return { response: answered(shown(row)), rows: rows.toSpliced(place, 0, row) };
}

/** One after the other, up to the first that is not there. */
function removeMany(rows: readonly MenuRow[], body: string): MenuAnswer {
  const given = parsedObject(body);
  const ids = String(given?.['.id'] ?? given?.numbers ?? '').split(',');
  const known = new Set(rows.map((row) => row['.id']));
  const end = ids.findIndex((id) => !known.has(id));
  const gone = end < 0 ? ids : ids.slice(0, end);
  const left = rows.filter((row) => !gone.includes(row['.id'] ?? ''));
  return { response: end < 0 ? answered([]) : badRequest('no such item'), rows: left };
}

function answerOne(
  menu: Menu,
  rows: readonly MenuRow[],
  row: MenuRow | undefined,
  { method, body }: MenuRequest,
  shown: (row: MenuRow) => MenuRow,
): MenuAnswer {
  if (row === undefined) {
    const response = method === 'PATCH' ? badRequest('no such item') : refused(404, 'Not Found');
    return { response, rows };
  }
  if (method === 'GET') return { response: answered(shown(row)), rows };
  if (method !== 'PATCH' && method !== 'DELETE') return { response: refused(404, 'Not Found'), rows };
  if (row.dynamic === 'true') return { response: badRequest('failure: can not change dynamic item'), rows };
  if (method === 'DELETE') {
    return { response: { status: 204, body: '' }, rows: rows.filter((one) => one !== row) };
  }
  const given = parametersOf(menu, body);
  if ('response' in given) return { ...given, rows };
  const changed = { ...row, ...given.values };
  const others = rows.filter((one) => one !== row);
  if (isTaken(menu, others, changed)) return { response: badRequest(`failure: ${menu.unique?.word}`), rows };
  return { response: answered(shown(changed)), rows: rows.map((one) => (one === row ? changed : one)) };
}

/** The parameters as the router would spell them, or what it says of the first that it does not take. */
function parametersOf(
  menu: Menu,
  body: string,
  more: readonly string[] = [],
): { readonly values: Record<string, string> } | { readonly response: SimulatedResponse } {
  const given = parsedObject(body);
  if (given === undefined) return { response: badRequest('invalid JSON') };
  const known = [...Object.keys(menu.defaults), ...menu.parameters, ...more].filter((name) => !READ_ONLY.has(name));
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) return { response: badRequest(`unknown parameter ${name}`) };
    const spelt = more.includes(name) ? String(value) : menu.spell(name, String(value));
    if (spelt === undefined) return { response: badRequest(`invalid value for argument ${name}`) };
    values[name] = spelt;
  }
  return { values };
}

const READ_ONLY = new Set(['dynamic', 'invalid', 'creation-time']);

function isTaken({ unique }: Menu, rows: readonly MenuRow[], row: MenuRow): boolean {
  return unique !== undefined && rows.some((one) => unique.fields.every((field) => one[field] === row[field]));
}

function nextId(rows: readonly MenuRow[]): string {
  const used = rows.map((row) => Number.parseInt(row['.id']?.slice(1) ?? '0', 16));
  return idOf(Math.max(0, ...used) + 1);
}

function badRequest(detail: string): SimulatedResponse {
  return refused(400, 'Bad Request', detail);
}
