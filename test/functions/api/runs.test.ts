import { beforeEach, describe, expect, test } from 'vitest';
import { createRunEndpoints } from '../../../functions/api/runs.ts';
import type { Run } from '../../../shared/collect/run.ts';
import type { RunQuery } from '../../../shared/collect/runs.port.ts';
import type { Source } from '../../../shared/collect/source.ts';
import { MovableClock, memoryQueues, NOON, sourceNamed } from '../../shared/collect/fakes.ts';
import { type Api, apiOf } from './asking.ts';

let clock: MovableClock;
let sources: Source[];
let runs: Run[];
let asked: RunQuery[];
let queues: ReturnType<typeof memoryQueues>;
/** Happens each time the API looks whether a run is over. */
let meanwhile: () => void;
let ask: Api;

const run = (source: string, over: Partial<Run> = {}): Run =>
  ({
    ...{
      tenant: 'demo',
      source,
      slot: NOON,
      part: 0,
      status: 'success',
      manual: true,
      startedAt: NOON,
      endedAt: NOON + 5,
    },
    ...{ read: 1, accepted: 1, rejected: 0, rejections: [], operations: [] },
    ...over,
  }) as Run;

beforeEach(() => {
  clock = new MovableClock();
  sources = [sourceNamed('home'), sourceNamed('office')];
  runs = [];
  asked = [];
  meanwhile = () => undefined;
  queues = memoryQueues();
  ask = apiOf(
    createRunEndpoints({
      clock,
      collectQueues: queues,
      sources: { list: async () => sources },
      runs: {
        write: async () => undefined,
        isDone: async (ref) => runs.some((r) => r.source === ref.source && r.slot === ref.slot && r.part === ref.part),
        list: async (_, query) => {
          asked.push(query);
          return {
            runs: runs.filter((r) => query.source === undefined || r.source === query.source),
            ...(query.limit === 1 ? { cursor: 'position' } : {}),
          };
        },
        writeRaw: async () => undefined,
        readRaw: async () => undefined,
      },
      sleep: async (ms) => {
        clock.advance(ms);
        meanwhile();
      },
    }),
  );
});

describe('the log of runs', () => {
  test('is shown with its instants as text and what is unknown as null', async () => {
    runs = [run('home', { status: 'failed', errorCode: 'SOURCE_REJECTED', error: 'no' })];
    const { body } = await ask('GET /v1/runs');
    expect(body.items).toEqual([
      expect.objectContaining({
        source: 'home',
        slot: '2030-01-01T12:00:00.000Z',
        endedAt: '2030-01-01T12:00:00.005Z',
        status: 'failed',
        errorCode: 'SOURCE_REJECTED',
        error: 'no',
      }),
    ]);
    runs = [run('home')];
    expect((await ask('GET /v1/runs')).body.items[0]).toMatchObject({ errorCode: null, error: null });
  });

  test('is paged by cursors of its own filter', async () => {
    const { body } = await ask('GET /v1/runs', { query: { limit: '1', source: 'home' } });
    await ask('GET /v1/runs', { query: { limit: '2', source: 'home', cursor: body.nextCursor } });
    expect(asked).toEqual([
      { limit: 1, source: 'home' },
      { limit: 2, source: 'home', cursor: 'position' },
    ]);
    expect((await ask('GET /v1/runs', { query: { source: 'office', cursor: body.nextCursor } })).status).toBe(422);
    expect((await ask('GET /v1/runs', { query: { cursor: body.nextCursor } })).status).toBe(422);
  });
});

describe('the older "collect now"', () => {
  const ends = (status: Run['status'], after = 1) => {
    let looks = 0;
    meanwhile = () => {
      looks += 1;
      if (looks === after) runs = sources.map((s) => run(s.id, { status }));
    };
  };

  test('asks for every enabled account in one slot of its own, and answers when all are over', async () => {
    sources.push(sourceNamed('off', { enabled: false }), sourceNamed('router', { type: 'snmp', kind: 'interface' }));
    ends('success', 3);
    expect(await ask('POST /api/collect')).toMatchObject({
      status: 200,
      body: { status: 'success', message: 'Data collection completed' },
    });
    expect(queues.taara.sent.map((s) => s.message)).toEqual(
      ['home', 'office'].map((source) => ({
        version: 1,
        tenant: 'demo',
        source,
        slot: '2030-01-01T12:00:00.000Z',
        part: 0,
        boundary: false,
      })),
    );
    expect(queues.snmp.sent).toEqual([]);
  });

  test('a partial one is a success', async () => {
    ends('partial');
    expect((await ask('POST /api/collect')).body.status).toBe('success');
  });

  test('a failed one is told in the body of a 200', async () => {
    ends('failed');
    expect(await ask('POST /api/collect')).toMatchObject({
      status: 200,
      body: { status: 'error', message: 'Data collection failed' },
    });
  });

  test('one that is late is told after 10 s, not called a success', async () => {
    meanwhile = () => {
      runs = [run('home')];
    };
    expect(await ask('POST /api/collect')).toMatchObject({
      status: 200,
      body: { status: 'error', message: 'Data collection is still running' },
    });
    expect(clock.now() - NOON).toBeGreaterThanOrEqual(10_000);
    expect(clock.now() - NOON).toBeLessThan(11_000);
  });

  test('one whose end cannot be found is not called a success', async () => {
    const blind = apiOf(
      createRunEndpoints({
        clock,
        collectQueues: queues,
        sources: { list: async () => sources },
        runs: {
          isDone: async () => true,
          list: async () => ({ runs: [] }),
          write: async () => undefined,
          writeRaw: async () => undefined,
          readRaw: async () => undefined,
        },
        sleep: async (ms) => clock.advance(ms),
      }),
    );
    expect((await blind('POST /api/collect')).body.status).toBe('error');
  });

  test('without an account it is 404', async () => {
    sources = [sourceNamed('router', { type: 'snmp' }), sourceNamed('off', { enabled: false })];
    expect((await ask('POST /api/collect')).status).toBe(404);
  });
});
