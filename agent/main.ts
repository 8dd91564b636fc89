/** `npm run agent -- --url https://… --key-file site-key.json`: sends this machine's counters to a house elsewhere, and carries out what that asks of this site's routers. */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { SiteKey } from '../shared/collect/site-key.ts';
import { request } from '../shared/platform/http.ts';
import { isKernelAgentAvailable, readKernel } from './kernel.ts';
import { createLimitsWorker, type SiteRouter } from './limits.ts';
import { createPushAgent, type PushAgentDeps } from './push-agent.ts';
import { readRouters } from './routers-file.ts';
import { createWorkAgent } from './work-agent.ts';

const USAGE = `npm run agent -- --url https://headroom.example.net --key-file site-key.json [--period 300]
  --url        address of the house; the route is added
  --key-file   JSON {"id": …, "secret": …} as POST /v1/sources or /v1/sources/{id}/site-key answered it; only you may read it
  --period     seconds between two readings, as the source has it
  --routers    JSON {"routers": {"<id of the source>": {"host", "certificateSha256", "user", "password", "write": true}}}: asks
               the house for commands to these routers; only you may read it`;
const TIMEOUT_MS = 20_000;
const LONGEST_ANSWER = 2_000_000;
const ticks = () => performance.now();

interface Order {
  /** Of the house; routes are added. */
  readonly url: URL;
  readonly key: SiteKey;
  /** Undefined where no commands are asked for. */
  readonly routers: ReadonlyMap<string, SiteRouter> | undefined;
  readonly periodSeconds: number;
}

/** All that is wrong with the command, at once; never what stands in the key's file. */
function readOrder(args: readonly string[]): Order {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ url: { type: 'string' }, 'key-file': { type: 'string' }, routers: { type: 'string' } },
      period: { type: 'string', default: '300' },
    },
  });
  const wrong: string[] = [];
  const url = URL.canParse(values.url ?? '') ? new URL(values.url ?? '') : undefined;
  const isOurs = url !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url === undefined) wrong.push('--url is missing or no address');
  else if (url.protocol !== 'https:' && !isOurs) wrong.push('--url must begin with https://');
  const periodSeconds = Number(values.period);
  if (!Number.isInteger(periodSeconds) || periodSeconds < 60 || periodSeconds > 86_400 || periodSeconds % 60 !== 0) {
    wrong.push('--period must be a multiple of 60 from 60 to 86400');
  }
  const key = readKey(values['key-file'], wrong);
  const routers = values.routers === undefined ? undefined : readRouters(values.routers, wrong, ticks);
  if (!isKernelAgentAvailable()) wrong.push('this machine has no /proc/net/dev: the agent runs on Linux');
  if (wrong.length > 0 || url === undefined || key === undefined) throw new Error(`${wrong.join('; ')}\n${USAGE}`);
  return { url, key, periodSeconds, routers };
}

function readKey(path: string | undefined, wrong: string[]): SiteKey | undefined {
  if (path === undefined) {
    wrong.push('--key-file is missing');
    return undefined;
  }
  try {
    if ((statSync(path).mode & 0o077) !== 0) wrong.push(`${path} may be read by others: chmod 600 it`);
    const { id, secret } = JSON.parse(readFileSync(path, 'utf8')) as Partial<SiteKey>;
    if (/^[0-9a-f]{32}$/.test(id ?? '') && /^[0-9a-f]{64}$/.test(secret ?? '')) return { id, secret } as SiteKey;
    wrong.push(`${path} holds no key of a site`);
  } catch {
    // The parser's own words would quote the file.
    wrong.push(`${path} cannot be read as JSON`);
  }
  return undefined;
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function postTo(url: URL, route: string): PushAgentDeps['post'] {
  const { href } = new URL(route, url);
  return (headers, body) =>
    request({ method: 'POST', url: href, headers, body, timeoutMs: TIMEOUT_MS, maxBytes: LONGEST_ANSWER });
}

async function keepTurning(agent: { turn(): Promise<number> }): Promise<never> {
  for (;;) await sleep(await agent.turn());
}

async function main(): Promise<void> {
  const { url, key, periodSeconds, routers } = readOrder(process.argv.slice(2));
  const shared = { key, say, ticks, now: Date.now, random: Math.random };
  const post = postTo(url, '/v1/ingest');
  const sending = createPushAgent({ ...shared, periodSeconds, post, read: () => readKernel() });
  say(`sending this machine's interfaces to ${url.origin} every ${periodSeconds} s`);
  const running = [keepTurning(sending)];
  if (routers) {
    const carryOut = createLimitsWorker({ routers, ticks, say });
    running.push(keepTurning(createWorkAgent({ ...shared, carryOut, post: postTo(url, '/v1/site/work') })));
    say(`asking ${url.origin} for commands to ${[...routers.keys()].join(', ')}`);
  }
  await Promise.all(running);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
