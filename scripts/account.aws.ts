/** Questions to the account before anything is changed in it; an error is an answer too. */
import { GetParameterCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import { DescribeEndpointsCommand, TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { Answer } from './deploy-plan.ts';

/** A person waits: a network without a way to AWS must not look like a script that hangs. */
const PATIENCE = { maxAttempts: 2, requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000 } } as const;

export async function askParameter(region: string, name: string, config: SSMClientConfig = {}): Promise<Answer> {
  const client = new SSMClient({ region, ...PATIENCE, ...config });
  return answerOf(async () => (await client.send(new GetParameterCommand({ Name: name }))).Parameter?.Value ?? '');
}

/** The service names its endpoint to those who may use it, and tells all others why not. */
export async function askTimestream(region: string): Promise<Answer> {
  const client = new TimestreamWriteClient({ region, ...PATIENCE });
  return answerOf(async () => (await client.send(new DescribeEndpointsCommand({}))).Endpoints?.[0]?.Address ?? '');
}

async function answerOf(ask: () => Promise<string>): Promise<Answer> {
  try {
    return { value: await ask() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { error: { name, message } };
  }
}
