/** What queues have counted, as tables: octets to the last digit and the right way round, limits, lives, and rows that are no queue's. */
import { describe, expect, test } from 'vitest';
import { fromWireCountedQueues } from '../../../shared/interfaces/routeros-counted-queues.convert.ts';
import { fixture } from './routeros-router.ts';

const NOW = Date.UTC(2026, 10, 20);
const BOOT = NOW - 86_400_000;
const ROUTER = { id: 'core1', name: 'Core 1', simulated: false };

function convert(rows: readonly unknown[], bootAt: number | undefined = BOOT) {
  const { fed, rejected } = fromWireCountedQueues({ rows, receivedAt: NOW }, bootAt, ROUTER);
  return { ...fed, rejected };
}

function queue(over: Readonly<Record<string, unknown>> = {}) {
  const flags = { dynamic: 'false', disabled: 'false', invalid: 'false' };
  return { '.id': '*1', name: 'r1', bytes: '10/20', 'max-limit': '1M/2M', 'burst-limit': '0/0', ...flags, ...over };
}

describe('a list of queues', () => {
  const converted = convert(fixture('queues') as unknown[]);

  test('is a target of its own under the router, all of it', () => {
    expect(converted).toMatchObject({ kind: 'queue', target: 'core1', complete: true, rejected: [] });
    expect(converted.entities).toEqual([
      {
        ...{ id: 'core1/reseller_r1001', target: 'core1', name: 'Core 1 queue reseller_r1001', simulated: false },
        ...{ attributes: { queue: 'reseller_r1001' }, labels: { router: 'core1' } },
      },
      expect.objectContaining({ id: 'core1/reseller_r1002' }),
      expect.objectContaining({ id: 'core1/Café Dhanmondi' }),
    ]);
  });

  test('gives octets to the last digit: what the target sends is what a port that faces it receives', () => {
    const life = { bootAt: BOOT, ifIndex: 1, bits: 64, column: 'routeros:queue-bytes', speedBitsPerSecond: 50_000_000 };
    expect(converted.readings[0]).toEqual({
      ...{ entity: 'core1/reseller_r1001', receivedAt: NOW },
      values: { ifHCInOctets: 9007199254740993n, ifHCOutOctets: 18446744073709551615n, ifOperStatus: 1n },
      lives: { ifHCInOctets: life, ifHCOutOctets: life },
    });
  });

  test('gives each direction its own limit, and none where there is none or where bursts pass it', () => {
    const speeds = converted.readings.map(({ lives = {} }) => [
      lives.ifHCInOctets?.speedBitsPerSecond,
      lives.ifHCOutOctets?.speedBitsPerSecond,
    ]);
    expect(speeds).toEqual([
      [50_000_000, 50_000_000],
      [10_000_000, undefined],
      [undefined, undefined],
    ]);
  });

  test('says of a queue that is off, or invalid, that it is down', () => {
    expect(converted.readings.map(({ values }) => values.ifOperStatus)).toEqual([1n, 2n, 2n]);
  });

  test('that is empty is whole: whoever was there is gone', () => {
    expect(convert([])).toMatchObject({ readings: [], entities: [], complete: true, rejected: [] });
  });
});

describe('one field', () => {
  test.each([
    ['in one direction only', '10'],
    ['in three', '1/2/3'],
    ['negative', '-1/20'],
    ['a fraction', '1.5/20'],
    ['with a unit', '10KiB/20KiB'],
    ['more than 64 bits', '18446744073709551616/20'],
    ['empty', ''],
    ['a number', 12],
    ['null', null],
  ])('of octets that is wrong is rejected and never 0: %s', (_, bytes) => {
    const { readings, rejected } = convert([queue({ bytes })]);
    expect(readings).toEqual([{ entity: 'core1/r1', receivedAt: NOW, values: { ifOperStatus: 1n } }]);
    expect(rejected.map(({ path }) => path)).toEqual(['queue[0].bytes']);
  });

  test('of octets that is absent is unknown, and no mistake', () => {
    const { bytes: _bytes, ...rest } = queue();
    const { readings, rejected } = convert([rest]);
    expect([readings[0]?.values, rejected]).toEqual([{ ifOperStatus: 1n }, []]);
  });

  test.each([['fast'], ['1M'], ['1M/2M/3M'], [null]])('of limits that is wrong costs the limits only: %s', (limit) => {
    const { readings, rejected } = convert([queue({ 'max-limit': limit })]);
    expect(readings[0]?.values).toMatchObject({ ifHCInOctets: 10n, ifHCOutOctets: 20n });
    expect(readings[0]?.lives?.ifHCInOctets).not.toHaveProperty('speedBitsPerSecond');
    expect(rejected.map(({ path }) => path)).toEqual(['queue[0].max-limit']);
  });

  test('of limits in k, M and G is in bits per second', () => {
    const { readings } = convert([queue({ 'max-limit': '512k/1.5M' })]);
    const { ifHCInOctets, ifHCOutOctets } = readings[0]?.lives ?? {};
    expect([ifHCInOctets?.speedBitsPerSecond, ifHCOutOctets?.speedBitsPerSecond]).toEqual([512_000, 1_500_000]);
  });

  test.each([
    ['on', { disabled: false, invalid: false }, 1n],
    ['off', { disabled: true }, 2n],
    ['without a word of invalid', { invalid: undefined }, 1n],
    ['without a word of either', { disabled: undefined, invalid: undefined }, undefined],
  ])('of state: %s', (_, over, expected) => {
    const row = Object.fromEntries(Object.entries(queue(over)).filter(([, value]) => value !== undefined));
    expect(convert([row]).readings[0]?.values.ifOperStatus).toBe(expected);
  });

  test('of the uptime that is unknown leaves the number to tell lives apart', () => {
    const { readings } = fromWireCountedQueues({ rows: [queue()], receivedAt: NOW }, undefined, ROUTER).fed;
    expect(readings[0]?.lives?.ifHCInOctets).toMatchObject({ bootAt: 0, ifIndex: 1 });
  });

  test('of an uptime of seconds goes along, so that a second restart shows', () => {
    expect(convert([queue()], NOW - 5_000).readings[0]?.lives?.ifHCInOctets?.uptimeMs).toBe(5_000);
  });
});

describe('names and numbers', () => {
  const named = (rows: readonly unknown[]) => {
    const { entities, rejected, complete } = convert(rows);
    return { names: entities.map(({ attributes }) => attributes.queue), rejected: rejected.length, complete };
  };

  test('queues of sessions are left out, should the router send them after all', () => {
    const rows = [queue(), queue({ '.id': '*F00001', name: '<pppoe-r2>', dynamic: 'true' })];
    expect(named(rows)).toEqual({ names: ['r1'], rejected: 0, complete: true });
  });

  test.each([
    ['one name', [queue(), queue({ '.id': '*2' })]],
    ['one number', [queue(), queue({ name: 'r2' })]],
  ])('two queues of %s are neither, for nobody knows whose octets are whose', (_, rows) => {
    expect(named([...rows, queue({ '.id': '*9', name: 'r9' })])).toEqual({
      names: ['r9'],
      rejected: 2,
      complete: false,
    });
  });

  test.each([
    ['empty', ''],
    ['that looks like another one', 'r\u200B1'],
    ['with a blank behind it', 'r1 '],
    ['longer than any', 'x'.repeat(129)],
    ['that is no text', 7],
  ])('a name %s is not taken for the other one', (_, name) => {
    const rows = [queue({ '.id': '*2', name }), queue()];
    expect(named(rows)).toMatchObject({ names: ['r1'], complete: false });
  });

  test.each([
    ['absent', undefined],
    ['malformed', '12'],
    ['of another menu', '*123456789'],
  ])('an .id that is %s ends the row: a queue made anew could not be told', (_, id) => {
    const { '.id': _id, ...rest } = queue();
    const row = id === undefined ? rest : { ...rest, '.id': id };
    expect(named([row])).toMatchObject({ names: [], complete: false });
  });

  test.each([['null'], [7], [['a']], ['text']])('a row that is %j is rejected, and others are read', (row) => {
    expect(named([row === 'null' ? null : row, queue()])).toEqual({ names: ['r1'], rejected: 1, complete: false });
  });
});
