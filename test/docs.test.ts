/** The documents against the code: what they name exists, and what exists is named. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_ROUTES } from '../functions/api/openapi.ts';
import { FUNCTIONS } from '../functions/manifest.ts';
import { RUNBOOK } from '../lib/runbook.ts';
import { ACCEPTED } from '../local/model/accepted.ts';
import { readSettings } from '../local/settings.ts';
import * as alertKeys from '../shared/alerts/keys.ts';
import * as auditKeys from '../shared/collect/audit-keys.ts';
import * as collectKeys from '../shared/collect/keys.ts';
import * as entityKeys from '../shared/entities/keys.ts';
import * as notifyKeys from '../shared/notify/keys.ts';
import type { Key, Table } from '../shared/platform/table.dynamodb.ts';
import * as resellerKeys from '../shared/resellers/keys.ts';
import * as ruleKeys from '../shared/rules/keys.ts';
import * as sampleKeys from '../shared/samples/keys.ts';
import * as fleetKeys from '../shared/sims/fleet-keys.ts';
import * as jobKeys from '../shared/sims/jobs-keys.ts';
import * as simKeys from '../shared/sims/keys.ts';
import * as simLogKeys from '../shared/sims/simlog-keys.ts';
import { openSpendingStore } from '../shared/sims/spending.dynamodb.ts';
import * as usageKeys from '../shared/sims/usage-keys.ts';
import { createWalkStore } from '../shared/sims/walk.dynamodb.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const README = read('README.md');
const ARCHITECTURE = read('docs/architecture.md');
const EXAMPLE = read('.env.example');

/** `text` without the blocks between fences. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

function backticked(text: string): string[] {
  return [...prose(text).matchAll(/`([^`\n]+)`/g)].map((m) => m[1] ?? '');
}

/** Whatever a shell would run: blocks between fences, indented blocks, and what stands in backticks. */
function commands(text: string): string[] {
  const fenced = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map((m) => m[1] ?? '');
  const indented = [...prose(text).matchAll(/^ {4}\S.*$/gm)].map((m) => m[0]);
  return [...fenced, ...indented, ...backticked(text)];
}

function eachDocument(wrong: (text: string, path: string) => readonly string[]): string[] {
  return DOCUMENTS.flatMap((path) => wrong(read(path), path).map((sentence) => `${path}: ${sentence}`));
}

test('every npm script that a document tells to run exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = eachDocument((text) =>
    commands(text)
      .flatMap((c) => [...c.matchAll(/\bnpm (?:run (?:-s |--silent )?([\w:-]+)|(start|test)\b)/g)])
      .map((m) => m[1] ?? m[2] ?? '')
      .filter((script) => !(script in scripts))
      .map((script) => `npm has no script "${script}"`),
  );
  expect([...new Set(named)]).toEqual([]);
  expect(commands(README).join('\n')).toMatch(/^npm ci$[\s\S]*^npm start$/m);
});

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

function anchorsOf(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map((m) => anchorOf(m[1] ?? ''));
}

test('every link of a document leads to a file, and to a heading of it', () => {
  const wrong = eachDocument((text, path) =>
    [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((m) => m[1] ?? '')
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file));
        if (!existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
      })
      .map((link) => `${link} leads nowhere`),
  );
  expect(wrong).toEqual([]);
});

test('every file or folder that a document names by its path exists', () => {
  const wrong = eachDocument((text) =>
    backticked(text)
      .filter((t) => /^(agent|bin|lib|functions|shared|local|dashboard|test|bench|docs|scripts)\/[\w./-]*$/.test(t))
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `there is no ${path}`),
  );
  expect(wrong).toEqual([]);
});

test('T29: the README is short enough to be read, and tells of a start as it is', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(250);
  expect(README).toContain(`cloud    ${FUNCTIONS.length} functions,`);
});

test('T3: .env.example explains each setting of the local cloud, and no other', () => {
  const inSettings = [...read('local/settings.ts').matchAll(/(?:^ {2}|[{,] )([A-Z][A-Z0-9_]+): /gm)].map(
    (m) => m[1] ?? '',
  );
  // Where the data folder is must be known before anything else is read.
  const known = [...inSettings, ...(/\.(HEADROOM_DATA)\b/.exec(read('local/folder.ts'))?.slice(1) ?? [])];
  const explained = [...EXAMPLE.matchAll(/^#([A-Z][A-Z0-9_]+)=/gm)].map((m) => m[1] ?? '');
  expect(known.length).toBeGreaterThan(10);
  expect([...explained].sort()).toEqual([...known].sort());
  for (const name of explained) expect(EXAMPLE, name).toMatch(new RegExp(`^# .+\\n#${name}=`, 'm'));
});

test('.env.example sets nothing as it stands, and every value in it is one that is taken', () => {
  expect(EXAMPLE.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'headroom-docs-'));
  try {
    writeFileSync(join(folder, '.env'), EXAMPLE.replace(/^#(?=[A-Z])/gm, ''));
    const settings = readSettings(folder, {});
    expect(settings).toMatchObject({ port: 7071, zone: 'Africa/Nairobi', taaraAllocationGb: 1000 });
    expect(settings.taara).toBeDefined();
    expect(settings.onence).toBeDefined();
    expect(settings.twilio).toMatchObject({ smsFrom: expect.anything(), contentSids: expect.anything() });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the architecture names every function of the manifest', () => {
  const named = backticked(ARCHITECTURE);
  expect(FUNCTIONS.map((f) => f.name).filter((name) => !named.includes(name))).toEqual([]);
});

const ROUTES = [
  ...new Set([
    ...ALL_ROUTES.map((r) => r.key),
    ...FUNCTIONS.flatMap((f) => (f.trigger.on === 'http' ? [...f.trigger.routes] : [])),
  ]),
];

test('the README names every route of the API with its method', () => {
  const named = backticked(README);
  expect(ROUTES.filter((key) => !named.includes(key))).toEqual([]);
});

test('no document names a route that does not exist', () => {
  const patterns = ROUTES.map((key) => new RegExp(`^${key.replace(/\{\w+\}/g, '[^/ ]+')}$`));
  const wrong = eachDocument((text) =>
    backticked(text)
      .map((t) => /^((?:GET|POST|PUT|PATCH|DELETE) \/(?!_local)[^\s?]*)/.exec(t)?.[1])
      .filter((key) => key !== undefined)
      .filter((key) => !patterns.some((p) => p.test(key)))
      .map((key) => `${key} is no route`),
  );
  expect(wrong).toEqual([]);
});

test('the README says of every route what role it needs', () => {
  const rows = [...README.matchAll(/^\| (`(?:GET|POST|PATCH|DELETE) [^|]*) \| (\w+) \|/gm)];
  const told = rows.flatMap((m) => backticked(m[1] ?? '').map((key): [string, string] => [key, m[2] ?? '']));
  const needs = new Map<string, string>(ALL_ROUTES.map((r) => [r.key, r.needs]));
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter(([key, role]) => needs.has(key) && needs.get(key) !== role)).toEqual([]);
});

const AT = Date.parse('2026-11-20T10:15:00.000Z');
const TARGET = { tenant: 'tenant', kind: '<kind>', target: '<target>' };
const ENTITY = { tenant: 'tenant', kind: '<kind>', entity: '<entity>' };
const ROW = { at: AT, event: 'fired', text: '<text>' } as const;

const SIM = { tenant: 'tenant', account: '<account>', iccid: '<iccid>' };

/** Of a store that makes its keys itself: what its first write is called. */
async function writtenBy(write: (table: Table) => Promise<unknown>): Promise<Key> {
  let key: Key | undefined;
  const table: Pick<Table, 'get' | 'put'> = {
    get: async () => undefined,
    put: async ({ pk, sk }) => {
      key = { pk: String(pk), sk: String(sk) };
      return true;
    },
  };
  await write(table as Table);
  if (!key) throw new Error('nothing was written');
  return key;
}

/** Every key of the table made by the rooms' own functions, by the name of that function. */
const KEYS: Readonly<Record<string, Key>> = {
  headKey: sampleKeys.headKey(TARGET),
  batchKey: sampleKeys.batchKey(TARGET, AT, 0),
  dictionaryKey: sampleKeys.dictionaryKey(TARGET, 0),
  leaseKey: sampleKeys.leaseKey(TARGET),
  chunkKey: sampleKeys.chunkKey(ENTITY, AT),
  lateChunksKey: sampleKeys.lateChunksKey(TARGET, '<month>'),
  rollupKey: sampleKeys.rollupKey('tenant', '<metric>', '<month>', '<entity>'),
  runningDayKey: sampleKeys.runningDayKey(TARGET, '<metric>', '<month>'),
  topKey: sampleKeys.topKey('tenant', '<metric>', '<month>', '<entity>'),
  entityKey: entityKeys.entityKey('tenant', '<kind>', '<entity>'),
  tenantItemKey: entityKeys.tenantItemKey('tenant'),
  tenantRowKey: entityKeys.tenantRowKey('<tenant>'),
  memberKey: entityKeys.memberKey('<hash>'),
  openKey: alertKeys.openKey('tenant', '<fingerprint>'),
  historyKey: alertKeys.historyKey('tenant', '<fingerprint>', AT),
  rowKey: alertKeys.rowKey('tenant', '<fingerprint>', AT, ROW),
  sourceKey: collectKeys.sourceKey('tenant', '<source>'),
  targetKey: collectKeys.targetKey('<type>' as 'taara', '<tenant>', '<source>'),
  breakerKey: collectKeys.breakerKey('tenant', '<source>'),
  tokenKey: collectKeys.tokenKey('tenant', '<source>'),
  secretLockKey: collectKeys.secretLockKey('tenant'),
  siteWorkKey: collectKeys.siteWorkKey('tenant', '<site>', '<router>'),
  siteSeenKey: collectKeys.siteSeenKey('tenant', '<site>'),
  siteAnswerKey: collectKeys.siteAnswerKey('tenant', '<site>', '<command>'),
  siteKeyKey: collectKeys.siteKeyKey('<hash>'),
  runKey: collectKeys.runKey('tenant', AT, '<source>', 0),
  rawKey: collectKeys.rawKey('tenant', AT, '<source>', 0),
  ruleKey: ruleKeys.ruleKey('tenant', '<id>'),
  watchKey: ruleKeys.watchKey('tenant'),
  receiverKey: notifyKeys.receiverKey('tenant', '<id>'),
  mailboxHeadKey: notifyKeys.mailboxHeadKey('tenant', '<recipient>'),
  mailboxLineKey: notifyKeys.mailboxLineKey('tenant', '<recipient>', '<line>'),
  mailboxToldKey: notifyKeys.mailboxToldKey('tenant', '<recipient>', '<episode>'),
  waitingKey: notifyKeys.waitingKey('tenant', '<recipient>'),
  deliveryKey: notifyKeys.deliveryKey('tenant', '<day>', '<id>'),
  auditRowKey: auditKeys.auditRowKey('tenant', 0),
  auditHeadKey: auditKeys.auditHeadKey('tenant'),
  fleetKey: fleetKeys.fleetKey('tenant', '<account>'),
  noteKey: fleetKeys.noteKey('tenant', '<target>', '<iccid>'),
  paceKey: simKeys.paceKey('tenant', '<source>'),
  tokenLockKey: simKeys.tokenLockKey('tenant', '<source>'),
  usageMonthKey: usageKeys.usageMonthKey(SIM, '<month>'),
  correctionKey: usageKeys.correctionKey(SIM, AT, '<day>'),
  eventKey: simLogKeys.eventKey(SIM, AT, '<hash>'),
  cellKey: simLogKeys.cellKey(SIM, AT),
  jobKey: jobKeys.jobKey('tenant', '<job>'),
  partKey: jobKeys.partKey('tenant', '<job>', 0),
  progressKey: jobKeys.progressKey('tenant', '<job>', 0),
  claimKey: jobKeys.claimKey('tenant', '<hash>'),
  resellerKey: resellerKeys.resellerKey('tenant', '<id>'),
  routerLeaseKey: resellerKeys.routerLeaseKey('tenant', '<source>'),
  comparisonKey: resellerKeys.comparisonKey('tenant', '<source>'),
  walkNote: await writtenBy((table) => createWalkStore(table).note('tenant', '<account>', AT, 0, [])),
  spendingMonth: await writtenBy((table) => {
    const month = { tenant: 'tenant', account: '<account>', month: '<month>' };
    return openSpendingStore(table).reserve(month, 'id', { amountMinor: 1n, currency: 'EUR' }, 1n);
  }),
};

/** `<tenant>`, `<slot>` and `<month>` for the values that stand for them here. */
function pattern(key: string): string {
  return key
    .replace(/^tenant(?=#)/, '<tenant>')
    .replaceAll('2026-11-20T10:15:00.000Z', '<slot>')
    .replace(/#2026-11$/, '#<month>');
}

test('the table of keys is the one that the rooms make', () => {
  const rows = [...ARCHITECTURE.matchAll(/^\| [^|]+ \| `([^`]+)` \| `([^`]+)` \|/gm)].map((m) => `${m[1]} ${m[2]}`);
  const made = Object.values(KEYS).map(({ pk, sk }) => `${pattern(pk)} ${pattern(sk)}`);
  expect([...rows].sort()).toEqual([...made].sort());
});

test('no room makes a key that the table of keys does not know', () => {
  const rooms = [
    ...[sampleKeys, entityKeys, alertKeys, collectKeys, ruleKeys, notifyKeys],
    ...[auditKeys, fleetKeys, jobKeys, resellerKeys, simKeys, simLogKeys, usageKeys],
  ];
  const files = readdirSync(join(ROOT, 'shared'), { recursive: true, encoding: 'utf8' });
  expect(rooms.length, 'a file of keys is not compared').toBe(files.filter((file) => /\bkeys\.ts$/.test(file)).length);
  const readers = ['deliveryOfKey', 'recipientOfWaitingKey'];
  const makers = rooms
    .flatMap((room) => Object.keys(room))
    .filter((name) => name.endsWith('Key') && !readers.includes(name));
  expect(makers.filter((name) => !(name in KEYS))).toEqual([]);
});

test('the architecture names the index partitions', () => {
  const named = backticked(ARCHITECTURE);
  expect(named).toContain(pattern(alertKeys.byEntityPk('tenant', '<entity>')));
  expect(named).toContain(pattern(notifyKeys.openDeliveriesPartition('tenant')));
});

/** Members of a union type of quoted words. */
function members(path: string, type: string): string[] {
  const body = new RegExp(`export type ${type} =([\\s\\S]*?);`).exec(read(path))?.[1] ?? '';
  return [...body.replace(/\/\/.*$/gm, '').matchAll(/'([^']+)'/g)].map((m) => m[1] ?? '');
}

test.each([
  { path: 'shared/samples/metric.ts', type: 'MetricKind', document: 'docs/architecture.md' },
  { path: 'shared/samples/sample.ts', type: 'IncreaseReason', document: 'docs/architecture.md' },
  { path: 'shared/platform/errors.ts', type: 'ErrorCode', document: 'docs/troubleshooting.md' },
])('every $type is explained in $document', ({ path, type, document }) => {
  const words = members(path, type);
  expect(words.length).toBeGreaterThan(3);
  const rows = read(document).match(/^\| .*$/gm) ?? [];
  expect(words.filter((word) => !rows.some((row) => row.includes(`\`${word}\``)))).toEqual([]);
});

test('the architecture lists every type of resource that the local cloud accepts, and no other', () => {
  const named = new Set(backticked(ARCHITECTURE).filter((t) => t.startsWith('AWS::')));
  expect([...named].sort()).toEqual(Object.keys(ACCEPTED).sort());
});

test('the runbook has the heading of every alarm', () => {
  const headings = [...read('docs/runbook.md').matchAll(/^## (.+)$/gm)].map((m) => m[1]);
  expect(Object.values(RUNBOOK).filter((heading) => !headings.includes(heading))).toEqual([]);
});

test('documents hold no phone number, address or token of anybody', () => {
  const wrong = [...DOCUMENTS.map(read), EXAMPLE].flatMap((text) => [
    ...[...text.matchAll(/\+\d{9,15}\b/g)].map((m) => m[0]).filter((n) => !/^\+447700900\d{3}$/.test(n)),
    ...[...text.matchAll(/(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b(?!\.)/g)]
      .map((m) => m[0])
      .filter((a) => !/^(127|10|192\.0\.2|192\.168|198\.51\.100|203\.0\.113)\./.test(a)),
    ...[...text.matchAll(/\beyJ[\w-]{20,}/g)].map((m) => m[0]),
  ]);
  expect(wrong).toEqual([]);
});
