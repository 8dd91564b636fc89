/** Timestream write and query, which share one signing name; a query's tables are read from its SQL. Pure. */
import {
  arnOf,
  type DescribedRequest,
  describeByTable,
  type ResourceOf,
  readJson,
  requiredText,
  UnsupportedRequest,
  type WireRequest,
  type World,
} from './wire.ts';

const anywhere: ResourceOf = () => '*';
const database: ResourceOf = (fields, world, operation) =>
  arnOf(world, 'timestream', `database/${requiredText(fields, 'DatabaseName', operation)}`);
const table: ResourceOf = (fields, world, operation) =>
  `${database(fields, world, operation)}/table/${requiredText(fields, 'TableName', operation)}`;

const describeWrite = describeByTable('timestream', {
  DescribeEndpoints: anywhere,
  ListDatabases: anywhere,
  CancelQuery: anywhere,
  WriteRecords: table,
  CreateTable: table,
  DescribeTable: table,
  UpdateTable: table,
  DeleteTable: table,
  CreateDatabase: database,
  DescribeDatabase: database,
  UpdateDatabase: database,
  DeleteDatabase: database,
  // Without a database it lists all tables.
  ListTables: (fields, world, operation) => (fields.DatabaseName ? database(fields, world, operation) : '*'),
});

/** JSON 1.0, `Timestream_20181101.<Operation>`. */
export function describeTimestream(request: WireRequest, world: World): DescribedRequest[] {
  const { operation, fields } = readJson(request);
  if (operation !== 'Query' && operation !== 'PrepareQuery') return describeWrite(request, world);
  const needed = neededBy(requiredText(fields, 'QueryString', operation), world);
  return needed.map(({ action, resource }) => ({
    action: `timestream:${operation === 'PrepareQuery' && action === 'Select' ? 'PrepareQuery' : action}`,
    resource,
    context: {},
    operation,
  }));
}

interface Needed {
  readonly action: string;
  readonly resource: string;
}

const NAME = /"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_]*/.source;
const TABLE = new RegExp(`^(${NAME})\\s*(?:\\.\\s*(${NAME}))?`);

function neededBy(sql: string, world: World): Needed[] {
  const text = withoutCommentsAndTexts(sql).trim();
  const verb = /^[a-z]+/i.exec(text)?.[0]?.toUpperCase();
  if (verb === 'SELECT' || verb === 'WITH') return selected(text, world);
  const resourceOf = (name: string) => tableArn(name, world);
  const show = /^SHOW\s+(DATABASES|TABLES\s+FROM|MEASURES\s+FROM)\s*(.*)$/is.exec(text);
  if (show?.[1]?.toUpperCase() === 'DATABASES') return [{ action: 'ListDatabases', resource: '*' }];
  if (/^TABLES/i.test(show?.[1] ?? '')) {
    return [{ action: 'ListTables', resource: arnOf(world, 'timestream', `database/${unquote(wordOf(show?.[2]))}`) }];
  }
  if (/^MEASURES/i.test(show?.[1] ?? '')) return [{ action: 'ListMeasures', resource: resourceOf(show?.[2] ?? '') }];
  const described = /^(?:DESCRIBE|DESC)\s+(.*)$/is.exec(text);
  if (described) return [{ action: 'DescribeTable', resource: resourceOf(described[1] ?? '') }];
  throw new UnsupportedRequest(`Query: the local cloud cannot tell which permission ${verb ?? 'this text'} needs`);
}

/** One Select per table; a query without any table needs SelectValues. */
function selected(text: string, world: World): Needed[] {
  const own = new Set(
    [...text.matchAll(new RegExp(`(?:\\bWITH|,)\\s*(${NAME})\\s*(?:\\([^()]*\\)\\s*)?AS\\s*\\(`, 'gi'))].map((found) =>
      unquote(found[1] ?? '').toLowerCase(),
    ),
  );
  const resources = new Set<string>();
  for (const source of sources(text)) {
    const [, first = '', second] = TABLE.exec(source) ?? [];
    if (second === undefined && (own.has(unquote(first).toLowerCase()) || /^unnest$/i.test(first))) continue;
    resources.add(tableArn(source, world));
  }
  if (resources.size === 0) return [{ action: 'SelectValues', resource: '*' }];
  return [...resources].map((resource) => ({ action: 'Select', resource }));
}

/** What stands after each FROM, JOIN and comma of a FROM list; `extract(x FROM y)` and its like are no list. */
function sources(text: string): string[] {
  const found: string[] = [];
  const bare = text.replace(/\b(?:extract|trim|substring)\s*\([^()]*\)/gi, ' ');
  for (const { index, 0: word } of bare.matchAll(/\b(?:FROM|JOIN)\b/gi)) {
    const after = bare.slice(index + word.length).trimStart();
    for (const item of /^from$/i.test(word) ? listItems(after) : [after]) {
      // A sub-query brings its own FROM; a parenthesis around tables would hide them.
      if (!/^\(\s*(select|with|values)\b/i.test(item)) found.push(item);
    }
  }
  return found;
}

/** The items of a FROM list, cut at its commas outside parentheses and at the end of the clause. */
function listItems(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*|[(),]/g)) {
    if (token === '(') depth++;
    else if (token === ')') depth--;
    if (depth < 0 || (depth === 0 && CLAUSE.test(token))) return [...items, text.slice(from, index).trim()];
    if (depth === 0 && token === ',') {
      items.push(text.slice(from, index).trim());
      from = index + 1;
    }
  }
  return [...items, text.slice(from).trim()];
}

const CLAUSE =
  /^(where|group|having|order|limit|offset|union|intersect|except|join|inner|left|right|full|cross|on|window)$/i;

function tableArn(source: string, world: World): string {
  const [, first, second] = TABLE.exec(source.trim()) ?? [];
  if (first === undefined || second === undefined) {
    throw new UnsupportedRequest(`Query: ${JSON.stringify(source.slice(0, 60))} is not "database"."table"`);
  }
  return arnOf(world, 'timestream', `database/${unquote(first)}/table/${unquote(second)}`);
}

function wordOf(text = ''): string {
  return TABLE.exec(text.trim())?.[1] ?? '';
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** Neither comments nor text literals may look like a table. */
function withoutCommentsAndTexts(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, (token) => {
    if (token.startsWith('"')) return token;
    return token.startsWith("'") ? "''" : ' ';
  });
}
