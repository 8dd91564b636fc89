/** The part of DynamoDB's expression language that the house uses, for the table in memory: conditions and updates. */
import type { Item } from '../../shared/platform/table.dynamodb.ts';

export interface Names {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

type Value = unknown;

const TOKEN = /\s*(<>|<=|>=|[=<>(),+-]|:\w+|#?\w+(?:\.#?\w+)*)/y;

class Tokens {
  readonly list: string[];
  at = 0;
  constructor(text: string) {
    this.list = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (!match?.[1]) throw new Error(`ValidationException: cannot read ${JSON.stringify(text.slice(from))}`);
      this.list.push(match[1]);
    }
  }
  peek(): string {
    return this.list[this.at] ?? '';
  }
  next(): string {
    return this.list[this.at++] ?? '';
  }
  word(text: string): boolean {
    if (this.peek().toUpperCase() !== text) return false;
    this.at++;
    return true;
  }
  expect(text: string): void {
    if (!this.word(text))
      throw new Error(`ValidationException: expected ${text} before ${JSON.stringify(this.peek())}`);
  }
}

/** True when the condition holds for the item (an absent item has no attributes). */
export function holds(condition: string | undefined, item: Item | undefined, given: Names): boolean {
  if (condition === undefined) return true;
  const tokens = new Tokens(condition);
  const result = either(tokens, item ?? {}, given);
  if (tokens.peek() !== '') throw new Error(`ValidationException: trailing ${tokens.peek()}`);
  return result;
}

function either(t: Tokens, item: Item, given: Names): boolean {
  let result = both(t, item, given);
  while (t.word('OR')) result = both(t, item, given) || result;
  return result;
}

function both(t: Tokens, item: Item, given: Names): boolean {
  let result = single(t, item, given);
  while (t.word('AND')) result = single(t, item, given) && result;
  return result;
}

function single(t: Tokens, item: Item, given: Names): boolean {
  if (t.word('NOT')) return !single(t, item, given);
  if (t.word('(')) {
    const result = either(t, item, given);
    t.expect(')');
    return result;
  }
  for (const name of ['ATTRIBUTE_EXISTS', 'ATTRIBUTE_NOT_EXISTS', 'BEGINS_WITH']) {
    if (t.word(name)) return call(name, t, item, given);
  }
  return comparison(t, item, given);
}

function call(name: string, t: Tokens, item: Item, given: Names): boolean {
  t.expect('(');
  const subject = operand(t, item, given);
  let result = name === 'ATTRIBUTE_EXISTS' ? subject !== undefined : subject === undefined;
  if (name === 'BEGINS_WITH') {
    t.expect(',');
    result = String(subject ?? '').startsWith(String(operand(t, item, given)));
  }
  t.expect(')');
  return result;
}

function comparison(t: Tokens, item: Item, given: Names): boolean {
  const left = operand(t, item, given);
  if (t.word('BETWEEN')) {
    const low = operand(t, item, given);
    t.expect('AND');
    const high = operand(t, item, given);
    return comparable(left, low) && (left as string) >= (low as string) && (left as string) <= (high as string);
  }
  const operator = t.next();
  const right = operand(t, item, given);
  if (operator === '=') return same(left, right);
  if (operator === '<>') return !same(left, right);
  // An attribute that is absent, or of another type, compares with nothing.
  if (!comparable(left, right)) return false;
  const [a, b] = [left as number, right as number];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  if (operator === '>') return a > b;
  if (operator === '>=') return a >= b;
  throw new Error(`ValidationException: unknown operator ${operator}`);
}

function comparable(a: Value, b: Value): boolean {
  return a !== undefined && b !== undefined && typeof a === typeof b;
}

function same(a: Value, b: Value): boolean {
  return a !== undefined && JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function plain(value: Value): Value {
  return value instanceof Uint8Array ? [...value] : value;
}

function operand(t: Tokens, item: Item, given: Names): Value {
  if (t.word('SIZE')) {
    t.expect('(');
    const sized = operand(t, item, given) as { length?: number } | undefined;
    t.expect(')');
    return sized?.length;
  }
  const token = t.next();
  if (!token.startsWith(':'))
    return pathOf(token, given).reduce<Value>((v, name) => (v as Item | undefined)?.[name], item);
  if (!(token in given.values)) throw new Error(`ValidationException: no value for ${token}`);
  return given.values[token];
}

function pathOf(token: string, given: Names): string[] {
  return token.split('.').map((name) => {
    if (!name.startsWith('#')) return name;
    const real = given.names[name];
    if (real === undefined) throw new Error(`ValidationException: no name for ${name}`);
    return real;
  });
}

/** The item after `SET a = x, … REMOVE b, … ADD c :n`. Only whole attributes, as the house writes them. */
export function updated(expression: string, item: Item, given: Names): Item {
  const t = new Tokens(expression);
  const out: Item = { ...item };
  while (t.peek() !== '') {
    const clause = t.next().toUpperCase();
    do {
      const [name = ''] = pathOf(t.next(), given);
      if (clause === 'REMOVE') delete out[name];
      else if (clause === 'ADD') out[name] = Number(item[name] ?? 0) + Number(operand(t, item, given));
      else if (clause === 'SET') {
        t.expect('=');
        out[name] = sum(t, item, given);
      } else throw new Error(`ValidationException: unknown clause ${clause}`);
    } while (t.word(','));
  }
  return out;
}

function sum(t: Tokens, item: Item, given: Names): Value {
  const left = term(t, item, given);
  if (t.word('+')) return Number(left) + Number(term(t, item, given));
  if (t.word('-')) return Number(left) - Number(term(t, item, given));
  return left;
}

function term(t: Tokens, item: Item, given: Names): Value {
  if (!t.word('IF_NOT_EXISTS')) return operand(t, item, given);
  t.expect('(');
  const existing = operand(t, item, given);
  t.expect(',');
  const fallback = operand(t, item, given);
  t.expect(')');
  return existing ?? fallback;
}
