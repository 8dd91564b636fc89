/** The structure of the house, as data: which room may import which, what each file may touch, how big it may be. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const TREES = ['agent', 'bin', 'lib', 'functions', 'shared', 'local', 'dashboard', 'bench', 'scripts'];

interface Source {
  readonly path: string;
  readonly text: string;
  /** Repository paths of relative imports, and names of packages. */
  readonly imports: readonly string[];
  /** Those that are types only. */
  readonly typeImports: readonly string[];
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((e) => e.isFile() && /\.(ts|mts)$/.test(e.name))
    .map((e) => relative(ROOT, join(e.parentPath, e.name)));
}

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const found = [...text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)];
  const name = (specifier: string): string =>
    specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(path), specifier)) : specifier;
  return {
    path,
    text,
    imports: found.map((m) => name(m[2] ?? '')),
    typeImports: found.filter((m) => m[1]).map((m) => name(m[2] ?? '')),
  };
}

const exists = (folder: string): boolean => {
  try {
    return statSync(join(ROOT, folder)).isDirectory();
  } catch {
    return false;
  }
};
const SOURCES = TREES.filter(exists).flatMap(filesBelow).map(readSource);

/** Room of a path: `shared/bundles`, or the tree itself. */
function roomOf(path: string): string {
  const [tree = '', room = ''] = path.split('/');
  if (path === 'shared/capabilities.ts' || path === 'shared/capability-metrics.ts') return 'registry';
  return tree === 'shared' ? room : tree;
}

const GROUND = ['platform'];
const MODEL = [...GROUND, 'entities', 'samples'];
const CAPABILITIES = ['bundles', 'interfaces', 'links', 'reach', 'resellers', 'sims'];

/** What each room may import, itself apart. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  entities: GROUND,
  samples: GROUND,
  collect: MODEL,
  rules: MODEL,
  alerts: [...MODEL, 'rules'],
  notify: [...MODEL, 'rules', 'alerts'],
  bundles: [...MODEL, 'collect', 'rules'],
  interfaces: [...MODEL, 'collect', 'rules'],
  // A link is made of interfaces.
  links: [...MODEL, 'collect', 'rules', 'interfaces'],
  // A router pings for it: the way to a device begins there, and from here no echo can be sent.
  reach: [...MODEL, 'collect', 'rules', 'interfaces'],
  sims: [...MODEL, 'collect', 'rules'],
  resellers: [...MODEL, 'collect', 'rules', 'interfaces'],
  registry: [...MODEL, 'collect', 'rules', ...CAPABILITIES],
  functions: [...MODEL, 'collect', 'rules', 'alerts', 'notify', ...CAPABILITIES, 'registry'],
  lib: ['platform', 'functions'],
  bin: ['lib'],
  // What runs at a site, in one file: the house's own proof of who sends, and its drivers of routers.
  agent: ['platform', 'collect', 'interfaces'],
  // The counters of this machine.
  local: [...MODEL, 'collect', 'rules', 'alerts', 'notify', 'lib', 'agent'],
  scripts: [...MODEL, 'collect', 'rules', 'alerts', 'notify', 'lib', 'local'],
  dashboard: [],
  bench: [...MODEL, 'collect', 'rules', 'alerts', 'notify', ...CAPABILITIES, 'registry', 'functions', 'local', 'lib'],
};

test('imports point one way', () => {
  const wrong = SOURCES.flatMap((source) => {
    const from = roomOf(source.path);
    const allowed = MAY_IMPORT[from];
    if (!allowed) return [`${source.path}: the room "${from}" is not in MAY_IMPORT: say there what it may import`];
    return source.imports
      .filter((i) => TREES.includes(i.split('/')[0] ?? ''))
      .filter((i) => roomOf(i) !== from && !allowed.includes(roomOf(i)))
      .filter((i) => !isException(source, i))
      .map((i) => `${source.path} imports ${i}: "${from}" may not import "${roomOf(i)}"`);
  });
  expect(wrong).toEqual([]);
});

/** The few imports that cross a wall on purpose. */
function isException(source: Source, imported: string): boolean {
  // Simulators speak the outside's own shapes.
  if (source.path.startsWith('local/simulators/') && /\.wire\.ts$/.test(imported)) return true;
  // The manifest names the routes of contracts; a contract holds no code.
  if (source.path === 'functions/manifest.ts' && /\.contract\.ts$/.test(imported)) return true;
  // The page knows the contracts' types, and nothing at run time.
  if (source.path.startsWith('dashboard/') && /\.contract\.ts$/.test(imported))
    return source.typeImports.includes(imported);
  return false;
}

test('lib sees the manifest, configurations and key names of functions, never handler code', () => {
  const wrong = SOURCES.filter((s) => roomOf(s.path) === 'lib').flatMap((s) =>
    s.imports
      .filter((i) => i.startsWith('functions/') && i !== 'functions/manifest.ts' && !i.endsWith('.config.ts'))
      .map((i) => `${s.path} imports ${i}`),
  );
  expect(wrong).toEqual([]);
});

/** Suffixes of files that may open a socket, ask the clock or the environment, or import an SDK. */
const ADAPTER =
  /\.(http|snmp|netconf|routeros|tcp|dynamodb|timestream|sns|sqs|s3|twilio|websocket|secrets|secretsmanager|dns|cognito|lambda|log)\.ts$/;
const TOUCHES: readonly (readonly [RegExp, string])[] = [
  [
    /^import (?!type).*from ['"](@aws-sdk|twilio|net-snmp|ssh2|@aws-lambda-powertools\/(logger|metrics|parameters))/m,
    'imports an SDK',
  ],
  [/from ['"]node:(net|http|https|dgram|tls|fs|child_process|dns)/, 'imports the network or the file system'],
  [/\bprocess\.env\b/, 'reads the environment'],
  [/\bDate\.now\(\)|\bnew Date\(\)/, 'asks the clock'],
  [/\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/, 'draws a random value'],
  [/\bfetch\(/, 'opens a connection'],
];
/** The clock itself, and the one place where every API function writes its log line. */
const TOUCH_EXCEPTIONS = ['shared/platform/clock.ts', 'shared/platform/http.ts', 'functions/api/log.ts'];
/** Wiring that several entry points share: environment -> adapters, and nothing else. */
const WIRING = ['functions/collect/open-collector.ts', 'functions/api/guarded.ts', 'functions/api/open-sources.ts'];

test('only adapters, entry points and the local cloud touch the world', () => {
  const wrong = SOURCES.filter((s) => /^(shared|functions)\//.test(s.path))
    .filter((s) => !ADAPTER.test(s.path) && !TOUCH_EXCEPTIONS.includes(s.path) && !WIRING.includes(s.path))
    .flatMap((s) =>
      TOUCHES.filter(([pattern]) => pattern.test(withoutComments(s.text))).map(([, what]) => `${s.path} ${what}`),
    );
  expect(wrong).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

test('wire and contract files hold shapes only', () => {
  const wrong = SOURCES.filter((s) => /\.(wire|contract)\.ts$/.test(s.path)).flatMap((s) =>
    s.imports
      .filter(
        (i) =>
          !i.startsWith('zod') &&
          !/\.(wire|contract)\.ts$|^shared\/platform\/|\/keys\.ts$|^shared\/collect\/source(-rules)?\.ts$/.test(i),
      )
      .map((i) => `${s.path} imports ${i}`),
  );
  expect(wrong).toEqual([]);
});

test('entry points are short and functions are inert', () => {
  const long = SOURCES.filter((s) => s.path.endsWith('.lambda.ts') && s.text.split('\n').length > 61).map(
    (s) => s.path,
  );
  expect(long).toEqual([]);
});

test('a file has at most 300 lines, begins by saying what it is, and has no default export', () => {
  const wrong = SOURCES.flatMap((s) => [
    ...(s.text.split('\n').length > 301 ? [`${s.path} has more than 300 lines: it wants a split`] : []),
    ...(/^(\/\*\*|declare)/.test(s.text) ? [] : [`${s.path} does not begin with a sentence that says what it is`]),
    ...(/^export default/m.test(s.text) && !s.path.endsWith('.d.ts') ? [`${s.path} has a default export`] : []),
    ...(/\b(TODO|FIXME|XXX)\b/.test(s.text) ? [`${s.path} leaves something to do`] : []),
  ]);
  expect(wrong).toEqual([]);
});

const BANNED = /(^|[-./])(utils?|helpers?|managers?|services?|common|mappers?|data|info)([-.]|$)/;

test('no file bears a name that says nothing', () => {
  const wrong = SOURCES.map((s) => s.path).filter((p) => BANNED.test(p.split('/').pop() ?? ''));
  expect(wrong).toEqual([]);
});

test('files are named in kebab case', () => {
  const wrong = SOURCES.map((s) => s.path.split('/').pop() ?? '').filter(
    (n) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/.test(n),
  );
  expect(wrong).toEqual([]);
});

/** Ranges kept for documentation and this machine; anything else could be somebody's. */
const EXAMPLE_ADDRESS =
  /^(127\.|0\.|10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|198\.1[89]\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|192\.0\.0\.|192\.88\.99\.|22[4-9]\.|23\d\.|24\d\.|25[0-5]\.)/;

test('phone numbers come from the range kept for examples', () => {
  const files = [...SOURCES.map((s) => s.path), ...filesBelow('test')].filter((p) => p !== 'test/architecture.test.ts');
  const wrong = files.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return [...text.matchAll(/\+\d{9,15}\b/g)]
      .map((m) => m[0])
      .filter((n) => !/^\+44770090\d*$/.test(n))
      .map((n) => `${path}: ${n}`);
  });
  expect(wrong).toEqual([]);
});

test('addresses come from ranges kept for documentation or private use', () => {
  const wrong = SOURCES.flatMap((s) =>
    [...withoutComments(s.text).matchAll(/['"`](\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b(?!\.)/g)]
      .map((m) => m[1] ?? '')
      .filter((a) => !EXAMPLE_ADDRESS.test(a))
      .map((a) => `${s.path}: ${a}`),
  );
  expect(wrong).toEqual([]);
});
