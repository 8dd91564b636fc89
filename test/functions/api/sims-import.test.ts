import { beforeEach, describe, expect, test } from 'vitest';
import { createApi } from '../../../functions/api/api.ts';
import { createSimImportEndpoints } from '../../../functions/api/sims-import.ts';
import { shardTarget } from '../../../shared/collect/source.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { XLSX_TYPE } from '../../../shared/platform/route.ts';
import { readXlsx } from '../../../shared/platform/xlsx-read.ts';
import type { SimNote } from '../../../shared/sims/note.ts';
import { shardOf } from '../../../shared/sims/shards.ts';
import type { ShownSim } from '../../../shared/sims/shown-sim.ts';
import { exportSims, importSims } from '../../../shared/sims/sims-import.contract.ts';
import { MovableClock, tenantNamed } from '../../shared/collect/fakes.ts';
import { anybody, apiOf, eventOf, type Reply } from './asking.ts';

const SHARDS = 4;
const iccid = (at: number) => `898800000000${String(at).padStart(7, '0')}`;
const targetOf = (at: number, account = 'acct') => shardTarget(account, shardOf(iccid(at), SHARDS));
const simOf = (at: number, over: Partial<ShownSim> = {}): ShownSim => ({
  iccid: iccid(at),
  account: { id: 'acct', name: 'Account', octetsPerMegabyte: 1_000_000, walkedAt: undefined },
  attributes: { iccid: iccid(at), account: 'acct', label: `unit ${at}`, enabled: at % 2 === 0 },
  note: { iccid: iccid(at), tags: ['of-its-last-collection'] },
  simulated: true,
  firstSeenAt: 1,
  newest: undefined,
  ...over,
});

let sims: ShownSim[];
let notes: Map<string, Map<string, SimNote>>;
let jobs: { who: string; items: readonly { iccid: string; label: string }[] }[];
let failing: 'notes' | 'job' | undefined;

const endpoints = () =>
  createSimImportEndpoints({
    sims: { list: async () => ({ accounts: new Map(), sims }) },
    fleets: {
      list: async () =>
        [
          { account: 'acct', shards: SHARDS },
          { account: 'other', shards: SHARDS },
        ] as never,
    },
    notes: {
      listOfTarget: async (_, target) => [...(notes.get(target)?.values() ?? [])],
      put: async (_, target, given) => {
        if (failing === 'notes') throw new AppError('STORE_UNAVAILABLE', 'the table did not answer');
        const of = notes.get(target) ?? new Map<string, SimNote>();
        for (const note of given) of.set(note.iccid, note);
        notes.set(target, of);
      },
    },
    startLabelJob: async ({ subject }, items) => {
      if (failing === 'job') throw new AppError('STORE_UNAVAILABLE', 'the table did not answer');
      jobs.push({ who: subject, items });
      return { job: 'job-1' };
    },
    clock: new MovableClock(),
  });

beforeEach(() => {
  sims = [1, 2, 3].map((at) => simOf(at));
  notes = new Map([[targetOf(1), new Map([[iccid(1), { iccid: iccid(1), tags: ['old'], group: 'north' }]])]]);
  jobs = [];
  failing = undefined;
});

const noteOf = (at: number) => notes.get(targetOf(at))?.get(iccid(at));
const nothingChanged = () =>
  expect([noteOf(1)?.tags, noteOf(2), noteOf(3), jobs]).toEqual([['old'], undefined, undefined, []]);
const send = (body: string, query: Record<string, string> = {}): Promise<Reply> =>
  apiOf(endpoints())('POST /v1/sims/import', { body, query, headers: { 'content-type': 'text/csv' } });
const exported = async (query: Record<string, string> = {}) => {
  const api = createApi(endpoints(), anybody(tenantNamed('demo')), { error: () => undefined });
  return api(eventOf('GET /v1/sims/export', { query }), {} as never);
};

test('an import needs an operator, an export a viewer', () => {
  expect([importSims.needs, exportSims.needs]).toEqual(['operator', 'viewer']);
});

describe('an import', () => {
  const good = `iccid,label,tags,group,threshold\n${iccid(1)},unit 1,-,,10\n${iccid(2)},moved,a,south,\n${iccid(3)},,,,\n`;

  test('writes notes where they live and leaves labels to one job', async () => {
    const { status, body } = await send(good);
    expect([status, body]).toMatchObject([
      200,
      { dryRun: false, rows: 3, changedSims: 2, notes: 2, labels: 1, moreChanges: 0, ignoredColumns: [], job: 'job-1' },
    ]);
    expect(noteOf(1)).toEqual({ iccid: iccid(1), tags: [], group: 'north', thresholdPercent: 10 });
    expect(noteOf(2)).toEqual({ iccid: iccid(2), tags: ['a'], group: 'south' });
    expect(noteOf(3)).toBeUndefined();
    expect(jobs).toEqual([{ who: 'local:test', items: [{ iccid: iccid(2), label: 'moved' }] }]);
  });

  test('as a dry run tells the same and changes nothing', async () => {
    const { status, body } = await send(good, { dryRun: 'true' });
    expect([status, body]).toMatchObject([200, { dryRun: true, changedSims: 2, notes: 2, labels: 1, job: null }]);
    expect(body.changes).toContainEqual({ line: 3, iccid: iccid(2), field: 'label', before: 'unit 2', after: 'moved' });
    nothingChanged();
  });

  test('without a change starts no job and writes nothing', async () => {
    expect((await send(`iccid,label,tags\n${iccid(1)},unit 1,old\n`)).body).toMatchObject({
      changedSims: 0,
      job: null,
    });
    nothingChanged();
  });

  test('shows a hundred changes and counts the rest', async () => {
    sims = Array.from({ length: 150 }, (_, at) => simOf(at));
    const rows = sims.map((sim) => `${sim.iccid},x`).join('\n');
    const { body } = await send(`iccid,group\n${rows}\n`, { dryRun: 'true' });
    expect([body.changes.length, body.moreChanges]).toEqual([100, 50]);
  });

  test('with one bad row tells all of them and changes nothing', async () => {
    const { status, body } = await send(
      `iccid,label,tags\n${iccid(1)},moved,a\n${iccid(9)},x,Not Ok\n8.988E+18,x,\n${iccid(1)},x,\n`,
    );
    expect(status).toBe(422);
    expect(body.detail).toMatch(/^4 things are wrong, and nothing was changed: line 3, tags: /);
    expect(body.errors.map((e: { path: string }) => e.path)).toEqual([
      'line 3, tags',
      'line 3, iccid',
      'line 4, iccid',
      'line 5, iccid',
    ]);
    nothingChanged();
  });

  test('tells a hundred of a thousand mistakes, and how many there are', async () => {
    const { status, body } = await send(`iccid,label\n${'x,y\n'.repeat(1000)}`);
    expect([status, body.errors.length, body.errors[100]]).toEqual([422, 101, { path: '', message: 'and 900 more' }]);
  });

  test('of more labels than one job takes is refused as a whole', async () => {
    sims = Array.from({ length: 10_001 }, (_, at) => simOf(at));
    const { status, body } = await send(`iccid,label,group\n${sims.map((sim) => `${sim.iccid},x,y`).join('\n')}`);
    expect([status, body.detail]).toEqual([
      422,
      '10001 labels would change, at most 10000 may at once: split the file',
    ]);
    expect([notes.size, jobs]).toEqual([1, []]);
  });

  test.each(['notes', 'job'] as const)(
    'that breaks off at the %s says what to do, and doing it completes it',
    async (at) => {
      failing = at;
      const { status, body } = await send(good);
      expect([status, body.detail]).toEqual([
        503,
        expect.stringMatching(/send the same file again, and only what is missing is done$/),
      ]);
      failing = undefined;
      expect((await send(good)).body).toMatchObject({ job: 'job-1', labels: 1, notes: at === 'notes' ? 2 : 0 });
      expect([noteOf(2)?.group, jobs.length]).toEqual(['south', 1]);
    },
  );

  test('of a SIM that changed accounts is for the one that listed it last', async () => {
    const other = { ...simOf(2).account, id: 'other' };
    sims = [simOf(2, { account: other, firstSeenAt: 5 }), simOf(2)];
    expect((await send(`iccid,group\n${iccid(2)},x`)).status).toBe(200);
    expect([...notes.keys()].filter((target) => notes.get(target)?.has(iccid(2)))).toEqual([targetOf(2, 'other')]);
  });
});

describe('an export', () => {
  const lines = (body = '') => body.trimEnd().split('\r\n').slice(1);

  test('is a file of all SIMs in order, with their stored notes', async () => {
    sims.reverse();
    const { statusCode, headers, body } = await exported();
    expect([statusCode, headers?.['content-disposition'], headers?.['x-next-cursor']]).toEqual([
      200,
      'attachment; filename="sims-2030-01-01.csv"',
      undefined,
    ]);
    expect(lines(body)).toEqual([
      expect.stringMatching(`^${iccid(1)},unit 1,disabled,.*,old,north,,acct,$`),
      expect.stringMatching(`^${iccid(2)},unit 2,enabled,.*,,,,acct,$`),
      expect.stringMatching(`^${iccid(3)},`),
    ]);
  });

  test('takes the filters of the list', async () => {
    expect(lines((await exported({ status: 'enabled' })).body).map((line) => line.slice(0, 19))).toEqual([iccid(2)]);
  });

  test('comes in pieces that make the whole', async () => {
    const first = await exported({ limit: '2' });
    const cursor = String(first.headers?.['x-next-cursor']);
    const second = await exported({ limit: '2', cursor });
    expect([...lines(first.body), ...lines(second.body)].map((line) => line.slice(0, 19))).toEqual(
      [1, 2, 3].map(iccid),
    );
    expect(second.headers?.['x-next-cursor']).toBeUndefined();
  });

  test('as XLSX imports again and changes nothing', async () => {
    const { headers, body = '', isBase64Encoded } = await exported({ format: 'xlsx' });
    expect([headers?.['content-type'], isBase64Encoded]).toEqual([XLSX_TYPE, true]);
    expect([...readXlsx(Buffer.from(body, 'base64'))]).toHaveLength(4);
    const api = createApi(endpoints(), anybody(tenantNamed('demo')), { error: () => undefined });
    const event = {
      ...eventOf('POST /v1/sims/import', { headers: { 'content-type': XLSX_TYPE } }),
      body,
      isBase64Encoded: true,
    };
    const answer = JSON.parse((await api(event, {} as never)).body ?? '');
    expect(answer).toMatchObject({ rows: 3, changedSims: 0, job: null });
    expect(answer.ignoredColumns).toContain('data remaining MB');
  });

  test.each<[string, Record<string, string>, string]>([
    ['limit', { limit: '20001' }, 'must be a whole number from 1 to 20000'],
    ['format', { format: 'pdf' }, 'must be one of csv, xlsx'],
    ['colour', { colour: 'red' }, 'is not a field here: remove it'],
    ['cursor', { cursor: 'abc' }, 'is not a cursor of this list: leave it out to start at the beginning'],
  ])('with a wrong %s is 422', async (path, query, message) => {
    const { statusCode, body = '' } = await exported(query);
    expect([statusCode, JSON.parse(body).errors]).toEqual([422, [{ path: expect.stringContaining(path), message }]]);
  });

  test('of more SIMs than one file holds is refused, not cut', async () => {
    sims = Array.from({ length: 20_001 }, (_, at) => simOf(at));
    const { statusCode, body = '' } = await exported();
    expect([statusCode, JSON.parse(body).errors]).toMatchObject([
      422,
      [{ path: 'limit', message: expect.stringMatching(/^20001 SIMs/) }],
    ]);
    expect(lines((await exported({ limit: '20000' })).body)).toHaveLength(20_000);
  });
});
