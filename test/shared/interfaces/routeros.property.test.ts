/** Hostile answers: whatever a router sends, nothing is thrown, and no good interface goes with a bad one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromWireInterfaces, portsWithRate } from '../../../shared/interfaces/routeros.convert.ts';
import { durationMs, rateBitsPerSecond } from '../../../shared/interfaces/routeros-words.ts';

const ROUTER = { id: 'core1', name: 'Core 1', simulated: false, configuredSpeed: () => undefined };
const NOW = Date.UTC(2026, 10, 20);

const anyJson = fc.jsonValue({ maxDepth: 3 });
const fields = ['.id', 'name', 'type', 'comment', 'running', 'disabled', 'rx-byte', 'tx-byte', '__proto__'];
const hostileRow = fc.oneof(
  anyJson,
  fc.dictionary(
    fc.constantFrom(...fields),
    fc.oneof(anyJson, fc.constantFrom('*1', '*F', 'ether1', 'ether1#1', 'true', '9'.repeat(20), '0')),
  ),
);
const hostile = fc.record({
  rows: fc.array(hostileRow, { maxLength: 12 }),
  resource: fc.option(anyJson, { nil: undefined }),
  rates: fc.option(fc.oneof(anyJson, fc.array(hostileRow)), { nil: undefined }),
});

function convert({ rows, resource, rates }: { rows: readonly unknown[]; resource: unknown; rates: unknown }) {
  const received = (value: unknown) => (value === undefined ? undefined : { value, receivedAt: NOW });
  return fromWireInterfaces(
    { interfaces: { rows, receivedAt: NOW }, resource: received(resource), rates: received(rates) },
    ROUTER,
  );
}

test('no answer throws, no entity stands twice, every reading is an entity’s, every value fits 64 bits', () => {
  fc.assert(
    fc.property(hostile, (answers) => {
      const { entities, readings } = convert(answers);
      portsWithRate(answers.rows);
      const ids = entities.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(readings.map(({ entity }) => entity)).size).toBe(readings.length);
      for (const { entity, values, lives = {} } of readings) {
        expect(ids).toContain(entity);
        for (const value of Object.values(values)) expect(value >= 0n && value < 2n ** 64n).toBe(true);
        for (const life of Object.values(lives)) expect(Number.isFinite(life.bootAt)).toBe(true);
      }
    }),
  );
});

test('a good interface is read as if nothing hostile stood beside it', () => {
  const good = {
    '.id': '*ABC',
    name: 'uplink',
    type: 'vlan',
    running: 'true',
    disabled: 'false',
    'rx-byte': '18446744073709551614',
    'tx-byte': '7',
  };
  fc.assert(
    fc.property(hostile, fc.nat(), (answers, at) => {
      const rows = [...answers.rows];
      rows.splice(at % (rows.length + 1), 0, good);
      const { readings } = convert({ ...answers, rows });
      expect(readings.find(({ entity }) => entity === 'core1/uplink')?.values).toEqual({
        ifHCInOctets: 18446744073709551614n,
        ifHCOutOctets: 7n,
        ifOperStatus: 1n,
      });
    }),
  );
});

test('an uptime in any mix of units is their sum, and any text is a number of ms or unknown', () => {
  const part = fc.option(fc.nat(99), { nil: undefined });
  fc.assert(
    fc.property(part, part, part, part, fc.nat(59), (w, d, h, m, s) => {
      const text = `${w === undefined ? '' : `${w}w`}${d === undefined ? '' : `${d}d`}${h === undefined ? '' : `${h}h`}${m === undefined ? '' : `${m}m`}${s}s`;
      const seconds = (w ?? 0) * 604_800 + (d ?? 0) * 86_400 + (h ?? 0) * 3600 + (m ?? 0) * 60 + s;
      expect(durationMs(text)).toBe(seconds * 1000);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const value of [durationMs(text), rateBitsPerSecond(text)]) {
        expect(value === undefined || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }
    }),
  );
});
