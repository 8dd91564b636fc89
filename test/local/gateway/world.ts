/** A small cloud for the map of requests (two tables, one index, one secret), and two ways to ask the map. */
import { type DescribedRequest, describeRequest, type World } from '../../../local/gateway/actions.ts';
import { readSignature } from '../../../local/gateway/sigv4.ts';
import { type Capture, clientSettings } from './capture.ts';

export const ACCOUNT = '111122223333';
export const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;
export const STORE = arn('dynamodb', 'table/store');
export const INDEX = `${STORE}/index/byIndex`;
export const TOPIC = arn('sns', 'delivery');
export const QUEUE_URL = `http://127.0.0.1:7071/${ACCOUNT}/outbox`;

const SECRET_NAME = 'headroom/tenants/demo';
const SECRET_ARN = arn('secretsmanager', `secret:${SECRET_NAME}-Ab12Cd`);

export const WORLD: World = {
  partition: 'aws',
  region: 'us-east-1',
  accountId: ACCOUNT,
  partitionKeyOf: (table, index) =>
    new Map([
      ['store', 'pk'],
      ['store/byIndex', 'ipk'],
      ['numbers', 'n'],
    ]).get(index === undefined ? table : `${table}/${index}`),
  secretArnOf: (id) =>
    id === SECRET_NAME || SECRET_ARN.replace(/-[^-]*$/, '') === id || id === SECRET_ARN ? SECRET_ARN : undefined,
};

export type Client = { send(command: never): Promise<unknown> };
export type OpenClient = (settings: object) => Client;
type Expected = readonly (readonly [action: string, resource: string, context?: object])[];
export type Row = readonly [sentence: string, command: object, expected: Expected];

/** Sends the command by its own client, and describes what came off the wire. */
export async function described(capture: Capture, open: OpenClient, command: object): Promise<DescribedRequest[]> {
  const client = open(clientSettings(capture.endpoint));
  const request = await capture.requestOf(() => client.send(command as never));
  return describeRequest({ ...request, service: readSignature(request)?.service ?? '' }, WORLD);
}

/** Describes a request written by hand. */
export function ask(
  service: string,
  method: string,
  url: string,
  body: object = {},
  headers: Record<string, string> = {},
) {
  return describeRequest({ service, method, url, headers, body: Buffer.from(JSON.stringify(body)) }, WORLD);
}

/** What a row expects, as the described requests it stands for. */
export function rows(expected: Expected): object[] {
  return expected.map(([action, resource, context]) => ({ action, resource, ...(context && { context }) }));
}
