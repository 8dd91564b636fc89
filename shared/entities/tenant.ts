/** Who the customers of Headroom are, and who of their people may do what. Pure. */
import type { Instant } from '../platform/clock.ts';

export type Role = 'owner' | 'admin' | 'operator' | 'viewer' | 'reseller';
/** Weakest first; `reseller` sees only its own entities and stands outside the order. */
export const ROLES: readonly Role[] = ['reseller', 'viewer', 'operator', 'admin', 'owner'];

export interface Tenant {
  readonly tenant: string;
  readonly name: string;
  /** IANA zone in which the tenant's days and months begin. */
  readonly zone: string;
  /** True: its sources and channels are simulators. Real and simulated sources never share a tenant. */
  readonly simulated: boolean;
  /** CIDR ranges of private addresses that its routers may have (VPN); empty = public addresses only. */
  readonly allowedNetworks: readonly string[];
  readonly createdAt: Instant;
  /** Tombstone: nothing may be written for it any more. */
  readonly removedAt?: Instant;
}

export interface Member {
  /** `sub` of the identity provider. */
  readonly subject: string;
  readonly tenant: string;
  readonly role: Role;
  readonly disabled: boolean;
}
