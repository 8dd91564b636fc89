/** OpenAPI 3.1 of all routes, made from the very contracts that the handlers check by. Pure. */
import * as z from 'zod/mini';
import { alertRoutes } from '../../shared/alerts/alerts.contract.ts';
import { bundleRoutes } from '../../shared/bundles/bundles.contract.ts';
import { auditRoutes } from '../../shared/collect/audit.contract.ts';
import { siteWorkRoutes } from '../../shared/collect/site-work.contract.ts';
import { sourceRoutes } from '../../shared/collect/sources-api.contract.ts';
import { interfaceRoutes } from '../../shared/interfaces/interfaces.contract.ts';
import { pushRoutes } from '../../shared/interfaces/push.contract.ts';
import { routerRoutes } from '../../shared/interfaces/routers.contract.ts';
import { linkRoutes } from '../../shared/links/links.contract.ts';
import type { FileType, Route } from '../../shared/platform/route.ts';
import { reachRoutes } from '../../shared/reach/reach.contract.ts';
import { resellerRoutes } from '../../shared/resellers/resellers.contract.ts';
import { ruleRoutes } from '../../shared/rules/rules-api.contract.ts';
import { archiveRoutes } from '../../shared/samples/archives.contract.ts';
import { simActionRoutes } from '../../shared/sims/sim-actions.contract.ts';
import { simRoutes } from '../../shared/sims/sims.contract.ts';
import { simFileRoutes } from '../../shared/sims/sims-import.contract.ts';
import { isTextType } from './files.ts';
import { openRoutes } from './open.contract.ts';
import { resellerAlertRoutes } from './reseller-alerts.contract.ts';

/** Every route of the API, whichever function answers it. */
export const ALL_ROUTES: readonly Route[] = [
  ...openRoutes,
  ...bundleRoutes,
  ...interfaceRoutes,
  ...linkRoutes,
  ...routerRoutes,
  ...reachRoutes,
  ...pushRoutes,
  ...siteWorkRoutes,
  ...simRoutes,
  ...simActionRoutes,
  ...simFileRoutes,
  ...auditRoutes,
  ...archiveRoutes,
  ...alertRoutes,
  ...ruleRoutes,
  ...sourceRoutes,
  ...resellerRoutes,
  ...resellerAlertRoutes,
] as unknown as Route[];

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
} as const;

type JsonSchema = Record<string, unknown>;

const SITE_KEY =
  "The key's id; beside it x-headroom-time (epoch seconds) and x-headroom-signature, v1=<hex HMAC-SHA256 of time.body>. Or, where the source allows it, Authorization: Bearer <id>.<secret>.";

let made: Record<string, unknown> | undefined;

export function openApiDocument(): Record<string, unknown> {
  made ??= {
    openapi: '3.1.0',
    info: {
      title: 'Headroom',
      version: '1',
      description:
        'How much is left, what is wrong and what it costs. Octets and other large whole numbers are decimal text.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        siteKey: { type: 'apiKey', in: 'header', name: 'x-headroom-key', description: SITE_KEY },
      },
      schemas: { Problem: PROBLEM },
    },
    paths: pathsOf(ALL_ROUTES),
  };
  return made;
}

function pathsOf(routes: readonly Route[]): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const [method = '', path = ''] = route.key.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(route) };
  }
  return paths;
}

/** What the document says of one route. */
export function operationOf(route: Route): Record<string, unknown> {
  const status = String(route.status ?? 200);
  const content = status === '204' ? {} : { content: answerContentOf(route) };
  return {
    summary: route.summary,
    operationId: route.key.replace(/[^A-Za-z0-9]+/g, '_').replace(/_$/, ''),
    ...securityOf(route),
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(route.body
      ? {
          requestBody: {
            required: !route.bodyOptional,
            content: bodyContentOf(route, route.body),
          },
        }
      : {}),
    responses: {
      ...(route.otherStatus === undefined
        ? {}
        : { [String(route.otherStatus)]: { description: 'nothing was done', ...content } }),
      [status]: { description: 'done', ...(route.responseType ? { headers: FILE_HEADERS } : {}), ...content },
      default: {
        description: 'what went wrong, where, and how to mend it',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function securityOf({ needs }: Route): Record<string, unknown> {
  if (needs === 'open') return { security: [] };
  return { security: [needs === 'site' ? { siteKey: [] } : { token: [] }], 'x-needs-role': needs };
}

const FILE_HEADERS = {
  'content-disposition': { description: 'the name of the file', schema: { type: 'string' } },
  'x-next-cursor': {
    description: 'the `cursor` of the next piece; absent with the last one',
    schema: { type: 'string' },
  },
} as const;

function answerContentOf({ response, responseType }: Route): Record<string, unknown> {
  return responseType ? fileContentOf(responseType) : { 'application/json': { schema: schemaOf(response, 'output') } };
}

function bodyContentOf({ bodyType = 'application/json' }: Route, body: z.ZodMiniType): Record<string, unknown> {
  return typeof bodyType === 'object' ? fileContentOf(bodyType) : { [bodyType]: { schema: schemaOf(body, 'input') } };
}

function fileContentOf(types: readonly FileType[]): Record<string, unknown> {
  const schemaOfFile = (type: FileType) =>
    isTextType(type) ? { type: 'string' } : { type: 'string', format: 'binary' };
  return Object.fromEntries(types.map((type) => [type, { schema: schemaOfFile(type) }]));
}

function parametersOf(schema: z.ZodMiniType | undefined, where: 'path' | 'query'): Record<string, unknown>[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;
  return rest;
}
