/** PostgreSQL with the schema of the systems that Headroom replaces, and the generated data in it; asked through one psql. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isInstalled, run, startServer, stopServer, temporaryFolder } from './programs.ts';
import { type Peer, type Subject, subjectOf, sum } from './questions.ts';
import * as set from './series.ts';

const INSTALLED = '/usr/lib/postgresql';
/** Volumes are kept as megabytes in floating point. */
const ROUNDING = 1e-6;
/** It interpolates between two ranks. */
const INTERPOLATION = 0.001;
const TOLERANCE = {
  ...{ Q1a: ROUNDING, Q1b: ROUNDING, Q2: ROUNDING, Q3: ROUNDING },
  ...{ Q4: ROUNDING, Q5: ROUNDING, Q6: INTERPOLATION, Q7: INTERPOLATION },
} as const;

const SCHEMA = `
CREATE TABLE sim_cards(id serial primary key, iccid varchar(20) unique not null, tenant_id int not null);
CREATE TABLE usage_records(id serial primary key, sim_card_id int not null references sim_cards(id), date timestamp not null,
 data_volume_mb float8 default 0, data_volume_rx_mb float8 default 0, data_volume_tx_mb float8 default 0,
 sms_volume int default 0, sms_volume_mo int default 0, sms_volume_mt int default 0, created_at timestamp default now());`;
const INDEXES = `
CREATE INDEX idx_usage_records_date ON usage_records(date DESC);
CREATE INDEX idx_usage_records_sim_date ON usage_records(sim_card_id,date DESC);
VACUUM ANALYZE usage_records;`;

export async function startPostgres(data: set.DataSet): Promise<Peer | undefined> {
  const programs = programFolder();
  if (!programs || !isInstalled('psql')) return undefined;
  const folder = temporaryFolder('postgres');
  const user = serverUser();
  if (user) chownSync(folder, user.uid, user.gid);
  const database = join(folder, 'data');
  run(join(programs, 'initdb'), ['-D', database, '-A', 'trust', '-U', 'postgres'], { ...user, stdio: 'pipe' });
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses='127.0.0.1'",
    `unix_socket_directories='${folder}'`,
    'shared_buffers=1GB',
    'max_wal_size=8GB',
    'jit=off',
  ];
  appendFileSync(join(database, 'postgresql.conf'), `${settings.join('\n')}\n`);
  const server = await startServer(
    join(programs, 'postgres'),
    ['-D', database],
    async () => spawnSync(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status === 0,
    { ...user },
  );
  const psql = openPsql(port);
  const loadSeconds = await load(psql, data);
  const [size] = await psql.query("SELECT pg_total_relation_size('usage_records')");
  return {
    name: 'PostgreSQL',
    loadSeconds,
    bytesPerSample: Number(size?.[0]) / (data.counters.length * (data.slots - 1)),
    ask: asks(psql, subjectOf(data)),
    tolerance: TOLERANCE,
    async stop() {
      await psql.close();
      await stopServer(server, 'SIGINT');
    },
  };
}

function programFolder(): string | undefined {
  const newest = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort().at(-1) : undefined;
  return newest && join(INSTALLED, newest, 'bin');
}

/** The server refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

interface Psql {
  query(sql: string): Promise<string[][]>;
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

const END = '--end of answer--';

/** One session that stays open: an answer ends with a line of our own. */
function openPsql(port: number): Psql {
  const args = ['-X', '-qAt', '-F', ',', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port)];
  const child: ChildProcessWithoutNullStreams = spawn('psql', [...args, '-U', 'postgres', 'postgres']);
  let [printed, complaint] = ['', ''];
  let answered: ((rows: string[][]) => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8');
  });
  child.on('exit', () => failed?.(new Error(`psql ended: ${complaint}`)));
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
    if (!printed.endsWith(`${END}\n`)) return;
    const lines = printed
      .slice(0, -END.length - 1)
      .split('\n')
      .filter(Boolean);
    printed = '';
    answered?.(lines.map((line) => line.split(',')));
  });
  const write = async (text: string) => {
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  };
  return {
    write,
    query: (sql) =>
      new Promise((resolve, reject) => {
        [answered, failed] = [resolve, reject];
        void write(`${sql};\nSELECT '${END}';\n`);
      }),
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

/** In the order in which a collector writes: all subscribers of a slot, then the next slot. */
async function load(psql: Psql, data: set.DataSet): Promise<number> {
  const startedAt = performance.now();
  await psql.query(SCHEMA);
  const count = data.counters.length;
  await psql.query(
    `INSERT INTO sim_cards(iccid,tenant_id) SELECT 's'||i, i % ${set.TENANTS} FROM generate_series(0,${count - 1}) i`,
  );
  const columns = 'sim_card_id,date,data_volume_mb,data_volume_rx_mb,data_volume_tx_mb';
  await psql.write(`\\copy usage_records(${columns}) FROM STDIN CSV\n`);
  for (let k = 1; k < data.slots; k++) {
    const at = new Date(set.slotAt(k)).toISOString().slice(0, 19).replace('T', ' ');
    let lines = '';
    for (let series = 0; series < count; series++) {
      const octets = set.increaseOf(data, series, k - 1, k);
      const sent = Math.floor(octets / 9);
      lines += `${series + 1},${at},${octets / 1e6},${(octets - sent) / 1e6},${sent / 1e6}\n`;
    }
    await psql.write(lines);
  }
  await psql.write('\\.\n');
  await psql.query(INDEXES);
  return (performance.now() - startedAt) / 1000;
}

function asks(psql: Psql, about: Subject): Peer['ask'] {
  const time = (slot: number) => `'${new Date(set.slotAt(slot)).toISOString().slice(0, 19)}'`;
  const between = (from: number, to: number) => `date>=${time(from)} AND date<${time(to)}`;
  const sim = `sim_card_id=${about.series + 1}`;
  const [week, day, month] = [
    between(about.weekFrom, about.end),
    between(about.dayFrom, about.end),
    between(1, about.monthEnd),
  ];
  const rate = 'percentile_cont(0.95) WITHIN GROUP (ORDER BY data_volume_mb/300)';
  const total = async (sql: string, scale = 1e6) => {
    const rows = await psql.query(sql);
    return sum(rows.map((row) => Number(row.at(-1)))) * scale;
  };
  return {
    Q1a: () =>
      total(
        `SELECT date_trunc('hour',date),sum(data_volume_mb) FROM usage_records WHERE ${sim} AND ${week} GROUP BY 1 ORDER BY 1`,
      ),
    Q1b: () => total(`SELECT date,data_volume_mb FROM usage_records WHERE ${sim} AND ${week} ORDER BY date`),
    Q2: () =>
      total(
        `SELECT sim_card_id,sum(data_volume_mb) s FROM usage_records WHERE ${month} GROUP BY 1 ORDER BY s DESC LIMIT 10`,
      ),
    Q3: () =>
      total(
        `SELECT tenant_id,date_trunc('day',date) d,sum(data_volume_mb) FROM usage_records u JOIN sim_cards s ON s.id=u.sim_card_id WHERE ${month} GROUP BY 1,2 ORDER BY 1,2`,
      ),
    Q4: () =>
      total(
        `SELECT s.id,u.date,u.data_volume_mb FROM sim_cards s, LATERAL (SELECT date,data_volume_mb FROM usage_records u WHERE u.sim_card_id=s.id ORDER BY date DESC LIMIT 1) u WHERE tenant_id=${about.tenant}`,
        1e6 / set.PERIOD_SECONDS,
      ),
    Q5: () =>
      total(
        `SELECT u.sim_card_id,u.date,u.data_volume_mb FROM sim_cards s JOIN usage_records u ON u.sim_card_id=s.id WHERE tenant_id=${about.tenant} AND ${day}`,
      ),
    Q6: () => total(`SELECT ${rate} FROM usage_records WHERE ${sim} AND ${month}`),
    Q7: () => total(`SELECT sim_card_id,${rate} FROM usage_records WHERE ${month} GROUP BY 1`),
  };
}
