/** A sentence of RouterOS's API made into the request by REST that asks the same, and the answer made into sentences. Pure. */
import { parsedObject } from './routeros-answers.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';

type Row = Readonly<Record<string, unknown>>;

export interface Command {
  readonly name: string;
  /** `=name=value`, and `.tag`. */
  readonly values: Readonly<Record<string, string>>;
  /** With the question mark, in order. */
  readonly queries: readonly string[];
}

export function commandOf([name = '', ...words]: readonly string[]): Command {
  const pairs = words.flatMap((word) => {
    const [, field, value] = /^=?(\.?[^=]+)=([\s\S]*)$/.exec(word) ?? [];
    return word.startsWith('?') || field === undefined || value === undefined ? [] : [[field, value] as const];
  });
  return { name, values: Object.fromEntries(pairs), queries: words.filter((word) => word.startsWith('?')) };
}

export function toRequest({ name, values }: Command): Pick<SimulatedRequest, 'method' | 'path' | 'query' | 'body'> {
  const [, menu = '', verb] = /^(.*)\/([^/]+)$/.exec(name) ?? [];
  const { '.tag': _tag, '.id': id = '', '.proplist': _fields, ...given } = values;
  const at = (path: string) => `/rest${path}`;
  const one = at(`${menu}/${encodeURIComponent(id)}`);
  const query = new URLSearchParams();
  switch (verb) {
    case 'print':
      return { method: 'GET', path: at(menu), query, body: '' };
    case 'add':
      return { method: 'PUT', path: at(menu), query, body: JSON.stringify(given) };
    case 'set':
      return { method: 'PATCH', path: one, query, body: JSON.stringify(given) };
    case 'remove':
      if (!id.includes(',')) return { method: 'DELETE', path: one, query, body: '' };
      return { method: 'POST', path: at(name), query, body: JSON.stringify({ '.id': id }) };
    default:
      return { method: 'POST', path: at(name), query, body: JSON.stringify(given) };
  }
}

/** Undefined for an answer that is none, such as a web page; behind `!fatal` the connection ends. */
export function toSentences(
  command: Command,
  { status, body }: SimulatedResponse,
  { saysEmpty }: { readonly saysEmpty: boolean },
): readonly (readonly string[])[] | undefined {
  const value: unknown = body === '' ? [] : parsed(body);
  const { detail, message } = parsedObject(body) ?? {};
  // A router that is out of order has no words about the question.
  if (status === 429 || (status >= 500 && detail === undefined)) return [['!fatal', String(message)]];
  if (status >= 400) return [...trapOf(command, status, body), ['!done']];
  if (status >= 300 || value === undefined) return undefined;
  const isAdd = command.name.endsWith('/add');
  const isSet = command.name.endsWith('/set');
  if (isAdd || isSet) return [['!done', ...(isAdd ? [`=ret=${String((value as Row)['.id'])}`] : [])]];
  const rows = (Array.isArray(value) ? value : [value]).filter((row: Row) => holds(command.queries, row)) as Row[];
  const fields = command.values['.proplist']?.split(',');
  const sentences = rows.map((row) => ['!re', ...wordsOf(row, fields)]);
  return [...sentences, ...(rows.length === 0 && saysEmpty ? [['!empty']] : []), ['!done']];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function wordsOf(row: Row, fields: readonly string[] | undefined): string[] {
  const shown = Object.entries(row).filter(([name]) => fields === undefined || fields.includes(name));
  return shown.map(([name, value]) => `=${name}=${String(value)}`);
}

function trapOf({ name }: Command, status: number, body: string): string[][] {
  const { detail, message } = parsedObject(body) ?? {};
  if (detail === 'Session closed') return [['!trap', '=category=2', '=message=interrupted']];
  // What is not there has no words of its own by REST.
  const missing = /\/(set|remove)$/.test(name) ? 'no such item' : 'no such command prefix';
  const said = status === 404 ? missing : (detail ?? message);
  return [['!trap', ...(status === 404 ? ['=category=0'] : []), `=message=${String(said)}`]];
}

/** Equality, `?-name` for a field that is not there, and `?#|` for either of the last two: all that is left on the stack must hold. */
function holds(queries: readonly string[], row: Row): boolean {
  const stack: boolean[] = [];
  for (const query of queries) {
    const [, name = '', value = ''] = /^\?=?(\.?[^=]+)=([\s\S]*)$/.exec(query) ?? [];
    if (query === '?#|') stack.push([stack.pop(), stack.pop()].some(Boolean));
    else if (query.startsWith('?-')) stack.push(row[query.slice(2)] === undefined);
    else stack.push(row[name] === value);
  }
  return stack.every(Boolean);
}
