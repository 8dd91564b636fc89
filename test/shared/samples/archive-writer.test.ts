/** One target's month by steps: cut, crashed, repeated, and archived again after something came late. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError, isAppError } from '../../../shared/platform/errors.ts';
import { archiveFile } from '../../../shared/samples/archive-file.ts';
import type { Batch } from '../../../shared/samples/sample.ts';
import { archiveWorld, DAY_MS } from './archive-world.ts';
import { batch, REF } from './router.ts';

const HOUR_MS = 3_600_000;
const MONTH = '2025-03';
const BEGIN = Date.parse(`${MONTH}-10T00:00:00Z`);
const DUE = Date.parse(`${MONTH}-01T00:00:00Z`) + 360 * DAY_MS;
const port = (n: number) => `core1/ether${String(n).padStart(3, '0')}`;
const ref = { ...REF, month: MONTH };

function hours(count: number, ports: number, first = 0): Batch[] {
  return Array.from({ length: count }, (_, k) => {
    const n = first + k;
    const readings = Array.from({ length: ports }, (_, p) => ({
      entity: port(p),
      input: BigInt(n * n * 1000 + p),
      output: 7n,
    }));
    return { ...batch(BEGIN + n * HOUR_MS, readings), periodSeconds: 3600 };
  });
}

/** Four entities a step. */
async function filled(count = 12, ports = 3) {
  const world = archiveWorld({ entitiesPerStep: 4 });
  world.time.now = BEGIN + 2 * DAY_MS;
  await world.bring(hours(count, ports));
  world.time.now = DUE;
  return world;
}

const parts = (world: Awaited<ReturnType<typeof filled>>) =>
  [...world.memory.stored.keys()].filter((key) => key.endsWith('.csv.gz')).sort();
const all = { from: BEGIN - DAY_MS, to: BEGIN + 10 * DAY_MS };
const read = (world: Awaited<ReturnType<typeof filled>>, entity = port(0)) =>
  world.reader.readIncreases({ ...REF, entity, metric: 'ifHCInOctets' }, all.from, all.to);

describe('the archive of one target', () => {
  test('is one file for a small one, with a header and a row for each reading', async () => {
    const world = await filled();
    expect(await world.archiveAll(MONTH)).toMatchObject([{ state: 'done', rows: 12 * 3 * 2 }]);
    const [name = ''] = parts(world);
    const text = gunzipSync(world.memory.stored.get(name) ?? '').toString('utf8');
    const [header, first, ...rest] = text.trimEnd().split('\r\n');
    expect(header).toBe(
      '\uFEFFentity,metric,unit,slot,receivedAt,value,boundary,periodSeconds,bits,column,bootAt,uptimeMs,discontinuity,ifIndex,speedBitsPerSecond',
    );
    expect(first).toBe(
      'core1/ether000,ifHCInOctets,octets,2025-03-10T00:00:00.000Z,2025-03-10T00:00:01.200Z,0,true,3600,64,snmp:ifHCInOctets,1970-01-01T00:00:00.000Z,1741564801200,0,1,1000000000',
    );
    expect(rest).toHaveLength(12 * 3 * 2 - 1);
  });

  test('twice the same is found done, and writes nothing', async () => {
    const world = await filled();
    await world.archiveAll(MONTH);
    const before = new Map(world.memory.stored);
    expect(await world.archiveAll(MONTH)).toEqual([{ state: 'there', rows: 0, bytes: 0 }]);
    expect(world.memory.stored).toEqual(before);
  });

  test('of a target without a reading is empty, and done', async () => {
    const world = await filled();
    expect(await world.archiveAll('2025-02')).toEqual([{ state: 'done', rows: 0, bytes: 0 }]);
    expect(await world.archive.readTarget({ ...ref, month: '2025-02' })).toMatchObject({ parts: [] });
    expect(parts(world)).toEqual([]);
  });

  test('of many entities takes several steps and files, each entity whole in one of them', async () => {
    const world = await filled(3, 10);
    const known = await Promise.all([0, 3, 4, 7, 8, 9].map((n) => read(world, port(n))));
    const steps = await world.archiveAll(MONTH);
    expect(steps.map(({ state }) => state)).toEqual(['part', 'part', 'done']);
    const target = await world.archive.readTarget(ref);
    expect(target?.parts.map(({ first, last, rows }) => [first, last, rows])).toEqual([
      [port(0), port(3), 24],
      [port(4), port(7), 24],
      [port(8), port(9), 12],
    ]);
    world.time.now = DUE + 100 * DAY_MS;
    expect(await Promise.all([0, 3, 4, 7, 8, 9].map((n) => read(world, port(n))))).toEqual(known);
  });

  test('of more entities than a page of the table lists misses none and doubles none', async () => {
    const world = await filled(1, 27);
    await world.archiveAll(MONTH);
    const target = await world.archive.readTarget(ref);
    const places = await Promise.all((target?.parts ?? []).map((part) => world.archive.readPlaces(part)));
    const ports = places.flat().filter(({ metric }) => metric === 'ifHCInOctets');
    expect(ports.map(({ entity }) => entity)).toEqual(Array.from({ length: 27 }, (_, n) => port(n)));
  });

  test('a crash after any of its writes is made good by the same message again, to the same files', async () => {
    const whole = await filled(3, 6);
    await whole.archiveAll(MONTH);
    for (let crashAt = 1; ; crashAt++) {
      const world = await filled(3, 6);
      let writes = 0;
      world.memory.before = (verb) => {
        if (verb === 'put' && ++writes === crashAt) throw new AppError('STORE_UNAVAILABLE', 'crash');
      };
      const crashed = await world.archiveAll(MONTH).then(
        () => false,
        (error) => isAppError(error, 'STORE_UNAVAILABLE'),
      );
      if (!crashed) {
        expect(crashAt).toBeGreaterThan(5);
        return;
      }
      expect(await world.archive.readTarget(ref)).toBeUndefined();
      await world.archiveAll(MONTH);
      expect(parts(world)).toEqual(parts(whole));
      expect((await world.archive.readTarget(ref))?.parts).toEqual((await whole.archive.readTarget(ref))?.parts);
    }
  });

  test('two workers at once end in the same archive', async () => {
    const [alone, world] = [await filled(3, 6), await filled(3, 6)];
    await alone.archiveAll(MONTH);
    await Promise.all([world.archiveAll(MONTH), world.archiveAll(MONTH)]);
    expect((await world.archive.readTarget(ref))?.parts).toEqual((await alone.archive.readTarget(ref))?.parts);
    expect(parts(world)).toEqual(parts(alone));
  });

  test('what came late is added to what stands there, though the first chunks are gone by then', async () => {
    const world = await filled(6, 2);
    const first = await read(world);
    await world.archiveAll(MONTH);
    world.time.now = DUE + 100 * DAY_MS;
    await world.bring(hours(6, 2, 6));
    const [note] = await world.late.list('demo');
    expect(note).toMatchObject({ ...ref, at: world.time.now });
    const chunksOnly = await world.store.readSeries(
      { ...REF, entity: port(0), metric: 'ifHCInOctets' },
      all.from,
      all.to,
    );
    expect(chunksOnly).toHaveLength(6);
    const before = await read(world);
    expect(before).toHaveLength(12);
    expect(before.slice(0, 6)).toEqual(first);
    world.time.now += 120_000;
    await world.archiveAll(MONTH, REF, world.time.now - 60_000);
    expect((await world.archive.readTarget(ref))?.parts.map(({ rows }) => rows)).toEqual([48]);
    world.time.now += 401 * DAY_MS;
    expect(await read(world)).toEqual(before);
  });

  test('an entity that only the old archive knows stays in it', async () => {
    const world = await filled(2, 3);
    await world.archiveAll(MONTH);
    const bare = archiveWorld({ objects: world.memory });
    bare.time.now = DUE + 1;
    await bare.archiveAll(MONTH, REF, DUE + 1);
    expect((await bare.archive.readTarget(ref))?.parts).toMatchObject([{ first: port(0), last: port(2), rows: 12 }]);
  });

  test('an archive that must begin after an instant that no clock has reached yet still ends', async () => {
    const world = await filled(1, 6);
    const steps = await world.archiveAll(MONTH, REF, world.time.now + 5000);
    expect(steps.map(({ state }) => state)).toEqual(['part', 'done']);
  });

  test('names that mean something to a path, a table or a spreadsheet are names', async () => {
    const world = archiveWorld();
    world.time.now = BEGIN + DAY_MS;
    const odd = ['core1/=1+1', 'core1/a#b%c', 'core1/"x",\n', 'core1/../../other', 'core1/ü', "core1/'@"];
    await world.bring([
      batch(
        BEGIN,
        odd.map((entity, at) => ({ entity, input: BigInt(at) })),
      ),
    ]);
    world.time.now = DUE;
    await world.archiveAll(MONTH);
    world.time.now += 100 * DAY_MS;
    for (const [at, entity] of odd.entries()) {
      const points = await world.reader.readSeries({ ...REF, entity, metric: 'ifHCInOctets' }, all.from, all.to);
      expect(
        points.map(({ value }) => value),
        entity,
      ).toEqual([BigInt(at)]);
    }
  });

  test('another tenant reads nothing of it', async () => {
    const world = await filled();
    await world.archiveAll(MONTH);
    world.time.now += 100 * DAY_MS;
    const series = { ...REF, entity: port(0), metric: 'ifHCInOctets' };
    expect(await world.reader.readSeries(series, all.from, all.to)).toHaveLength(12);
    expect(await world.reader.readSeries({ ...series, tenant: 'dem' }, all.from, all.to)).toEqual([]);
    expect(await world.reader.readSeries({ ...series, tenant: 'demo-2' }, all.from, all.to)).toEqual([]);
  });
});

test('a file is full at three megabytes, and one piece more still fits an answer of the API', () => {
  const file = archiveFile();
  const noise = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * 2_654_435_761) >>> 24)).toString('base64');
  let added = 0;
  for (; !file.isFull(); added++) file.add({ entity: 'e', metric: `m${added}`, text: noise + added, rows: 1 });
  const { bytes, places } = file.finish();
  expect(places).toHaveLength(added);
  expect(bytes.length).toBeGreaterThan(3_000_000);
  expect((bytes.length * 4) / 3).toBeLessThan(6_000_000);
  const last = places.at(-1);
  expect(gunzipSync(bytes.subarray(last?.offset, (last?.offset ?? 0) + (last?.bytes ?? 0))).toString()).toBe(
    noise + (added - 1),
  );
});

describe('reading it', () => {
  test('more than a hundred days at once are refused with a way out, and a hundred are not', async () => {
    const world = await filled();
    await world.archiveAll(MONTH);
    world.time.now += 400 * DAY_MS;
    const series = { ...REF, entity: port(0), metric: 'ifHCInOctets' };
    expect(await world.reader.readIncreases(series, BEGIN - 50 * DAY_MS, BEGIN + 50 * DAY_MS)).toHaveLength(12);
    await expect(world.reader.readSeries(series, BEGIN - 60 * DAY_MS, BEGIN + 50 * DAY_MS)).rejects.toSatisfy(
      (error) => isAppError(error, 'REQUEST_INVALID') && error.context.issues?.[0]?.path === 'query.from',
    );
  });

  test('whoever asks within the life of chunks never waits for the archive', async () => {
    const world = await filled();
    world.memory.before = (verb) => {
      throw new Error(`the archive was asked: ${verb}`);
    };
    const series = { ...REF, entity: port(0), metric: 'ifHCInOctets' };
    expect(await world.reader.readIncreases(series, world.time.now - 399 * DAY_MS, world.time.now)).toHaveLength(12);
  });

  test('an archive that does not answer is said, never taken for an empty one', async () => {
    const world = await filled();
    await world.archiveAll(MONTH);
    world.time.now += 100 * DAY_MS;
    world.memory.before = () => {
      throw new AppError('STORE_UNAVAILABLE', 'the archive did not answer');
    };
    await expect(read(world)).rejects.toSatisfy((error) => isAppError(error, 'STORE_UNAVAILABLE'));
  });

  test('a second question asks for rows alone, and what was not there, or failed, is asked for anew', async () => {
    const world = await filled();
    const series = { ...REF, entity: port(0), metric: 'ifHCInOctets' };
    const first = world.time.now;
    world.time.now = first + 100 * DAY_MS;
    expect(await world.reader.readSeries(series, all.from, all.to)).toEqual([]);
    world.time.now = first;
    await world.archiveAll(MONTH);
    world.time.now = first + 100 * DAY_MS;
    world.memory.before = (_, key) => {
      if (key.endsWith('.csv.gz.json')) throw new AppError('STORE_UNAVAILABLE', 'busy');
    };
    await expect(world.reader.readSeries(series, all.from, all.to)).rejects.toThrow('busy');
    const asked: string[] = [];
    world.memory.before = (_, key) => void asked.push(key.replace(/.*\//, '').replace(/-\w+/, ''));
    expect(await world.reader.readSeries(series, BEGIN, all.to)).toHaveLength(12);
    expect(asked).toEqual(['0001.csv.gz.json', '0001.csv.gz']);
    asked.length = 0;
    expect(await world.reader.readSeries(series, BEGIN, all.to)).toHaveLength(12);
    expect(asked).toEqual(['0001.csv.gz']);
  });

  test('a file that lost its rows is a bug, not a shorter answer', async () => {
    const world = await filled();
    await world.archiveAll(MONTH);
    const [name = ''] = parts(world);
    const places = JSON.parse(Buffer.from(world.memory.stored.get(`${name}.json`) ?? '').toString());
    places[0].rows += 1;
    await world.memory.put(`${name}.json`, Buffer.from(JSON.stringify(places)), 'application/json');
    world.time.now += 100 * DAY_MS;
    await expect(read(world)).rejects.toThrow('rows');
  });
});
