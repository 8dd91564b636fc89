/** Prometheus, and VictoriaMetrics which speaks its language, with the generated data: loaded from one text file. */
import { createReadStream, createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  folderBytes,
  freePort,
  isInstalled,
  run,
  settledBytes,
  startServer,
  stopServer,
  temporaryFolder,
} from './programs.ts';
import { type Peer, type Subject, subjectOf, sum } from './questions.ts';
import * as set from './series.ts';

/** Sums are drawn out beyond both ends of what was counted; a rate over two periods flattens the peaks of one. */
const ESTIMATE = 0.03;
const FLATTENED = 0.1;
const TOLERANCE = {
  ...{ Q1a: ESTIMATE, Q1b: 0, Q2: ESTIMATE, Q3: ESTIMATE },
  ...{ Q4: 0, Q5: ESTIMATE, Q6: FLATTENED, Q7: FLATTENED },
} as const;
const QUERY_MS = 120_000;
/** One block for all of it, as compaction would leave it. */
const BLOCK = '1458h';

/** OpenMetrics text of all series, one after the other. */
export async function writeText(data: set.DataSet, path: string): Promise<void> {
  const parts = function* () {
    yield '# TYPE usage_bytes counter\n';
    for (const [series, values] of data.counters.entries()) {
      const labels = `{tenant="${set.tenantName(series % set.TENANTS)}",sub="s${series}"}`;
      const lines: string[] = [];
      for (let k = 0; k < data.slots; k++)
        lines.push(`usage_bytes_total${labels} ${values[k]} ${set.slotAt(k) / 1000}`);
      yield `${lines.join('\n')}\n`;
    }
    yield '# EOF\n';
  };
  await pipeline(Readable.from(parts()), createWriteStream(path));
}

export async function startPrometheus(data: set.DataSet, text: string): Promise<Peer | undefined> {
  if (!isInstalled('prometheus') || !isInstalled('promtool')) return undefined;
  const folder = temporaryFolder('prometheus');
  const [storage, config] = [join(folder, 'tsdb'), join(folder, 'prometheus.yml')];
  mkdirSync(storage);
  writeFileSync(config, 'global: {scrape_interval: 5m}\n');
  const startedAt = performance.now();
  const block = `--max-block-duration=${BLOCK}`;
  run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', block, text, storage], { stdio: 'pipe' });
  const loadSeconds = (performance.now() - startedAt) / 1000;
  const bytes = folderBytes(storage);
  const address = `127.0.0.1:${await freePort()}`;
  const server = await startServer(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${storage}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=${address}`,
    ],
    async () => (await fetch(`http://${address}/-/ready`)).ok,
  );
  return peerOf('Prometheus', data, `http://${address}`, { loadSeconds, bytes }, () => stopServer(server));
}

export async function startVictoriaMetrics(data: set.DataSet, text: string): Promise<Peer | undefined> {
  if (!isInstalled('victoria-metrics')) return undefined;
  const folder = temporaryFolder('victoria');
  const address = `127.0.0.1:${await freePort()}`;
  const base = `http://${address}`;
  const server = await startServer(
    'victoria-metrics',
    [
      `-storageDataPath=${folder}`,
      `-httpListenAddr=${address}`,
      '-retentionPeriod=100y',
      // What was loaded is asked for at once, and every answer is worked out anew.
      '-search.latencyOffset=0s',
      '-search.disableCache',
    ],
    async () => (await fetch(`${base}/health`)).ok,
  );
  const startedAt = performance.now();
  const body = Readable.toWeb(createReadStream(text, { highWaterMark: 1 << 20 })) as ReadableStream;
  // Its text format counts milliseconds where OpenMetrics counts seconds; it takes the ones for the others by itself.
  const sent = await fetch(`${base}/api/v1/import/prometheus`, { method: 'POST', body, duplex: 'half' } as RequestInit);
  if (!sent.ok) throw new Error(`VictoriaMetrics: HTTP ${sent.status} ${await sent.text()}`);
  for (const path of ['/internal/force_flush', '/internal/force_merge']) await (await fetch(`${base}${path}`)).text();
  const loadSeconds = (performance.now() - startedAt) / 1000;
  const bytes = await settledBytes(folder);
  return peerOf('VictoriaMetrics', data, base, { loadSeconds, bytes }, () => stopServer(server));
}

function peerOf(
  name: string,
  data: set.DataSet,
  base: string,
  loaded: { loadSeconds: number; bytes: number },
  stop: () => Promise<void>,
): Peer {
  const samples = data.counters.length * data.slots;
  return {
    name,
    loadSeconds: loaded.loadSeconds,
    bytesPerSample: loaded.bytes / samples,
    ask: asks(base, subjectOf(data)),
    tolerance: TOLERANCE,
    expected: { Q4: newestCounters(data) },
    stop,
  };
}

/** Its newest value is the counter itself, where the others keep what was added. */
function newestCounters(data: set.DataSet): number {
  const { tenant, end } = subjectOf(data);
  return sum(
    data.counters.filter((_, series) => series % set.TENANTS === tenant).map((values) => values[end - 1] ?? 0),
  );
}

interface Result {
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

function asks(base: string, about: Subject): Peer['ask'] {
  const query = async (path: string, parameters: Record<string, string>): Promise<Result[]> => {
    const url = `${base}/api/v1/${path}?${new URLSearchParams({ ...parameters, nocache: '1' })}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(QUERY_MS) });
    const body = (await response.json()) as { status: string; error?: string; data?: { result: Result[] } };
    if (body.status !== 'success' || !body.data) throw new Error(`${parameters.query}: ${body.error}`);
    return body.data.result;
  };
  const seconds = (slot: number) => String(set.slotAt(slot) / 1000);
  const at = (text: string, slot: number) => query('query', { query: text, time: seconds(slot) });
  const range = (text: string, from: number, to: number, step: number) =>
    query('query_range', { query: text, start: seconds(from), end: seconds(to), step: String(step) });
  const one = `usage_bytes_total{sub="s${about.series}"}`;
  const tenant = `usage_bytes_total{tenant="${set.tenantName(about.tenant)}"}`;
  const days = about.monthEnd / set.DAY_SLOTS;
  const last = about.end - 1;
  return {
    Q1a: async () => total(await range(`increase(${one}[1h])`, about.weekFrom + 11, last, 3600)),
    Q1b: async () => {
      // A second more than the week, so that the reading before it is there wherever a range may begin.
      const [series] = await at(`${one}[${(about.end - about.weekFrom) * set.PERIOD_SECONDS + 1}s]`, last);
      return Number(series?.values?.at(-1)?.[1]) - Number(series?.values?.[0]?.[1]);
    },
    Q2: async () => total(await at(`topk(10, increase(usage_bytes_total[${days}d]))`, about.monthEnd - 1)),
    Q3: async () =>
      total(
        await range('sum by (tenant)(increase(usage_bytes_total[1d]))', set.DAY_SLOTS - 1, about.monthEnd - 1, 86_400),
      ),
    Q4: async () => total(await at(tenant, last)),
    Q5: async () => total(await range(`rate(${tenant}[10m])`, about.dayFrom, last, 300)) * set.PERIOD_SECONDS,
    Q6: async () => total(await at(`quantile_over_time(0.95, rate(${one}[10m])[${days}d:5m])`, about.monthEnd - 1)),
    Q7: async () =>
      total(await at(`quantile_over_time(0.95, rate(usage_bytes_total[10m])[${days}d:5m])`, about.monthEnd - 1)),
  };
}

function total(results: readonly Result[]): number {
  return sum(
    results.flatMap(({ value, values }) => (values ?? (value ? [value] : [])).map(([, text]) => Number(text))),
  );
}
