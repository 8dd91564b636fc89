/**
 * Row e: from the order to read an account that has run low until the messaging provider has the message, on the local
 * cloud in real time; and whether a word is lost or told twice, also where the provider fails at first.
 */

import { demoTaaraAccounts, taaraSecretOf, taaraSettingsOf } from '../local/simulators/taara-accounts.ts';
import { createTenantStore } from '../shared/entities/tenants.dynamodb.ts';
import { createReceiverStore } from '../shared/notify/receivers.dynamodb.ts';
import { openTable, type Table } from '../shared/platform/table.dynamodb.ts';
import { type BenchCloud, startBenchCloud } from './cloud.ts';
import { digits, load, machine, option, quantile, say, table, timingOf } from './measure.ts';
import { sleep } from './programs.ts';

/** Two crossings each, in two tenants. */
const CYCLES = 5;
/** One message per 6 s goes to a phone; a rise spends the next turn in advance. */
const PACE_MS = 6_000;
const MARGIN_MS = 500;
const LOOK_EVERY_MS = 20;
const GIVE_UP_MS = 60_000;
const GOAL_MS = 5_000;
const PHONES = ['+447700900120', '+447700900121'];

type Word = 'WARNING' | 'CRITICAL' | 'RESOLVED';

/** One tenant with one account and one phone of its own. */
interface Story {
  readonly tenant: string;
  readonly account: string;
  readonly phone: string;
  readonly token: string;
}

interface Message {
  readonly to: string;
  readonly body: string;
  readonly at: string;
}

interface Told {
  readonly word: Word;
  readonly latencyMs: number;
}

async function main(): Promise<void> {
  const cycles = option('cycles', CYCLES);
  say(machine());
  const cloud = await startBenchCloud({});
  const client = cloud.openClient();
  try {
    const stories = await prepare(cloud, openTable(cloud.table, client));
    const busy = load();
    const told = (
      await Promise.all(stories.map((story, i) => tellOften(cloud, story, cycles, (i * PACE_MS) / 2)))
    ).flat();
    await order(cloud, 'twilio', { fault: 'server-error', times: stories.length });
    const afterFault = (await Promise.all(stories.map((story) => crossAndReturn(cloud, story)))).flat();
    await sleep(2 * PACE_MS);
    const [lost, twice] = await accounts(cloud, stories, [...told, ...afterFault].length);
    show(told, afterFault, lost, twice, busy);
  } finally {
    client.destroy();
    await cloud.stop();
  }
}

async function prepare(cloud: BenchCloud, bench: Table): Promise<Story[]> {
  const tenants = createTenantStore(bench);
  const stories: Story[] = [];
  for (const [i, account] of demoTaaraAccounts(Date.now()).entries()) {
    const [tenant, phone] = [`bench-${account.name}`, PHONES[i] ?? ''];
    const settings = { zone: 'UTC', simulated: true, allowedNetworks: [], createdAt: Date.now() };
    await tenants.addTenant({ tenant, name: tenant, ...settings });
    await tenants.putMember({ subject: `local:${tenant}:admin`, tenant, role: 'admin', disabled: false });
    await createReceiverStore(bench).put(tenant, {
      ...{ id: 'on-call', name: 'On call', phone, language: 'en', minSeverity: 'warning', enabled: true },
      channels: ['whatsapp', 'sms'],
    });
    const story = { tenant, account: account.name, phone, token: await cloud.token(tenant, 'admin') };
    const body = { id: account.name, type: 'taara', name: account.title };
    const source = { ...body, settings: taaraSettingsOf(account), credentials: taaraSecretOf(account) };
    await post(`${cloud.publicUrl}/v1/sources`, source, story.token);
    await order(cloud, 'taara', { fault: 'topup', remainingPercent: 80, account: account.name });
    await read(cloud, story);
    stories.push(story);
  }
  await sleep(2 * PACE_MS);
  return stories;
}

/** `offsetMs` keeps the stories of two tenants from falling on one another every time. */
async function tellOften(cloud: BenchCloud, story: Story, cycles: number, offsetMs: number): Promise<Told[]> {
  await sleep(offsetMs);
  const told: Told[] = [];
  for (let cycle = 0; cycle < cycles; cycle++) told.push(...(await crossAndReturn(cloud, story)));
  return told;
}

/** Below 20 %, below 5 % and back: three words, none of them held up by the pace. */
async function crossAndReturn(cloud: BenchCloud, story: Story): Promise<Told[]> {
  const told = [await change(cloud, story, 'drain', 15, 'WARNING'), await change(cloud, story, 'drain', 4, 'CRITICAL')];
  await sleep(2 * PACE_MS + MARGIN_MS);
  told.push(await change(cloud, story, 'topup', 80, 'RESOLVED'));
  await sleep(PACE_MS + MARGIN_MS);
  return told;
}

async function change(cloud: BenchCloud, story: Story, fault: string, percent: number, word: Word): Promise<Told> {
  const before = (await messagesTo(cloud, story)).length;
  await order(cloud, 'taara', { fault, remainingPercent: percent, account: story.account });
  const askedAt = Date.now();
  await read(cloud, story);
  while (Date.now() - askedAt < GIVE_UP_MS) {
    const found = (await messagesTo(cloud, story)).slice(before).find((m) => m.body.includes(word));
    if (found) return { word, latencyMs: Date.parse(found.at) - askedAt };
    await sleep(LOOK_EVERY_MS);
  }
  return { word, latencyMs: Number.NaN };
}

async function messagesTo(cloud: BenchCloud, story: Story): Promise<Message[]> {
  const response = await fetch(`${cloud.publicUrl}/_local/messages`, { signal: AbortSignal.timeout(10_000) });
  return ((await response.json()) as Message[]).filter((m) => m.to === story.phone);
}

async function read(cloud: BenchCloud, story: Story): Promise<void> {
  await post(`${cloud.publicUrl}/v1/sources/${story.account}/collect`, {}, story.token);
}

async function order(cloud: BenchCloud, simulator: string, fault: object): Promise<void> {
  await post(`${cloud.publicUrl}/_local/simulators/${simulator}`, fault, '');
}

async function post(url: string, body: object, token: string): Promise<void> {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const signal = AbortSignal.timeout(30_000);
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  if (!response.ok) throw new Error(`POST ${url}: HTTP ${response.status} ${await response.text()}`);
}

/** Every word is one message: fewer are lost, more are told twice. */
async function accounts(cloud: BenchCloud, stories: readonly Story[], words: number): Promise<[number, number]> {
  let [found, same] = [0, 0];
  for (const story of stories) {
    const bodies = (await messagesTo(cloud, story)).map((m) => m.body);
    found += bodies.length;
    // Two messages in a row of one word would be one word told twice: the story never repeats itself at once.
    same += bodies.filter((body, i) => wordOf(body) === wordOf(bodies[i - 1] ?? '')).length;
  }
  return [Math.max(0, words - (found - same)), same];
}

function wordOf(body: string): string {
  return /WARNING|CRITICAL|RESOLVED/.exec(body)?.[0] ?? body;
}

function show(told: readonly Told[], afterFault: readonly Told[], lost: number, twice: number, busy: string): void {
  const row = (what: string, some: readonly Told[], goal: boolean) => {
    const times = some.map((t) => t.latencyMs);
    const { medianMs, p95Ms } = timingOf(times);
    const verdict = goal ? `p95 < 5 s: ${p95Ms < GOAL_MS ? 'met' : 'MISSED'}` : '-';
    return [what, String(some.length), digits(medianMs), digits(p95Ms), digits(quantile(times, 1)), verdict, busy];
  };
  const crossings = told.filter((t) => t.word !== 'RESOLVED');
  const hit = afterFault.filter((t) => t.word === 'WARNING');
  const rows = [
    row('a threshold crossed (warning, critical)', crossings, true),
    row(
      'a recovery',
      told.filter((t) => t.word === 'RESOLVED'),
      false,
    ),
    row('a threshold crossed while the provider answers 500 at first', hit, false),
  ];
  table(
    'Row e: from the poll to the messaging provider, ms',
    ['what', 'n', 'median', 'p95', 'worst', 'goal', 'load'],
    rows,
  );
  say(`\nOf ${told.length + afterFault.length} words ${lost} were lost and ${twice} told twice (goal: 0 lost).`);
}

await main();
