/** Opens a tenant's router for whoever acts on it outside of its runs, and says what routers of each make can hold. */
import { WaitingForSite } from '../collect/site-work.ts';
import type { Source, SourceType } from '../collect/source.ts';
import type { Instant } from '../platform/clock.ts';
import type { RouterLimits } from './limits.port.ts';
import { isAddresses } from './limits.ts';

/**
 * No call is under way after the deadline. Throws NOT_FOUND where there is no such router, SOURCE_REJECTED where it is
 * paused or its credentials cannot be used, REQUEST_INVALID where routers of its type are only read. Opening changes nothing.
 */
export type OpenRouter = (
  tenant: string,
  source: string,
  deadline: Instant,
  work?: RouterWork,
) => Promise<OpenedRouter>;

/** Why a router behind a site answers nobody at once. */
export function siteOnly({ id, settings: { via } }: Pick<Source, 'id' | 'settings'>): string {
  return `router "${id}" is reached by site "${String(via)}" alone, which answers to changes and to the hourly comparison: it cannot be asked now`;
}

/** `conversation`: only of a router behind a site, whose calls become commands. */
export interface OpenedRouter extends RouterLimits {
  readonly conversation?: RouterConversation;
}

/** The same work is done from its beginning each time that an answer is there; this tells what has happened already. */
export interface RouterConversation {
  /** The site that carries the calls out. */
  readonly site: string;
  /** In order with the calls: does it the first time that the work comes by, and never again. */
  once(act: () => Promise<unknown>): Promise<void>;
  /** The work is over: what it asked is forgotten. Not to be called while it waits. */
  end(): Promise<void>;
}

/** Who works on a router, for one that cannot be called now. Without it such a router is refused with REQUEST_INVALID. */
export interface RouterWork {
  /** Tells this work from any other on the router. */
  readonly id: string;
  /** Whether that other work is over once this one has begun. */
  replaces(other: string): boolean;
  /** Tells this invocation from any other. */
  readonly begunBy: string;
  /** The message that makes the work go on. */
  readonly wake: unknown;
  /** Makes another work go on, whose conversation nobody went on with; `wake` is its own. */
  resume(wake: unknown): Promise<void>;
  /** Has somebody look after so many seconds whether the command was answered. */
  look(command: AwaitedCommand, delaySeconds: number): Promise<void>;
}

export interface AwaitedCommand {
  readonly site: string;
  readonly router: string;
  readonly command: string;
}

/** Lets somebody work on an opened router, and ends its conversation unless it waits for an answer. */
export async function withRouter<T>(router: OpenedRouter, act: (router: OpenedRouter) => Promise<T>): Promise<T> {
  try {
    const result = await act(router);
    await router.conversation?.end();
    return result;
  } catch (error) {
    if (!(error instanceof WaitingForSite)) await router.conversation?.end();
    throw error;
  } finally {
    router.close();
  }
}

/** Types of routers whose limits can be changed, and what their queues hold: customers' addresses, or one interface each. */
const HOLDS = { routeros: 'addresses', 'site-router': 'addresses', iosxe: 'interface', junos: 'interface' } as const;
type LimitType = keyof typeof HOLDS;

function isLimitType(type: SourceType): type is LimitType & SourceType {
  return Object.hasOwn(HOLDS, type);
}

/** Why limits of such a router cannot be changed; undefined where they can. */
export function limitRefusal({ type, settings }: Pick<Source, 'type' | 'settings'>): string | undefined {
  if (type === 'junos' && settings.api === 'rest') {
    return 'a Junos read by REST is only read: limits are changed by NETCONF, so set "api" to "netconf"';
  }
  if (isLimitType(type)) return undefined;
  return `routers of type ${type} are only read: limits can be changed on ${Object.keys(HOLDS).join(', ')}`;
}

/** Why routers of this type could not hold these targets in one queue, or cut them off; undefined where they can. */
export function targetsRefusal(type: SourceType, targets: readonly string[]): string | undefined {
  if (!isLimitType(type) || targets.length === 0) return undefined;
  if (HOLDS[type] === 'addresses') {
    const name = targets.find((target) => !isAddresses(target));
    return name && `${name} is an interface, and routers of type ${type} hold addresses: give those of the customer`;
  }
  const address = targets.find(isAddresses);
  if (address !== undefined) {
    return `${address} is an address, and routers of type ${type} hold interfaces: give targets with the one on which the customer hangs`;
  }
  if (targets.length === 1) return undefined;
  return `must be one interface on routers of type ${type}: each would get the whole plan, so name one and give the others queues of their own`;
}
