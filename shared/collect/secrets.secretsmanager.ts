/** The tenants' secrets in Secrets Manager: cached for minutes, changed under a lock, never spoken of in an error. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Table } from '../platform/table.dynamodb.ts';
import { secretLockKey } from './keys.ts';
import type { SecretFields, SecretStore } from './secrets.port.ts';

export interface SecretStoreDeps {
  readonly table: Table;
  readonly clock: Clock;
  /** Such as `headroom-prod/`; a tenant's secret is `<prefix>tenants/<tenant>`. */
  readonly prefix: string;
  readonly client?: SecretsManagerClient;
}

const CACHE_MS = 5 * 60_000;
const CACHED_TENANTS = 500;
/** Secrets Manager's own limit. */
const MAX_SECRET_BYTES = 65_536;
/** Our own entry beside those of the sources, whose ids never begin with `_`. */
const KEYS_ENTRY = '_keys';
const TOKEN_KEY_BYTES = 32;
/** Secrets Manager has no conditional write, so a change holds this lock; its holder is done well before it ends. */
const LOCK_MS = 30_000;
const LOCK_ATTEMPTS = 60;
const LOCK_PAUSE_MS = 50;

const tenantSecret = z.record(z.string(), z.record(z.string(), z.string()));
type TenantSecret = z.infer<typeof tenantSecret>;

export function openSecretStore(deps: SecretStoreDeps): SecretStore {
  return new TenantSecrets(deps);
}

class TenantSecrets implements SecretStore {
  readonly #deps: SecretStoreDeps;
  readonly #client: SecretsManagerClient;
  readonly #cache = new Map<string, { readAt: Instant; secret: TenantSecret }>();

  constructor(deps: SecretStoreDeps) {
    this.#deps = deps;
    this.#client = deps.client ?? new SecretsManagerClient({ maxAttempts: 5 });
  }

  async readSecret(tenant: string, source: string, options: { refresh?: boolean } = {}) {
    return own(await this.#read(tenant, options.refresh ?? false), source);
  }

  async writeSecret(tenant: string, source: string, fields: SecretFields | undefined): Promise<void> {
    await this.#change(tenant, (secret) => {
      const { [source]: _old, ...others } = secret;
      return fields ? { ...others, [source]: { ...fields } } : others;
    });
  }

  async readTokenKey(tenant: string): Promise<Uint8Array> {
    const known = tokenKeyOf(await this.#read(tenant, false)) ?? tokenKeyOf(await this.#read(tenant, true));
    // Every change adds the key where it lacks, so a change of nothing makes it for a secret written by hand.
    return known ?? tokenKeyOf(await this.#change(tenant, (secret) => secret)) ?? fail('its token key was not kept');
  }

  async #read(tenant: string, refresh: boolean): Promise<TenantSecret> {
    const now = this.#deps.clock.now();
    const cached = this.#cache.get(tenant);
    if (!refresh && cached && now - cached.readAt < CACHE_MS) return cached.secret;
    const secret = (await this.#fetch(tenant)) ?? {};
    this.#remember(tenant, secret, now);
    return secret;
  }

  #remember(tenant: string, secret: TenantSecret, readAt: Instant): void {
    if (this.#cache.size >= CACHED_TENANTS) this.#cache.clear();
    this.#cache.set(tenant, { readAt, secret });
  }

  async #fetch(tenant: string): Promise<TenantSecret | undefined> {
    const out = await answered(() => this.#client.send(new GetSecretValueCommand({ SecretId: this.#name(tenant) })));
    return out && parseSecret(tenant, out.SecretString ?? '');
  }

  async #change(tenant: string, change: (secret: TenantSecret) => TenantSecret): Promise<TenantSecret> {
    const unlock = await this.#lock(tenant);
    try {
      const before = await this.#fetch(tenant);
      const after = withTokenKey(change(before ?? {}));
      const text = JSON.stringify(after);
      if (Buffer.byteLength(text) > MAX_SECRET_BYTES) throw tooLarge(tenant);
      if (text !== JSON.stringify(before)) await this.#write(tenant, text, before !== undefined);
      this.#remember(tenant, after, this.#deps.clock.now());
      return after;
    } finally {
      await unlock();
    }
  }

  async #write(tenant: string, text: string, exists: boolean): Promise<void> {
    const name = this.#name(tenant);
    await answered(() =>
      exists
        ? this.#client.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }))
        : this.#client.send(
            new CreateSecretCommand({ Name: name, SecretString: text, Tags: [{ Key: 'tenant', Value: tenant }] }),
          ),
    );
  }

  /** The lock's own time is the machine's: it measures how long a holder lives, not when something happened. */
  async #lock(tenant: string): Promise<() => Promise<unknown>> {
    const key = secretLockKey(tenant);
    const holder = randomUUID();
    for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
      const now = Date.now();
      const held = await this.#deps.table.put(
        { ...key, holder, until: now + LOCK_MS },
        {
          ConditionExpression: 'attribute_not_exists(pk) OR #until < :now',
          ExpressionAttributeNames: { '#until': 'until' },
          ExpressionAttributeValues: { ':now': now },
        },
        { recognise: true },
      );
      if (held) return () => this.#unlock(tenant, holder);
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS * (0.5 + Math.random())));
    }
    throw new AppError('STORE_UNAVAILABLE', `the secret of tenant ${tenant} is being changed by others: try again`);
  }

  #unlock(tenant: string, holder: string): Promise<boolean> {
    return this.#deps.table.delete(secretLockKey(tenant), {
      ConditionExpression: 'holder = :holder',
      ExpressionAttributeValues: { ':holder': holder },
    });
  }

  #name(tenant: string): string {
    return `${this.#deps.prefix}tenants/${tenant}`;
  }
}

function own(secret: TenantSecret, entry: string): SecretFields | undefined {
  return Object.hasOwn(secret, entry) ? secret[entry] : undefined;
}

function tokenKeyOf(secret: TenantSecret): Uint8Array | undefined {
  const key = Buffer.from(own(secret, KEYS_ENTRY)?.tokenKey ?? '', 'base64');
  return key.length === TOKEN_KEY_BYTES ? key : undefined;
}

function withTokenKey(secret: TenantSecret): TenantSecret {
  if (tokenKeyOf(secret)) return secret;
  return { ...secret, [KEYS_ENTRY]: { tokenKey: randomBytes(TOKEN_KEY_BYTES).toString('base64') } };
}

/** No cause on purpose: a parser's message quotes what it could not parse. */
function parseSecret(tenant: string, text: string): TenantSecret {
  const parsed = tenantSecret.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  throw new AppError(
    'SOURCE_REJECTED',
    `the secret of tenant ${tenant} is not a JSON object of sources with text fields: store it again`,
  );
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tooLarge(tenant: string): AppError {
  const message = `all credentials of tenant ${tenant} together exceed ${MAX_SECRET_BYTES} bytes: shorten or remove some`;
  return new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: 'secret', message }] } });
}

function fail(message: string): never {
  throw new Error(`assertion failed: ${message}`);
}

/** Undefined when there is no such secret. Refusals by IAM are bugs and stay as they are. */
async function answered<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'ResourceNotFoundException') return undefined;
    if (name === 'AccessDeniedException' || name === 'ValidationException') throw error;
    throw new AppError('STORE_UNAVAILABLE', 'the secret store did not answer', { cause: error });
  }
}
