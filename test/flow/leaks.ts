/** Everything that a secret could have leaked into, as text by the place where it stands. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Flow } from './flow.ts';

const PATHS = [
  '/v1/sources',
  '/v1/runs?limit=500',
  '/v1/bundles',
  '/v1/interfaces',
  '/v1/alerts?state=all',
  '/v1/rules',
];

/** Logs, answers, messages and rows; the secret store itself is where secrets belong. */
export async function everythingKept(flow: Flow, tenant: string): Promise<[string, string][]> {
  const kept: [string, string][] = [];
  for (const { model } of flow.cloud.pools.values()) {
    const response = await fetch(`${flow.cloud.publicUrl}/_local/invocations?function=${model.shortName}`, {
      signal: AbortSignal.timeout(10_000),
    });
    kept.push([`log of ${model.shortName}`, await response.text()]);
  }
  const answers: unknown[] = [];
  for (const path of PATHS) answers.push((await flow.call('GET', path, { tenant })).body);
  kept.push(['answers', JSON.stringify(answers)]);
  kept.push(['messages', JSON.stringify(await flow.messages())]);
  kept.push(['notices', JSON.stringify(flow.notices)]);
  kept.push(['rows', await rows(flow)]);
  for (const simulator of flow.cloud.simulators)
    kept.push([`state of ${simulator.name}`, JSON.stringify(simulator.state())]);
  for (const what of ['queues', 'iam', 'functions', 'schedules']) {
    const response = await fetch(`${flow.cloud.publicUrl}/_local/${what}`, { signal: AbortSignal.timeout(10_000) });
    kept.push([what, await response.text()]);
  }
  return kept;
}

/** Packed bytes as text too: a secret inside one would stand there as it is. */
async function rows(flow: Flow): Promise<string> {
  const { client } = flow.cloud.tables;
  const TableName = flow.cloud.model.tables[0]?.name ?? '';
  const texts: string[] = [];
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) }));
    texts.push(
      JSON.stringify(page.Items, (_, value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      ),
    );
    ExclusiveStartKey = page.LastEvaluatedKey as Record<string, never> | undefined;
  } while (ExclusiveStartKey);
  return texts.join('\n');
}
