import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApiDocument } from '../../functions/api/openapi.ts';
import { localSubject } from '../../local/services/identity.ts';
import { type Flow, startFlow } from './flow.ts';
import { inline, type JsonSchema, type Operation, operationsOf } from './openapi-reading.ts';
import { expectNoFaults } from './problems.ts';

/** Calls of each operation; the two that start collections are called less often, for each takes a while. */
const CALLS = 60 * Number(process.env.HEADROOM_LONG ?? 1);
const FEW_CALLS = 6;
/** Of each operation, however many calls are asked for. */
const LONGEST_MS = 4000;
/** What only tenant `demo` knows; the caller is of another tenant. */
const ONLY_DEMO = ['Home link', 'Office link', '1 Month Unlimited'];

let flow: Flow;
let token: string;
let knownIds: string[];

beforeAll(async () => {
  flow = await startFlow({ sims: 3 });
  for (const tenant of ['demo', 'rival']) await flow.addTenant(tenant);
  await flow.addTaara('demo');
  await flow.call('POST', '/v1/sources', { tenant: 'rival', body: { id: 'own', type: 'taara', name: 'Own' } });
  for (const tenant of ['demo', 'rival']) await flow.addFleet(tenant);
  await flow.runNow('collect-taara');
  await flow.runNow('collect-sims');
  const bundles = (await flow.call('GET', '/v1/bundles')).body.items;
  const alerts = (await flow.call('GET', '/v1/alerts')).body.items;
  knownIds = [
    '8988000000000000001',
    '8988000000000000002',
    bundles[0].id,
    alerts[0].id,
    'home',
    'own',
    'bundle-remaining',
    'interface-load',
    'fuzzed',
  ];
  token = (await flow.cloud.identity?.token(localSubject('rival', 'admin'))) ?? '';
}, 120_000);

afterAll(() => flow.stop());

const WILD = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e309',
    'NaN',
    'null',
    'true',
    '[]',
    '{}',
    '\u0000',
    '\ud800',
    '\u202e',
    '😀',
    '%',
    '%zz',
    '#',
    '~',
  ],
  ...['__proto__', 'constructor', 'toString', 'demo', 'demo#C#tenant', '../x', "' OR 1=1", '{{x}}', '<script>'],
  ...['2026-11-20', '2026-11-20T09:00:00Z', '2026-02-30', '9999-12-31', '0000-01-01', '2026-11-20T09:00:00+24:00'],
  ...['x'.repeat(1000), 'ü'.repeat(500), '9'.repeat(400)],
];

const wildText = fc.oneof(fc.constantFrom(...WILD), fc.string({ unit: 'binary', maxLength: 40 }), fc.string());
const wildValue = fc.oneof(
  wildText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, -1e-300, 2 ** 53, [], {}, [[[[]]]], { a: { b: {} } }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values of the schema, with something wrong in them now and then. */
function anyValue(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: fittingValue(schema) }, { weight: 1, arbitrary: wildValue });
}

function fittingValue(schema: JsonSchema): fc.Arbitrary<unknown> {
  const options = (schema.oneOf ?? schema.anyOf) as JsonSchema[] | undefined;
  if (options) return fc.oneof(...options.map(anyValue));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(anyValue((schema.items ?? {}) as JsonSchema), { maxLength: 4 });
    case 'number':
      return fc.oneof(fc.constantFrom(0, 1, 5, 20, 60, 300, 900), fc.double());
    case 'integer':
      return fc.integer({ min: 0, max: 3 });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return fc.oneof(fc.constantFrom('fuzzed', 'bundle', 'interface', 'remaining', '44', '7700900777'), wildText);
    default:
      return wildValue;
  }
}

function objectOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = (schema.required ?? []) as string[];
  const known = fc.record(
    Object.fromEntries(properties.map(([name, property]) => [name, anyValue(property)])) as Record<
      string,
      fc.Arbitrary<unknown>
    >,
    { requiredKeys: required },
  );
  const strange = fc.dictionary(fc.oneof(wildText, fc.constantFrom('tenant', 'role', 'host', 'passcode')), wildValue, {
    maxKeys: 2,
  });
  return fc
    .tuple(known, fc.option(strange, { freq: 4 }), fc.option(fc.constantFrom('', ...required), { freq: 6 }))
    .map(([given, more, left]) =>
      Object.fromEntries(Object.entries({ ...given, ...more }).filter(([name]) => name !== left)),
    );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

interface Call {
  readonly path: string;
  readonly body: string | undefined;
}

function callOf(operation: Operation): fc.Arbitrary<Call> {
  const id = fc.oneof({ weight: 3, arbitrary: fc.nat().map((n) => knownIds[n % knownIds.length] ?? '') }, wildText);
  const inQuery = operation.parameters.filter((p) => p.in === 'query');
  const query = fc.tuple(
    fc.record(
      Object.fromEntries(inQuery.map((p) => [p.name, fc.oneof(anyValue(p.schema).map(asText), wildText)])) as Record<
        string,
        fc.Arbitrary<string>
      >,
      { requiredKeys: [] },
    ),
    fc.option(fc.tuple(wildText, wildText), { freq: 6 }),
  );
  const body = operation.body ? bodyOf(operation.body) : fc.constant(undefined);
  // A segment of dots, or none, is another path.
  return fc
    .tuple(
      id.filter((text) => !/^\.{0,2}$/.test(text)),
      query,
      body,
    )
    .map(([id, [known, strange], text]) => {
      const parameters = new URLSearchParams([
        ...(Object.entries(known) as [string, string][]),
        ...(strange ? [strange] : []),
      ]);
      const path = operation.path.replace(/\{\w+\}/g, () => segmentOf(id));
      return { path: `${path}${parameters.size > 0 ? `?${parameters}` : ''}`, body: text };
    });
}

/** Half a character has no percent code of its own: the octets that broken software makes of it are sent. */
function segmentOf(text: string): string {
  return [...text].map((c) => (/\p{Cs}/u.test(c) ? '%ED%A0%80' : encodeURIComponent(c))).join('');
}

function bodyOf({ type, schema }: { type: string; schema: JsonSchema }): fc.Arbitrary<string> {
  if (type === 'text/csv') {
    const cell = fc.oneof(wildText, fc.constantFrom('2026-11-01T00:00:00Z', '0000000000000000000000a1', '5', '=1+1'));
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 });
    return rows.map((all) => [['at', 'entity', 'remaining'], ...all].map((r) => r.join(',')).join('\n'));
  }
  const text = anyValue(schema).map((value) => JSON.stringify(value) ?? '');
  return fc.oneof({ weight: 12, arbitrary: text }, { weight: 1, arbitrary: wildText });
}

const problem = inline({ $ref: '#/components/schemas/Problem' });

async function check(operation: Operation, { path, body }: Call): Promise<void> {
  const startedAt = performance.now();
  const response = await fetch(`${flow.cloud.publicUrl}${path}`, {
    method: operation.method,
    headers: { authorization: `Bearer ${token}`, 'content-type': operation.body?.type ?? 'application/json' },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const shown = `${operation.method} ${path} ${body ?? ''}\n${response.status} ${text}`;
  expect(response.status, shown).toBeLessThan(500);
  for (const name of ONLY_DEMO) expect(text, shown).not.toContain(name);
  const slow = operation.key === 'POST /api/collect';
  if (!slow) expect(performance.now() - startedAt, shown).toBeLessThan(10_000);
  if (response.status >= 400) {
    expect(response.headers.get('content-type'), shown).toBe('application/problem+json');
    expect(problem.safeParse(JSON.parse(text)).error?.issues ?? [], shown).toEqual([]);
    return;
  }
  const done = operation.responses.find((one) => one.status === String(response.status));
  expect(done, shown).toBeDefined();
  if (done?.schema && done.type === 'application/json')
    expect(inline(done.schema).safeParse(JSON.parse(text)).error?.issues ?? [], shown).toEqual([]);
}

test.each(operationsOf(openApiDocument()).map((o) => [o.key, o] as const))(
  'whatever is sent to %s, it answers by its schema or refuses in words',
  async (key, operation) => {
    const starts = /collect$/.test(key);
    await fc.assert(
      fc.asyncProperty(callOf(operation), (call) => check(operation, call)),
      { numRuns: starts ? FEW_CALLS : CALLS, interruptAfterTimeLimit: LONGEST_MS, markInterruptAsFailure: false },
    );
  },
  60_000,
);

test('and no function met a fault of its own', async () => {
  await flow.settle();
  await expectNoFaults(flow);
});
