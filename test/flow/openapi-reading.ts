/** Reads an OpenAPI document: its operations, what is wrong with its structure, and validators made of its schemas. */

import * as z from 'zod';
import { openApiDocument } from '../../functions/api/openapi.ts';

// The whole of zod speaks English for everybody in the process; the house speaks for itself.
z.config({ localeError: () => undefined });

export type JsonSchema = Record<string, unknown>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

export interface Operation {
  /** `GET /v1/bundles`. */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly operation: JsonSchema & { readonly security?: readonly unknown[] };
  readonly parameters: readonly Parameter[];
  readonly body: { readonly type: string; readonly schema: JsonSchema } | undefined;
  /** In the order of the document: success first. */
  readonly responses: readonly { status: string; type: string | undefined; schema: JsonSchema | undefined }[];
}

interface RawOperation extends JsonSchema {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { schema: JsonSchema }> };
  readonly responses: Record<string, { description?: string; content?: Record<string, { schema: JsonSchema }> }>;
  readonly security?: readonly Record<string, readonly string[]>[];
}

export function operationsOf(document: JsonSchema): Operation[] {
  const paths = document.paths as Record<string, Record<string, RawOperation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const [body] = Object.entries(operation.requestBody?.content ?? {});
      return {
        key: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        operation,
        parameters: operation.parameters ?? [],
        body: body && { type: body[0], schema: body[1].schema },
        responses: Object.entries(operation.responses).map(([status, { content = {} }]) => {
          const [first] = Object.entries(content);
          return { status, type: first?.[0], schema: first?.[1].schema };
        }),
      };
    }),
  );
}

/** A validator of the schema alone, not of the contract that it was made from. */
export function inline(schema: JsonSchema | undefined): z.ZodType {
  const { components } = openApiDocument() as { components: { schemas: Record<string, JsonSchema> } };
  const name = typeof schema?.$ref === 'string' ? schema.$ref.replace('#/components/schemas/', '') : undefined;
  return z.fromJSONSchema((name === undefined ? schema : components.schemas[name]) as never);
}

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
/** What JSON Schema 2020-12 knows as types. */
const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];

/** One sentence for each thing that the specification forbids. */
export function problemsWith(document: JsonSchema): string[] {
  const problems: string[] = [];
  const demand = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const info = document.info as Record<string, unknown> | undefined;
  demand(/^3\.1\.\d+$/.test(String(document.openapi)), 'openapi must be 3.1.x');
  demand(typeof info?.title === 'string' && typeof info.version === 'string', 'info needs title and version');
  demand(JSON.stringify(document) === JSON.stringify(JSON.parse(JSON.stringify(document))), 'must be plain JSON');
  const seen = new Set<string>();
  for (const operation of operationsOf(document)) {
    const at = operation.key;
    const id = String(operation.operation.operationId);
    demand(METHODS.includes(operation.method), `${at}: is no method`);
    demand(/^\w+$/.test(id) && !seen.has(id), `${at}: operationId ${id} is missing or taken`);
    seen.add(id);
    problems.push(
      ...parameterProblems(operation),
      ...responseProblems(operation),
      ...securityProblems(document, operation),
    );
    const schemas = [
      ...operation.parameters.map((p) => p.schema),
      operation.body?.schema,
      ...operation.responses.map((r) => r.schema),
    ].filter((s) => s !== undefined);
    for (const schema of schemas) problems.push(...schemaProblems(document, schema, at));
  }
  return problems;
}

function parameterProblems({ key, path, parameters, method, body }: Operation): string[] {
  const inTemplate = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
  const inPath = parameters.filter((p) => p.in === 'path');
  const names = parameters.map((p) => `${p.in} ${p.name}`);
  return [
    ...(path.startsWith('/') ? [] : [`${key}: a path begins with a slash`]),
    ...(inTemplate.join() === inPath.map((p) => p.name).join() ? [] : [`${key}: path parameters differ from the path`]),
    ...inPath.filter((p) => p.required !== true).map((p) => `${key}: ${p.name} must be required`),
    ...(new Set(names).size === names.length ? [] : [`${key}: a parameter stands there twice`]),
    ...(body && (method === 'GET' || method === 'DELETE') ? [`${key}: takes no body`] : []),
  ];
}

function responseProblems({ key, operation, responses }: Operation): string[] {
  const raw = operation.responses as Record<string, { description?: string }>;
  return [
    ...responses.filter((r) => !/^([1-5]\d\d|default)$/.test(r.status)).map((r) => `${key}: ${r.status} is no status`),
    ...Object.entries(raw)
      .filter(([, r]) => !r.description)
      .map(([status]) => `${key}: ${status} needs a description`),
    ...(responses.some((r) => r.status === 'default' && r.type === 'application/problem+json')
      ? []
      : [`${key}: does not say how it refuses`]),
    ...(responses.some((r) => r.status === '204' && r.schema) ? [`${key}: 204 has no content`] : []),
  ];
}

function securityProblems(document: JsonSchema, { key, operation }: Operation): string[] {
  const { securitySchemes = {} } = document.components as { securitySchemes?: Record<string, unknown> };
  const named = (operation.security ?? []).flatMap((s) => Object.keys(s as object));
  return [
    ...(operation.security ? [] : [`${key}: does not say who may ask`]),
    ...named.filter((name) => !(name in securitySchemes)).map((name) => `${key}: there is no security scheme ${name}`),
  ];
}

function schemaProblems(document: JsonSchema, schema: JsonSchema, at: string): string[] {
  const problems: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as JsonSchema;
    if (typeof node.$ref === 'string' && !resolves(document, node.$ref))
      problems.push(`${path}: ${node.$ref} leads nowhere`);
    if (typeof node.type === 'string' && !TYPES.includes(node.type)) problems.push(`${path}: ${node.type} is no type`);
    if ('nullable' in node) problems.push(`${path}: nullable is of OpenAPI 3.0`);
    for (const [name, child] of Object.entries(node)) visit(child, `${path}.${name}`);
  };
  visit(schema, at);
  try {
    inline(schema);
  } catch (error) {
    problems.push(`${at}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return problems;
}

function resolves(document: JsonSchema, reference: string): boolean {
  const steps = reference.startsWith('#/') ? reference.slice(2).split('/') : ['nowhere'];
  let at: unknown = document;
  for (const step of steps) at = (at as JsonSchema | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  return at !== undefined;
}
