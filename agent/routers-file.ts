/** The file of the routers that this site's agent may reach: where they are, how they prove themselves, their logins. They never leave it. */
import { readFileSync, statSync } from 'node:fs';
import { SOURCE_ID_PATTERN } from '../shared/collect/source-rules.ts';
import { openRouterosLimits } from '../shared/interfaces/routeros-limits.http.ts';
import { routerosSecretIssues, routerosSettingsIssues } from '../shared/interfaces/routeros-settings.ts';
import { resolvePublic } from '../shared/platform/address.dns.ts';
import type { SiteRouter } from './limits.ts';

/** Where a site's own routers are, beside public addresses. In clear only loopback is called, by the driver's own rule. */
const OWN_NETWORKS = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  '127.0.0.0/8',
  '::1/128',
];
const LOGIN_FIELDS = ['user', 'password', 'writeUser', 'writePassword'];

type Fields = Readonly<Record<string, unknown>>;

/** All that is wrong with the file is added to `wrong`, never what stands in it. `ticks`: ms of a clock that nobody sets. */
export function readRouters(path: string, wrong: string[], ticks: () => number): ReadonlyMap<string, SiteRouter> {
  const routers = new Map<string, SiteRouter>();
  for (const [id, entry] of entriesOf(path, wrong)) {
    const problems = issuesOfEntry(id, entry);
    wrong.push(...problems.map((problem) => `${path}: ${JSON.stringify(id)}: ${problem}`));
    if (problems.length === 0) routers.set(id, routerOf(entry as Fields, ticks));
  }
  return routers;
}

function entriesOf(path: string, wrong: string[]): [string, unknown][] {
  try {
    if ((statSync(path).mode & 0o077) !== 0) wrong.push(`${path} may be read by others: chmod 600 it`);
    const { routers } = JSON.parse(readFileSync(path, 'utf8')) as { routers?: unknown };
    if (isFields(routers) && Object.keys(routers).length > 0) return Object.entries(routers);
    wrong.push(`${path} names no routers: {"routers": {"<id>": {"host": …, "user": …, "password": …}}}`);
  } catch {
    // The parser's own words would quote the file.
    wrong.push(`${path} cannot be read as JSON`);
  }
  return [];
}

function issuesOfEntry(id: string, entry: unknown): string[] {
  if (!SOURCE_ID_PATTERN.test(id)) return ['is no id of a source'];
  if (!isFields(entry)) return ['is no object'];
  const { settings, secret, write } = partsOf(entry);
  const issues = [...routerosSettingsIssues(settings), ...routerosSecretIssues(secret)];
  return [
    ...issues.map(({ path, message }) => `${path} ${message}`),
    ...(write === undefined || typeof write === 'boolean' ? [] : ['write must be true or false']),
  ];
}

function routerOf(entry: Fields, ticks: () => number): SiteRouter {
  const { settings, secret, write } = partsOf(entry);
  const deps = { clock: { now: ticks }, resolve: (host: string) => resolvePublic(host, OWN_NETWORKS) };
  return {
    mayWrite: write === true,
    open: (deadline) =>
      openRouterosLimits(deps, {
        source: { settings },
        secret: secret as Record<string, string>,
        allowedNetworks: OWN_NETWORKS,
        deadline,
      }),
  };
}

function partsOf({ write, ...fields }: Fields): { settings: Fields; secret: Fields; write: unknown } {
  const pick = (isLogin: boolean) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => LOGIN_FIELDS.includes(name) === isLogin));
  return { settings: pick(false), secret: pick(true), write };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
