/** Who asks: an access token proves a subject, and the membership item alone says for which tenant and in which role. */
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import { ROLES, type Role, type Tenant } from '../../shared/entities/tenant.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { AppError } from '../../shared/platform/errors.ts';

export interface Caller {
  readonly subject: string;
  readonly tenant: Tenant;
  readonly role: Role;
}

/** Verifies a token; resolves to its subject, throws UNAUTHENTICATED. */
export interface TokenVerifier {
  verify(token: string): Promise<string>;
}

export interface CallerDeps {
  readonly tokens: TokenVerifier;
  readonly tenants: TenantStore;
  readonly clock: Clock;
}

/** A member who was disabled is out after this long at the latest. */
const MEMBERSHIP_MS = 30_000;
const MAX_CACHED = 1000;

export interface Callers {
  /** Throws UNAUTHENTICATED or FORBIDDEN. */
  identify(authorization: string | undefined, needs: Role): Promise<Caller>;
}

export function createCallers(deps: CallerDeps): Callers {
  const cache = new Map<string, { caller: Caller | undefined; until: number }>();
  return {
    async identify(authorization, needs) {
      const subject = await deps.tokens.verify(bearer(authorization));
      const caller = await membership(deps, cache, subject);
      if (!caller) throw new AppError('FORBIDDEN', 'this identity is no member of any tenant, or was disabled');
      if (!allows(caller.role, needs)) {
        throw new AppError('FORBIDDEN', `this needs the role ${needs}; yours is ${caller.role}`);
      }
      return caller;
    },
  };
}

function bearer(authorization: string | undefined): string {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1];
  if (token) return token;
  throw new AppError('UNAUTHENTICATED', 'send the header "Authorization: Bearer <access token>"');
}

async function membership(
  deps: CallerDeps,
  cache: Map<string, { caller: Caller | undefined; until: number }>,
  subject: string,
): Promise<Caller | undefined> {
  const now = deps.clock.now();
  const known = cache.get(subject);
  if (known && known.until > now) return known.caller;
  const member = await deps.tenants.readMember(subject);
  const tenant = member && !member.disabled ? await deps.tenants.readTenant(member.tenant) : undefined;
  const caller =
    member && tenant && tenant.removedAt === undefined ? { subject, tenant, role: member.role } : undefined;
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(subject, { caller, until: now + MEMBERSHIP_MS });
  return caller;
}

function allows(role: Role, needs: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needs);
}
