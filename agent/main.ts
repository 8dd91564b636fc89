/** `npm run agent -- --url https://… --key-file site-key.json`: sends this machine's interface counters to a house elsewhere. */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { SiteKey } from '../shared/collect/site-key.ts';
import { request } from '../shared/platform/http.ts';
import { isKernelAgentAvailable, readKernel } from './kernel.ts';
import { createPushAgent } from './push-agent.ts';

const USAGE = `npm run agent -- --url https://headroom.example.net --key-file site-key.json [--period 300]
  --url        address of the house; the route is added
  --key-file   JSON {"id": …, "secret": …} as POST /v1/sources or /v1/sources/{id}/site-key answered it; only you may read it
  --period     seconds between two readings, as the source has it`;
const TIMEOUT_MS = 20_000;
const LONGEST_ANSWER = 100_000;

interface Order {
  readonly url: string;
  readonly key: SiteKey;
  readonly periodSeconds: number;
}

/** All that is wrong with the command, at once; never what stands in the key's file. */
function readOrder(args: readonly string[]): Order {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string' }, 'key-file': { type: 'string' }, period: { type: 'string', default: '300' } },
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
  if (!isKernelAgentAvailable()) wrong.push('this machine has no /proc/net/dev: the agent runs on Linux');
  if (wrong.length > 0 || url === undefined || key === undefined) throw new Error(`${wrong.join('; ')}\n${USAGE}`);
  return { url: new URL('/v1/ingest', url).href, key, periodSeconds };
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

async function main(): Promise<void> {
  const { url, key, periodSeconds } = readOrder(process.argv.slice(2));
  const agent = createPushAgent({
    ...{
      key,
      periodSeconds,
      say,
      now: Date.now,
      ticks: () => performance.now(),
      random: Math.random,
      read: () => readKernel(),
    },
    post: (headers, body) =>
      request({ method: 'POST', url, headers, body, timeoutMs: TIMEOUT_MS, maxBytes: LONGEST_ANSWER }),
  });
  say(`sending this machine's interfaces to ${new URL(url).origin} every ${periodSeconds} s`);
  for (;;) await sleep(await agent.turn());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
