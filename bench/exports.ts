/** Row h: exports of a large fleet as CSV and XLSX: how long they take, and how flat memory stays meanwhile. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type SimExportRow, simsAsCsv, simsAsXlsx } from '../shared/sims/sims-export.ts';
import { digits, load, machine, median, option, say, table } from './measure.ts';

const SIMS = 100_000;
const TIMES = 5;
/** The same for any number of SIMs: flat. */
const ALIVE_GOAL_MB = 8;
const LOOK_EVERY_BYTES = 200_000;
const MEGABYTE = 1_000_000;
const NOON = Date.parse('2026-11-20T12:00:00Z');

type Pieces = Iterable<string | Uint8Array>;

interface Measured {
  readonly seconds: number;
  readonly fileMb: number;
}

/** Every column filled, each SIM another, none kept: as a store would hand them over one by one. */
function* rows(count: number): Generator<SimExportRow, undefined, undefined> {
  for (let i = 0; i < count; i++) {
    const spread = (i * 2_654_435_761) % 4_294_967_296;
    yield {
      iccid: `8988${String(i).padStart(15, '0')}`,
      account: `account-${i % 3}`,
      label: `unit ${i}, ${spread.toString(36)}`,
      status: i % 50 === 0 ? 'disabled' : 'enabled',
      dataLevel: i % 9 === 0 ? 'low' : 'sufficient',
      dataRemaining: BigInt(spread) % 500_000_000n,
      dataTotal: 500_000_000n,
      dataExpiresAt: NOON + spread,
      smsRemaining: BigInt(spread % 250),
      usageToday: BigInt(spread % 9_000_000),
      lastSeenAt: NOON - (spread % 86_400_000),
      countryCode: ['KE', 'DE', 'BD'][i % 3],
      operatorName: `Operator ${i % 40}`,
      imei: String(spread).padStart(15, '0'),
      msisdn: `882${String(i).padStart(12, '0')}`,
      tags: [`batch-${i % 100}`, i % 2 === 0 ? 'indoor' : 'outdoor'],
      group: `group ${i % 20}`,
      thresholdPercent: (i % 40) + 0.5,
      readAt: NOON - (spread % 900_000),
    };
  }
  return undefined;
}

/** Pieces are counted and dropped. */
function time(pieces: Pieces): Measured {
  let bytes = 0;
  const startedAt = performance.now();
  for (const piece of pieces) bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
  return { seconds: (performance.now() - startedAt) / 1000, fileMb: bytes / MEGABYTE };
}

/** Most that is alive at any look, garbage left out, above what was alive before: heap and buffers. */
function aliveMb(pieces: Pieces, collect: () => void): number {
  const alive = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = alive();
  let most = 0;
  let bytes = 0;
  let next = 0;
  for (const piece of pieces) {
    bytes += piece.length;
    if (bytes < next) continue;
    next = bytes + LOOK_EVERY_BYTES;
    most = Math.max(most, alive() - before);
  }
  return most / MEGABYTE;
}

/** Node gives it out only when it is asked to. */
function openCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function main(): void {
  const count = option('sims', SIMS);
  const times = option('times', TIMES);
  say(machine());
  const busy = load();
  const kinds = { CSV: simsAsCsv, XLSX: simsAsXlsx };
  const collect = openCollector();
  const found = (['CSV', 'XLSX'] as const).flatMap((name) =>
    [Math.ceil(count / 10), count].map((sims) => {
      const runs = Array.from({ length: times }, () => time(kinds[name](rows(sims))));
      const mostMb = aliveMb(kinds[name](rows(sims)), collect);
      return [
        name,
        String(sims),
        digits(median(runs.map((run) => run.seconds))),
        digits(runs[0]?.fileMb ?? Number.NaN),
        digits(mostMb),
        digits(process.resourceUsage().maxRSS / 1000),
        `alive <= ${ALIVE_GOAL_MB} MB: ${mostMb <= ALIVE_GOAL_MB ? 'met' : 'MISSED'}`,
        busy,
      ];
    }),
  );
  const columns = ['export', 'SIMs', 'seconds', 'file MB', 'alive MB', 'peak process MB', 'goal', 'load average'];
  table(`Row h: exports, median of ${times}; memory that is alive, above what was before`, columns, found);
}

main();
