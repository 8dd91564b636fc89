/** Dynamic references `{{resolve:service:…}}`: found in texts once all intrinsics are joined, and replaced by their values. Pure. */
import { isList, isValues, type Json } from './intrinsics.ts';

/** What a reference asks for; the member of a secret is taken out afterwards. */
export type DynamicReference =
  | { readonly service: 'ssm' | 'ssm-secure'; readonly name: string; readonly version: string | undefined }
  | { readonly service: 'secretsmanager'; readonly secretId: string; readonly versionStage: string | undefined };

/** The parameter's value or the whole secret string; undefined when there is none. */
export type DynamicLookup = (reference: DynamicReference) => string | undefined;

const REFERENCE = /\{\{resolve:([a-z-]+):([^}]*)\}\}/g;

/** Replaces every reference in the text; a member of a secret is taken out of its JSON. Throws for what is not found. */
export function resolveDynamic(text: string, lookup: DynamicLookup): string {
  return text.replace(REFERENCE, (whole, service: string, rest: string) => {
    if (service === 'ssm' || service === 'ssm-secure') {
      const [name = '', version] = rest.split(':');
      return found(whole, lookup({ service, name, version: version || undefined }));
    }
    if (service === 'secretsmanager') return secretPart(whole, rest, lookup);
    throw new Error(`the dynamic reference ${whole} is of an unknown service`);
  });
}

/** The same for every text inside a value. */
export function resolveDynamicDeep(value: Json, lookup: DynamicLookup): Json {
  if (typeof value === 'string') return resolveDynamic(value, lookup);
  if (isList(value)) return value.map((item) => resolveDynamicDeep(item, lookup));
  if (!isValues(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveDynamicDeep(item, lookup)]));
}

/** `secret-id:SecretString:json-key:version-stage:version-id`, where the secret's id may be an ARN with colons of its own. */
function secretPart(whole: string, rest: string, lookup: DynamicLookup): string {
  const parts = /^(arn(?::[^:]*){6}|[^:]*)(?::(.*))?$/.exec(rest);
  const [what = 'SecretString', jsonKey = '', versionStage = '', versionId = ''] = (parts?.[2] ?? 'SecretString').split(
    ':',
  );
  if (what !== 'SecretString' || versionId !== '') throw new Error(`the dynamic reference ${whole} is not supported`);
  const secretId = parts?.[1] ?? '';
  const secret = found(whole, lookup({ service: 'secretsmanager', secretId, versionStage: versionStage || undefined }));
  return jsonKey === '' ? secret : memberOf(whole, secret, jsonKey);
}

function memberOf(whole: string, secret: string, key: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(secret);
  } catch (cause) {
    throw new Error(`the secret of the dynamic reference ${whole} is not JSON`, { cause });
  }
  const members = isValues(parsed as Json) ? (parsed as Record<string, Json>) : {};
  const value = Object.hasOwn(members, key) ? members[key] : undefined;
  return found(whole, typeof value === 'number' || typeof value === 'boolean' ? String(value) : textOrNothing(value));
}

function textOrNothing(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function found(whole: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`the dynamic reference ${whole} has no value`);
  return value;
}
