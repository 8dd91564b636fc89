/** Secrets Manager and SSM parameters of this machine: the operations that Headroom uses, kept in one file each. */
import { createHash, randomUUID } from 'node:crypto';
import { ACCOUNT, PARTITION } from '../model/identify.ts';
import type { JsonFile } from './json-file.ts';

/** An answer in JSON 1.1: HTTP status and body. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface StoredSecret {
  readonly value: string;
  readonly version: string;
  readonly createdAt: number;
}

export type SecretFile = JsonFile<Record<string, StoredSecret>>;
type Input = Readonly<Record<string, unknown>>;

export interface SecretService {
  handle(operation: string, input: Input): JsonAnswer;
  /** Full ARN of a secret by name or partial ARN. */
  arnOf(nameOrArn: string): string | undefined;
  put(name: string, value: string): void;
  has(name: string): boolean;
}

function failure(type: string, message: string): JsonAnswer {
  return { status: 400, body: { __type: type, message } };
}

/** AWS adds six characters to the name in a secret's ARN; here they follow from the name, so that restarts agree. */
function suffix(name: string): string {
  return createHash('sha256').update(name).digest('base64url').replace(/[-_]/g, 'x').slice(0, 6);
}

export function createSecretService(file: SecretFile, region: string, now: () => number): SecretService {
  const prefix = `arn:${PARTITION}:secretsmanager:${region}:${ACCOUNT}:secret:`;
  const known = (name: string): boolean => Object.hasOwn(file.read(), name);
  const arn = (name: string): string => `${prefix}${name}-${suffix(name)}`;
  const nameOf = (id: string): string => {
    if (!id.startsWith(prefix)) return id;
    const rest = id.slice(prefix.length);
    return known(rest) ? rest : rest.replace(/-[A-Za-z0-9]{6}$/, '');
  };
  const put = (name: string, value: string): StoredSecret => {
    const secrets = file.read();
    const stored = { value, version: randomUUID(), createdAt: secrets[name]?.createdAt ?? now() };
    file.write({ ...secrets, [name]: stored });
    return stored;
  };
  const missing = failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

  return {
    arnOf: (id) => (known(nameOf(id)) ? arn(nameOf(id)) : undefined),
    has: known,
    put: (name, value) => void put(name, value),
    handle(operation, input) {
      const name = nameOf(String(input.SecretId ?? input.Name ?? ''));
      const stored = known(name) ? file.read()[name] : undefined;
      switch (operation) {
        case 'GetSecretValue':
          if (!stored) return missing;
          return ok({
            ARN: arn(name),
            Name: name,
            VersionId: stored.version,
            SecretString: stored.value,
            CreatedDate: stored.createdAt / 1000,
          });
        case 'DescribeSecret':
          return stored ? ok({ ARN: arn(name), Name: name, CreatedDate: stored.createdAt / 1000 }) : missing;
        case 'CreateSecret':
          if (stored) return failure('ResourceExistsException', `The secret ${name} already exists.`);
          return ok({ ARN: arn(name), Name: name, VersionId: put(name, String(input.SecretString ?? '')).version });
        case 'PutSecretValue':
          if (!stored) return missing;
          return ok({ ARN: arn(name), Name: name, VersionId: put(name, String(input.SecretString ?? '')).version });
        case 'TagResource':
          return stored ? ok({}) : missing;
        case 'DeleteSecret': {
          if (!stored) return missing;
          const { [name]: _, ...rest } = file.read();
          file.write(rest);
          return ok({ ARN: arn(name), Name: name });
        }
        default:
          return failure('UnknownOperationException', `${operation} is not carried out by the local cloud`);
      }
    },
  };
}

function ok(body: Readonly<Record<string, unknown>>): JsonAnswer {
  return { status: 200, body };
}

/** Parameters: those of the template, and what was put since. */
export function createParameterService(
  file: JsonFile<Record<string, string>>,
  declared: Readonly<Record<string, string>>,
): { handle(operation: string, input: Input): JsonAnswer } {
  const one = (name: string, value: string) => ({ Name: name, Type: 'String', Value: value, Version: 1 });
  return {
    handle(operation, input) {
      const all = { ...declared, ...file.read() };
      switch (operation) {
        case 'GetParameter': {
          const name = String(input.Name);
          const value = Object.hasOwn(all, name) ? all[name] : undefined;
          if (value === undefined) return failure('ParameterNotFound', `parameter ${name} not found`);
          return ok({ Parameter: one(name, value) });
        }
        case 'GetParameters': {
          const names = (input.Names as string[] | undefined) ?? [];
          return ok({
            Parameters: names.filter((n) => Object.hasOwn(all, n)).map((n) => one(n, all[n] ?? '')),
            InvalidParameters: names.filter((n) => !Object.hasOwn(all, n)),
          });
        }
        case 'PutParameter':
          file.write({ ...file.read(), [String(input.Name)]: String(input.Value) });
          return ok({ Version: 1 });
        default:
          return failure('UnknownOperationException', `${operation} is not carried out by the local cloud`);
      }
    },
  };
}
