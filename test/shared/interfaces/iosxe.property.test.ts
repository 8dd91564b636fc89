/** Hostile answers: whatever a router sends, nothing is thrown, and no good interface goes with a bad one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromWireInterfaces, lacksWideCounters, rowsIn } from '../../../shared/interfaces/iosxe.convert.ts';
import { ifTypeOf, instantOf } from '../../../shared/interfaces/iosxe-words.ts';

const ROUTER = { id: 'asr1', name: 'ASR 1', simulated: false, configuredSpeed: () => undefined };
const NOW = Date.UTC(2026, 10, 20);
const UINT64 = 2n ** 64n;

const anyJson = fc.jsonValue({ maxDepth: 3 });
const words = fc.constantFrom(
  'Gi1',
  'Gi1#1',
  'if-oper-state-ready',
  '9'.repeat(20),
  '0',
  1,
  2 ** 53,
  '2026-11-19T00:00:00Z',
);
const fields = ['name', 'type', 'interface-type', 'description', 'oper-status', 'if-index', 'speed', '__proto__'];
const counted = ['discontinuity-time', 'in-octets', 'out-octets', 'out-octets-64', '__proto__'];
const some = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names), fc.oneof(anyJson, words));
const hostileRow = fc.oneof(
  anyJson,
  fc.tuple(some(fields), fc.oneof(anyJson, some(counted))).map(([row, statistics]) => ({ ...row, statistics })),
);
const hostile = fc.record({
  rows: fc.array(hostileRow, { maxLength: 12 }),
  older: fc.option(fc.array(hostileRow, { maxLength: 12 }), { nil: undefined }),
  system: fc.option(
    fc.oneof(
      anyJson,
      some(['boot-time', 'current-time']).map((data) => ({ data })),
    ),
    { nil: undefined },
  ),
});
type Hostile = typeof hostile extends fc.Arbitrary<infer T> ? T : never;

function convert({ rows, older, system }: Hostile) {
  return fromWireInterfaces(
    {
      interfaces: { rows, receivedAt: NOW },
      olderInterfaces: older && { rows: older, receivedAt: NOW + 1 },
      system: system === undefined ? undefined : { value: system, receivedAt: NOW + 2 },
    },
    ROUTER,
  );
}

test('no answer throws, no entity stands twice, every reading is an entity’s, every value fits its bits', () => {
  fc.assert(
    fc.property(hostile, (answers) => {
      lacksWideCounters(answers.rows);
      const { entities, readings } = convert(answers);
      const ids = entities.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(readings.map(({ entity }) => entity)).size).toBe(readings.length);
      for (const { entity, values, lives = {} } of readings) {
        expect(ids).toContain(entity);
        for (const [metric, value] of Object.entries(values)) {
          expect(value >= 0n && value < (lives[metric]?.bits === 32 ? 2n ** 32n : UINT64)).toBe(true);
        }
        for (const life of Object.values(lives)) expect(Number.isFinite(life.bootAt)).toBe(true);
      }
    }),
  );
});

const octets = fc.bigInt(0n, UINT64 - 1n);

test('a good interface is read to the last digit as if nothing hostile stood beside it, strings or not', () => {
  fc.assert(
    fc.property(hostile, fc.nat(), octets, octets, fc.boolean(), (answers, at, received, sent, asStrings) => {
      const narrow = Number(sent % 2n ** 32n);
      const good = {
        name: 'uplink',
        'interface-type': 'iana-iftype-l2vlan',
        'oper-status': 'if-oper-state-ready',
        'if-index': asStrings ? '77' : 77,
        statistics: {
          'in-octets': String(received),
          'out-octets': asStrings ? String(narrow) : narrow,
          'out-octets-64': String(sent),
        },
      };
      const rows = [...answers.rows];
      rows.splice(at % (rows.length + 1), 0, good);
      const { readings } = convert({ ...answers, rows });
      expect(readings.find(({ entity }) => entity === 'asr1/uplink')?.values).toEqual({
        ifHCInOctets: received,
        ifHCOutOctets: sent,
        ifOperStatus: 1n,
      });
    }),
  );
});

test('what an old release sends is its 64-bit counter wherever there is one, and never a mixture of two', () => {
  fc.assert(
    fc.property(octets, octets, fc.boolean(), (received, sent, isListed) => {
      const name = 'uplink';
      const narrow = { 'in-octets': String(received), 'out-octets': Number(sent % 2n ** 32n) };
      const wide = { 'in-octets': String(received), 'out-octets': String(sent) };
      const { readings } = fromWireInterfaces(
        {
          interfaces: { rows: [{ name, statistics: narrow }], receivedAt: NOW },
          olderInterfaces: isListed ? { rows: [{ name, statistics: wide }], receivedAt: NOW } : undefined,
          system: undefined,
        },
        ROUTER,
      );
      expect(readings[0]?.values.ifHCOutOctets).toBe(isListed ? sent : sent % 2n ** 32n);
      expect(readings[0]?.lives?.ifHCOutOctets?.bits).toBe(isListed ? 64 : 32);
      expect(readings[0]?.values.ifHCInOctets).toBe(received);
    }),
  );
});

test('any value is a list of rows or none, any text an instant or a kind or neither', () => {
  fc.assert(
    fc.property(anyJson, fc.string(), (value, text) => {
      const rows = rowsIn(value);
      expect(rows === undefined || Array.isArray(rows)).toBe(true);
      for (const number of [instantOf(text), ifTypeOf(text)]) {
        expect(number === undefined || Number.isSafeInteger(number)).toBe(true);
      }
    }),
  );
});
