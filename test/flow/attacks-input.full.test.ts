import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';
import { expectNoFaults, expectProblem, namedIn } from './problems.ts';

let flow: Flow;
let bundleId: string;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTaara('demo');
  await flow.runNow('collect-taara');
  bundleId = (await flow.call('GET', '/v1/bundles')).body.items[0].id;
}, 120_000);

afterAll(() => flow.stop());

describe('fields that are not the caller’s to set', () => {
  const source = { id: 'mine', type: 'taara', name: 'Mine', settings: { hotspotId: '1' } };
  const rule = { id: 'mine', kind: 'bundle', type: 'absence', name: 'Mine', slots: 3, severity: 'warning' };

  test.each([
    ['POST', '/v1/sources', source],
    ['PATCH', '/v1/sources/home', { version: 1 }],
    ['POST', '/v1/rules', rule],
    ['PATCH', '/v1/rules/bundle-remaining', { version: 0 }],
  ] as const)('%s %s refuses tenant, role, simulated and the like by name', async (method, path, body) => {
    const strange = { tenant: 'rival', role: 'owner', simulated: false, quota: 1, builtIn: true, kindOf: 'x' };
    const answer = await flow.call(method, path, { body: { ...body, ...strange } });
    expectProblem(answer, 422);
    expect(namedIn(answer).sort()).toEqual(Object.keys(strange).sort());
  });

  test('a key that reaches for a prototype is refused, wherever it stands', async () => {
    for (const body of [
      '{"__proto__": {"role": "owner"}, "id": "mine"}',
      '{"id": "mine", "type": "taara", "name": "Mine", "settings": {"__proto__": {"hotspotId": "1"}}}',
      '{"version": 1, "settings": {"allocationBytes": {"__proto__": 5}}}',
    ]) {
      const [method, path] = body.includes('version') ? ['PATCH', '/v1/sources/home'] : ['POST', '/v1/sources'];
      const answer = await flow.call(method ?? '', path ?? '', { body });
      expectProblem(answer, [400, 422]);
      expect(answer.body.detail).toContain('__proto__');
    }
    const query = await flow.call('GET', '/v1/bundles?__proto__=x&constructor=y&toString=z');
    expectProblem(query, 422);
    expect(namedIn(query).sort()).toEqual(['query.__proto__', 'query.constructor', 'query.toString']);
  });
});

describe('absurd parameters', () => {
  const long = 'x'.repeat(10_000);
  const bundle = () => `/v1/bundles/${bundleId}`;
  const cases: [string, () => string, number | readonly number[]][] = [
    ['a huge limit', () => '/v1/bundles?limit=999999999999', 422],
    ['a limit of 0', () => '/v1/runs?limit=0', 422],
    ['a negative limit', () => '/v1/alerts?limit=-1', 422],
    ['a limit that is no number', () => '/v1/rules?limit=NaN', 422],
    ['a limit in hexadecimal', () => '/v1/rules?limit=0x10', 422],
    ['a limit with an exponent', () => '/v1/rules?limit=1e2', 422],
    ['an empty limit', () => '/v1/rules?limit=', 422],
    ['a parameter given twice', () => '/v1/rules?limit=5&limit=6', 422],
    ['a parameter given as a list', () => '/v1/rules?limit[]=5', 422],
    ['a parameter that does not exist', () => '/v1/bundles?sort=name', 422],
    ['a long cursor', () => `/v1/bundles?cursor=${long}`, 422],
    ['a long name of a parameter', () => `/v1/bundles?${long}=1`, 422],
    ['from after to', () => `${bundle()}/samples?from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z`, 422],
    ['from equal to to', () => `${bundle()}/samples?from=2026-11-20T00:00:00Z&to=2026-11-20T00:00:00Z`, 422],
    ['the year 0', () => `${bundle()}/samples?from=0000-01-01`, 422],
    ['a day in the year 0', () => `${bundle()}/samples?from=0000-01-01&to=0000-01-02&step=1d`, [200, 422]],
    ['a day before the year 0', () => `${bundle()}/stats?from=0000-01-01T00:00%2B14:00&to=0000-01-02`, [200, 422]],
    ['the end of time', () => `${bundle()}/samples?from=9999-12-30&to=9999-12-31T23:59:59Z&step=1d`, [200, 422]],
    ['beyond the end of time', () => `${bundle()}/samples?from=9999-12-30&to=9999-12-31T23:59:59-14:00`, [200, 422]],
    ['a range of 400 years', () => `${bundle()}/stats?from=1900-01-01&to=2300-01-01`, 422],
    ['a day that does not exist', () => `${bundle()}/samples?from=2026-02-31`, 422],
    ['a date in words', () => `${bundle()}/samples?from=yesterday`, 422],
    ['a number as a date', () => `${bundle()}/samples?from=-1`, 422],
    ['a metric that does not exist', () => `${bundle()}/samples?metric=price`, 422],
    ['a metric named like a prototype', () => `${bundle()}/samples?metric=constructor`, 422],
    ['a step named like a prototype', () => `${bundle()}/samples?step=toString`, 422],
    ['far too many points', () => `${bundle()}/samples?from=2026-01-01&step=5m`, 422],
    ['days of text', () => '/api/history?days=7;DROP', 422],
    ['0 days', () => '/api/history?days=0', 422],
    ['a million days', () => '/api/history?days=1000000', 422],
    ['an id of 10,000 characters', () => `/v1/bundles/${long}`, [404, 422]],
    ['a source of 10,000 characters', () => `/v1/sources/${long}`, [404, 422]],
    ['a rule of 10,000 characters', () => `/v1/rules/${long}`, [404, 422]],
    ['an alert of 10,000 characters', () => `/v1/alerts/${long}`, [404, 422]],
    ['an interface of 10,000 characters', () => `/v1/interfaces/${long}/stats`, [404, 422]],
    [
      'an alert that looks like one',
      () => `/v1/alerts/${'x'.repeat(3000)}=23rule=232026-11-20T00:00:00.000Z`,
      [404, 422],
    ],
    ['an entity that is no id', () => '/v1/alerts?entity=%23%23', [404, 422]],
    ['an id of 2000 characters from everywhere', () => `/v1/sources/${'%F0%9F%98%80'.repeat(500)}`, [404, 422]],
    ['a percent sign that encodes nothing', () => '/v1/bundles/%zz', 404],
    ['half a percent code', () => '/v1/sources/%E0%A4%A', [404, 422]],
    ['a NUL', () => '/v1/sources/a%00b', [404, 422]],
    ['a NUL in a bundle', () => '/v1/bundles/a%00b', 404],
    ['a lone surrogate', () => '/v1/bundles/%ED%A0%80', 404],
    ['an encoded slash', () => '/v1/sources/..%2f..%2fdemo', [404, 422]],
    ['a hash', () => '/v1/sources/demo%23C%23tenant', [404, 422]],
    ['a wild card', () => '/v1/sources/*', [404, 422]],
    ['a prototype as an id', () => '/v1/rules/__proto__', 404],
    ['a source filter with a NUL', () => '/v1/runs?source=%00', [200, 422]],
    ['a source filter of 10,000 characters', () => `/v1/runs?source=${long}`, 422],
    ['a kind of 10,000 characters', () => `/v1/rules?kind=${long}`, [200, 422]],
  ];

  test.each(cases)('%s is refused with a sentence', async (_, path, status) => {
    const answer = await flow.call('GET', path());
    if (answer.status === 200) expect(status).toContain(200);
    else expectProblem(answer, status);
  });

  test('absurd ranges are refused in no time', async () => {
    const path = `${bundle()}/samples?from=0000-01-01&to=9999-12-31&step=5m`;
    await flow.call('GET', path);
    const times: number[] = [];
    for (let i = 0; i < 9; i++) {
      const startedAt = performance.now();
      expectProblem(await flow.call('GET', path), 422);
      times.push(performance.now() - startedAt);
    }
    // The median: this machine may be busy with something else.
    expect(times.sort((a, b) => a - b)[4]).toBeLessThan(50);
  });

  const source = { id: 'mine', type: 'taara', name: 'Mine' };
  const rule = {
    id: 'mine',
    kind: 'bundle',
    type: 'threshold',
    name: 'Mine',
    metric: 'remainingPercent',
    comparison: 'below',
    levels: [{ severity: 'warning', fire: 10, clear: 12 }],
  };
  const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  const bodies: [string, string, unknown, number | readonly number[]][] = [
    ['nothing', '/v1/sources', '', 400],
    ['half an object', '/v1/sources', '{"id":', 400],
    ['a trailing comma', '/v1/rules', '{"id":"x",}', 400],
    ['NaN', '/v1/rules', '{"holdSeconds":NaN}', 400],
    ['100,000 brackets', '/v1/sources', '['.repeat(100_000), 400],
    ['a deep list', '/v1/sources', '['.repeat(50_000) + ']'.repeat(50_000), [400, 422]],
    ['a deep object', '/v1/sources', { ...source, settings: deep(500) }, 422],
    ['a list', '/v1/sources', [], 422],
    ['null', '/v1/rules', 'null', 422],
    ['a text', '/v1/rules', '"x"', 422],
    ['a name of 10,000 characters', '/v1/sources', { ...source, name: long }, 422],
    ['a NUL in a name', '/v1/sources', { ...source, name: 'a\u0000b' }, 422],
    ['a lone surrogate in a name', '/v1/sources', '{"id":"mine","type":"taara","name":"a\\ud800b"}', 422],
    ['a lone surrogate in an id', '/v1/rules', { ...rule, id: '\ud800' }, 422],
    [
      'a lone surrogate in a rule',
      '/v1/rules',
      JSON.stringify({ ...rule, name: 'x' }).replace('"x"', '"\\udfff"'),
      422,
    ],
    ['a NUL in a rule', '/v1/rules', { ...rule, name: 'a\u0000b' }, 422],
    ['a period without end', '/v1/sources', '{"id":"mine","type":"taara","name":"Mine","periodSeconds":1e999}', 422],
    ['a negative period', '/v1/sources', { ...source, periodSeconds: -60 }, 422],
    ['a number as a name', '/v1/sources', { ...source, name: 5 }, 422],
    ['a list as a name', '/v1/sources', { ...source, name: ['Mine'] }, 422],
    ['settings of a megabyte', '/v1/sources', { ...source, settings: { hotspotId: 'x'.repeat(1_000_000) } }, 422],
    ['a credential of a megabyte', '/v1/sources', { ...source, credentials: { passcode: 'x'.repeat(1_000_000) } }, 422],
    [
      'a threshold that no table holds',
      '/v1/rules',
      { ...rule, levels: [{ severity: 'warning', fire: 1e300, clear: 1.1e300 }] },
      422,
    ],
    [
      'a threshold that is nearly nothing',
      '/v1/rules',
      { ...rule, levels: [{ severity: 'warning', fire: 1e-300, clear: 1 }] },
      422,
    ],
    ['a message with a brace', '/v1/rules', { ...rule, message: '{constructor}' }, 422],
    [
      '10,000 entities',
      '/v1/rules',
      { ...rule, selector: { entities: Array.from({ length: 10_000 }, (_, i) => `home~${i}`) } },
      422,
    ],
    [
      '10,000 labels',
      '/v1/rules',
      { ...rule, selector: { labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, 'x'])) } },
      422,
    ],
    ['a label of 10,000 characters', '/v1/rules', { ...rule, selector: { labels: { a: long } } }, 422],
    ['10,000 levels', '/v1/rules', { ...rule, levels: Array.from({ length: 10_000 }, () => rule.levels[0]) }, 422],
  ];

  test('a body of a hundred thousand mistakes is answered with the first hundred and their number', async () => {
    const strange = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`field-${i}`, i]));
    const answer = await flow.call('POST', '/v1/sources', { body: { ...source, ...strange, [long]: 1 } });
    expectProblem(answer, 422);
    expect(answer.body.errors).toHaveLength(101);
    expect(answer.body.errors.at(-1).message).toMatch(/^and 99\d{3} more$/);
    expect(JSON.stringify(answer.body).length).toBeLessThan(50_000);
  });

  test.each(bodies)('a body of %s is refused with a sentence', async (_, path, body, status) => {
    const answer = await flow.call('POST', path, { body });
    expectProblem(answer, status);
    expect(JSON.stringify(answer.body).length).toBeLessThan(100_000);
  });

  test('everything that is wrong is listed at once', async () => {
    const body = {
      id: 'UPPER',
      type: 'fax',
      name: '',
      enabled: 'yes',
      periodSeconds: 61,
      settings: [],
      credentials: 5,
      more: 1,
    };
    const answer = await flow.call('POST', '/v1/sources', { body });
    expectProblem(answer, 422);
    expect(namedIn(answer).sort()).toEqual(Object.keys(body).sort());
    const snmp = {
      id: 'UPPER',
      type: 'snmp',
      name: '',
      settings: { host: '', port: 0 },
      credentials: { passcode: 'x' },
    };
    expect(namedIn(await flow.call('POST', '/v1/sources', { body: snmp }))).toEqual(
      expect.arrayContaining([
        'id',
        'name',
        'settings.host',
        'settings.port',
        'credentials.community',
        'credentials.passcode',
      ]),
    );
    const query = await flow.call('GET', `${bundle()}/samples?metric=x&from=y&to=z&step=q&other=1`);
    expect(namedIn(query).sort()).toEqual(['query.from', 'query.metric', 'query.other', 'query.step', 'query.to']);
  });

  test('a target that is no path is refused, not a fault', async () => {
    const { hostname, port } = new URL(flow.cloud.publicUrl);
    for (const path of ['//', '//%', 'http://[', '/%', '/v1/%/x', '/_local/%zz', '*']) {
      const status = await new Promise<number>((resolve, reject) => {
        const outgoing = request({ host: hostname, port, path, method: 'GET', timeout: 10_000 }, (incoming) => {
          incoming.resume();
          resolve(incoming.statusCode ?? 0);
        });
        outgoing.on('error', reject).end();
      });
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(status, path).toBeLessThan(500);
    }
  });
});

test('after all of it no function met a fault of its own', () => expectNoFaults(flow));
