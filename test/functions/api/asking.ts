/** Asks endpoints as the HTTP API does, as a member of a tenant with the role that is asked for. */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createApi, type Endpoint } from '../../../functions/api/api.ts';
import type { Callers } from '../../../functions/api/caller.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import { tenantNamed } from '../../shared/collect/fakes.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly body: any;
}

export interface Asked {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly base64?: boolean;
  readonly headers?: Record<string, string>;
}

export function eventOf(
  key: string,
  { params, query, body, base64 = false, headers = {} }: Asked = {},
): APIGatewayProxyEventV2 {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return {
    version: '2.0',
    routeKey: key,
    headers,
    ...(params ? { pathParameters: params } : {}),
    ...(query ? { queryStringParameters: query } : {}),
    ...(text === undefined ? {} : { body: base64 ? Buffer.from(text).toString('base64') : text }),
    isBase64Encoded: base64,
  } as unknown as APIGatewayProxyEventV2;
}

/** Lets everybody in, as an owner of this tenant. */
export function anybody(tenant: Tenant): Callers {
  return { identify: async () => ({ subject: 'local:test', tenant, role: 'owner' }) };
}

export interface Api {
  (key: string, asked?: Asked): Promise<Reply>;
  /** What was logged. */
  readonly logged: { message: string; fields: Record<string, unknown> }[];
}

export function apiOf(
  endpoints: readonly Endpoint[],
  callers: Callers | undefined = anybody(tenantNamed('demo')),
): Api {
  const logged: Api['logged'] = [];
  const handler = createApi(endpoints, callers, { error: (message, fields) => void logged.push({ message, fields }) });
  const ask = async (key: string, asked: Asked = {}): Promise<Reply> => {
    const { statusCode = 0, headers = {}, body } = await handler(eventOf(key, asked), {} as Context);
    return { status: statusCode, headers, body: body ? JSON.parse(body) : undefined };
  };
  return Object.assign(ask, { logged });
}
