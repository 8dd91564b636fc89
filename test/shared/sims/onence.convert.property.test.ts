import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Converted,
  convertCell,
  convertEvents,
  convertLimits,
  convertQuota,
  convertSim,
  convertSimList,
  convertSmsId,
  convertSmsList,
  convertStatus,
  convertToken,
  convertUsage,
  errorText,
} from '../../../shared/sims/onence.convert.ts';
import { megabytesText } from '../../../shared/sims/sim.ts';
import { fixture } from './onence-fixtures.ts';

const runs = process.env.HEADROOM_LONG ? 20_000 : 400;

/** All that six decimals can say within the exact range of a double: fifteen digits. */
const micro = fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n });

test('every volume of six decimals below a petabyte is read exactly, as a number and as a text', () => {
  fc.assert(
    fc.property(micro, (amount) => {
      const text = megabytesText(amount);
      const asNumber: unknown = JSON.parse(`{"volume":${text}}`);
      expect(convertQuota(asNumber, 'data')).toMatchObject({ value: { remaining: amount }, rejected: [] });
      expect(convertQuota({ volume: text }, 'data')).toMatchObject({ value: { remaining: amount }, rejected: [] });
    }),
    { numRuns: runs * 5 },
  );
});

test('a number is read as exactly what it is, or rejected with its text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (volume) => {
      const { value, rejected } = convertQuota({ volume }, 'data');
      if (value?.remaining === undefined)
        expect(rejected).toMatchObject([{ path: 'volume', rawText: JSON.stringify(volume) }]);
      else expect(Number(megabytesText(value.remaining))).toBe(volume === 0 ? 0 : volume);
    }),
    { numRuns: runs },
  );
});

const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"iccid":"8988000000000000009","status":"ONLINE","volume":1}}'),
    JSON.parse('{"constructor":{"prototype":{}},"toString":1,"hasOwnProperty":1,"length":-1}'),
    'x'.repeat(100_000),
    1e308,
    -0,
    [[[[]]]],
  ),
);

/** The list and each of its converters; the good records of a fixture. */
const lists: readonly (readonly [string, (json: unknown) => Converted<readonly unknown[]>, readonly unknown[]])[] = [
  ['SIMs', convertSimList, fixture('sims-200') as unknown[]],
  ['messages', convertSmsList, fixture('sms-200') as unknown[]],
  ['days', convertUsage, (fixture('usage-200') as { stats: unknown[] }).stats],
  ['events', (json) => eventsOf(json), (fixture('events-200') as { events: unknown[] }).events],
  ['events of v2', (json) => eventsOf(json), fixture('events-v2-200') as unknown[]],
];

/** Hostile, and not by chance a message: for that an id is enough. */
const bad = hostile.filter((value) => typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id'));

function eventsOf(json: unknown): Converted<readonly unknown[]> {
  const { value, rejected } = convertEvents(json);
  return { value: value?.events, rejected };
}

test.each(lists)('a bad record never takes the good ones along: %s', (_, convert, good) => {
  const alone = convert(good).value ?? [];
  expect(alone.length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), bad), { maxLength: 5 }), (strewn) => {
      const mixed = [...good];
      for (const [at, record] of strewn) mixed.splice(at % (mixed.length + 1), 0, record);
      const { value, rejected } = convert(mixed);
      expect(value).toEqual(alone);
      expect(rejected.length).toBeGreaterThanOrEqual(strewn.length);
    }),
    { numRuns: runs },
  );
});

const converters: readonly (readonly [string, (json: unknown) => unknown, readonly string[]])[] = [
  ['convertSimList', convertSimList, ['sims-200', 'sims-200-results']],
  ['convertSim', convertSim, ['sim-200']],
  ['convertQuota', (json) => convertQuota(json, 'data'), ['quota-data-200', 'quota-data-v2-200']],
  ['convertUsage', convertUsage, ['usage-200']],
  ['convertStatus', convertStatus, ['status-200-session', 'status-v2-200']],
  ['convertCell', convertCell, ['connectivity-200', 'connectivity-200-older']],
  ['convertEvents', convertEvents, ['events-200', 'events-v2-200']],
  ['convertSmsList', convertSmsList, ['sms-200']],
  ['convertSmsId', convertSmsId, ['sms-v2-sent-200']],
  ['convertLimits', convertLimits, ['limits-200']],
  ['convertToken', convertToken, ['token-200']],
  ['errorText', (json) => errorText(JSON.stringify(json) ?? ''), ['error-401', 'error-v2-404']],
];

/** The value with one of its parts, found by walking with `steps`, replaced. */
function spoil(value: unknown, steps: readonly number[], by: unknown): unknown {
  const [step, ...others] = steps;
  if (step === undefined || typeof value !== 'object' || value === null) return by;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return by;
  const inner = spoil((value as Record<string, unknown>)[key], others, by);
  if (Array.isArray(value)) return value.map((v: unknown, i) => (String(i) === key ? inner : v));
  return { ...value, [key]: inner };
}

test.each(converters)('%s never throws, whatever stands in place of a part of its answer', (_, convert, names) => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(fc.nat(), { maxLength: 5 }), hostile, (name, steps, by) => {
      convert(spoil(fixture(name), steps, by));
      convert(by);
    }),
    { numRuns: runs },
  );
  expect(({} as Record<string, unknown>).iccid).toBeUndefined();
});

test.each(converters)('%s never throws at what nests deeper than can be written', (_, convert, names) => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const deepObject: unknown = JSON.parse(`${'{"data":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
  const safely = _ === 'errorText' ? () => errorText('['.repeat(60_000)) : convert;
  for (const by of [deep, deepObject]) {
    safely(by);
    safely([by]);
    for (const name of names) for (let step = 0; step < 12; step++) safely(spoil(fixture(name), [step], by));
    for (const name of names) for (let step = 0; step < 12; step++) safely(spoil(fixture(name), [0, step], by));
  }
});

test('all that a converter keeps of texts is short and without control characters', () => {
  const label = fc.string({ unit: 'binary', maxLength: 600 });
  fc.assert(
    fc.property(label, (text) => {
      const kept = [
        ...Object.values(
          convertSim({ iccid: '8988000000000000001', label: text, imsi: text, status: text }).value ?? {},
        ),
        convertEvents([{ timestamp: '2030-01-01 00:00:00', event_type: text || 'x' }]).value?.events[0]?.type,
        convertStatus({ status: text, location: { operator: { name: text } } }).value?.operatorName,
        errorText(JSON.stringify({ message: text })),
      ].filter((value) => typeof value === 'string');
      for (const one of kept) {
        expect(one).not.toMatch(/\p{Cc}/u);
        expect(one.length).toBeLessThanOrEqual(300);
      }
    }),
    { numRuns: runs },
  );
});
