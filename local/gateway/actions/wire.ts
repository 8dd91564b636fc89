/** What every service's part of the map is made of: the request, the answer, and how fields are read. Pure. */

/** A request whose signature is already proved. */
export interface WireRequest {
  /** Signing name as in the credential scope (`Signature.service`). */
  readonly service: string;
  readonly method: string;
  /** Path and query as they arrived. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}
/** What the map must know about the cloud it serves. */
export interface World {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** Name of the partition key attribute of a table or of one of its indexes; undefined if there is no such. */
  partitionKeyOf(table: string, index?: string): string | undefined;
  /** Full ARN, six-character suffix included, of a secret by name or partial ARN; undefined if it does not exist yet. */
  secretArnOf(nameOrArn: string): string | undefined;
}
/** Condition keys as policies spell them. */
export type DescribedContext = Readonly<Record<string, string | string[]>>;

/** One permission that a request needs. */
export interface DescribedRequest {
  /** `service:Operation` as policies write it. */
  readonly action: string;
  readonly resource: string;
  readonly context: DescribedContext;
  /** Name of the operation on the wire. */
  readonly operation: string;
}
/** One service's part of the map. Throws UnsupportedRequest. */
export type Describe = (request: WireRequest, world: World) => DescribedRequest[];

/** An operation or a form that the map does not know: to be refused, never guessed. */
export class UnsupportedRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsupportedRequest';
  }
}

/** A JSON object off the wire. */
export type Fields = Readonly<Record<string, unknown>>;

/** Operation and body of a request of the JSON protocols (`X-Amz-Target: Prefix.Operation`). */
export function readJson(request: WireRequest): { operation: string; fields: Fields } {
  const target = headerOf(request, 'x-amz-target');
  if (target === undefined) throw new UnsupportedRequest(`${request.service}: the request names no X-Amz-Target`);
  return { operation: target.slice(target.lastIndexOf('.') + 1), fields: readJsonBody(request) };
}

/** An empty body reads as an empty object. */
export function readJsonBody(request: WireRequest): Fields {
  if (request.body.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new UnsupportedRequest(`${request.service}: the body is not JSON`);
  }
  return fieldsOf(parsed);
}

/** Operation and fields of a request of the query protocol (a form, `Action=Operation`). */
export function readForm(request: WireRequest): { operation: string; form: URLSearchParams } {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const operation = form.get('Action');
  if (operation === null) throw new UnsupportedRequest(`${request.service}: the form names no Action`);
  return { operation, form };
}

/** The value if it is an object, else an empty one: absent members then read as absent. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The value if it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Undefined for what is absent, empty or no text. */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Throws UnsupportedRequest naming operation and field. */
export function requiredText(fields: Fields, name: string, operation: string): string {
  const value = optionalText(fields, name);
  if (value === undefined) throw new UnsupportedRequest(`${operation} without ${name}`);
  return value;
}

/** The first value of a header. */
export function headerOf(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name];
  return value === undefined || typeof value === 'string' ? value : value[0];
}

/** Decoded parts of the path, empty ones left out, and the query. */
export function splitUrl(url: string): { segments: string[]; query: URLSearchParams } {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const segments = path.split('/').filter((segment) => segment !== '');
  return { segments: segments.map(decode), query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)) };
}

/** An escape that is none stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `arn:partition:service:region:account:rest` of the cloud that is served. */
export function arnOf(world: World, service: string, rest: string): string {
  return `arn:${world.partition}:${service}:${world.region}:${world.accountId}:${rest}`;
}

/** The context without the keys that have no value. */
export function contextOf(values: Readonly<Record<string, string | undefined>>): DescribedContext {
  const known = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(known);
}

/** The error for an operation that is not in the map. */
export function unknownOperation(service: string, operation: string): UnsupportedRequest {
  return new UnsupportedRequest(`the local cloud does not know the operation ${operation} of ${service}`);
}

/** How the resource of an operation follows from its fields; `*` where AWS knows no narrower one. */
export type ResourceOf = (fields: Fields, world: World, operation: string) => string | readonly string[];

/** The map of a JSON service whose actions are named as its operations and differ only in their resource. */
export function describeByTable(
  prefix: string,
  table: Readonly<Record<string, ResourceOf>>,
  context: (fields: Fields) => DescribedContext = () => ({}),
): Describe {
  return (request, world) => {
    const { operation, fields } = readJson(request);
    const resourceOf = Object.hasOwn(table, operation) ? table[operation] : undefined;
    if (resourceOf === undefined) throw unknownOperation(request.service, operation);
    const resources = [resourceOf(fields, world, operation)].flat();
    return resources.map((resource) => ({
      action: `${prefix}:${operation}`,
      resource,
      context: context(fields),
      operation,
    }));
  };
}
