/** Which service of this machine carries out which signed request. */

import type { DescribedRequest, WireRequest, World } from '../gateway/actions.ts';
import type { Answer, Backend } from '../gateway/gateway.ts';
import { ACCOUNT, PARTITION } from '../model/identify.ts';
import type { CloudModel } from '../model/types.ts';
import type { Phone } from '../services/phone.ts';
import type { QueueService } from '../services/queues.ts';
import type { JsonAnswer, SecretService } from '../services/secrets.ts';
import { type TableService, UNSUPPORTED_TABLE_OPERATIONS } from '../services/tables.ts';
import type { TimestreamService } from '../services/timestream.ts';
import type { HeldMessages } from './held-messages.ts';

export interface Services {
  readonly tables: TableService;
  readonly queues: QueueService;
  readonly secrets: SecretService;
  readonly parameters: { handle(operation: string, input: Readonly<Record<string, unknown>>): JsonAnswer };
  readonly phone: Phone;
  readonly timestream: TimestreamService;
  /** Under a virtual clock only. */
  readonly held: HeldMessages | undefined;
}

export function backends(
  services: Services,
): (service: string, described: readonly DescribedRequest[]) => Backend | undefined {
  const { tables, queues, secrets, parameters, phone, timestream, held } = services;
  return (service, described) => {
    const operation = described[0]?.operation ?? '';
    switch (service) {
      case 'dynamodb':
        return UNSUPPORTED_TABLE_OPERATIONS.has(operation) ? notCarriedOut(operation) : { url: tables.url };
      case 'sqs':
        // fauxqs with a data folder loses a message whose visibility is set to 0: no function of ours does that.
        if (operation.startsWith('ChangeMessageVisibility')) return undefined;
        if (held && operation.startsWith('SendMessage')) {
          return { answer: (request) => held.send(operation, bodyOf(request)) };
        }
        return { url: queues.url };
      case 's3':
        return { url: queues.url };
      case 'sns':
        return { answer: (request) => publish(phone, queues, request) };
      case 'timestream':
        return { answer: async (request) => json(await timestream.handle(operation, bodyOf(request)), JSON_1_0) };
      case 'secretsmanager':
        return { answer: (request) => json(secrets.handle(operation, bodyOf(request))) };
      case 'ssm':
        return { answer: (request) => json(parameters.handle(operation, bodyOf(request))) };
      default:
        return undefined;
    }
  };
}

/** Loudly: the template must not rely on here what would fail or be answered wrongly. */
function notCarriedOut(operation: string): Backend {
  const body = {
    __type: 'com.amazonaws.dynamodb.v20120810#ValidationException',
    message: `${operation} is not carried out by the local cloud`,
  };
  return { answer: () => ({ status: 400, headers: JSON_1_0, body: JSON.stringify(body) }) };
}

/** A phone number is caught here; a topic goes to the queues. */
async function publish(phone: Phone, queues: QueueService, request: WireRequest): Promise<Answer> {
  const parameters = new URLSearchParams(request.body.toString('utf8'));
  if (parameters.has('PhoneNumber'))
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: phone.publish(parameters) };
  const headers = Object.fromEntries(
    ['content-type', 'authorization', 'x-amz-date'].map((name) => [name, String(request.headers[name] ?? '')]),
  );
  const response = await fetch(`${queues.url}${request.url}`, {
    method: 'POST',
    headers,
    body: new Uint8Array(request.body),
  });
  return { status: response.status, headers: { 'content-type': 'text/xml' }, body: await response.text() };
}

function bodyOf(request: WireRequest): Readonly<Record<string, unknown>> {
  return JSON.parse(request.body.toString('utf8') || '{}') as Readonly<Record<string, unknown>>;
}

const JSON_1_0 = { 'content-type': 'application/x-amz-json-1.0' };

function json(answer: JsonAnswer, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: answer.status, headers, body: JSON.stringify(answer.body) };
}

/** What the map from wire requests to IAM's words must know of this cloud. */
export function worldOf(model: CloudModel, region: string, secrets: SecretService): World {
  return {
    partition: PARTITION,
    region,
    accountId: ACCOUNT,
    secretArnOf: (id) => secrets.arnOf(id),
    partitionKeyOf(table, index) {
      const create = model.tables.find((t) => t.name === table)?.create;
      if (!create) return undefined;
      const indexes = (create.GlobalSecondaryIndexes ?? []) as { IndexName: string; KeySchema: KeySchema }[];
      const schema = index ? indexes.find((i) => i.IndexName === index)?.KeySchema : (create.KeySchema as KeySchema);
      return schema?.find((k) => k.KeyType === 'HASH')?.AttributeName;
    },
  };
}

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: string }[];
