/** Opens a tenant's router for whoever acts on it outside of its runs. */
import { WaitingForSite } from '../collect/site-work.ts';
import type { Source, SourceType } from '../collect/source.ts';
import type { Instant } from '../platform/clock.ts';
import type { RouterLimits } from './limits.port.ts';

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

/** Types of routers whose limits can be changed. */
export const LIMIT_TYPES: readonly SourceType[] = ['routeros', 'site-router'];

/** Why limits of such a router cannot be changed; undefined where they can. */
export function limitRefusal(type: SourceType): string | undefined {
  if (LIMIT_TYPES.includes(type)) return undefined;
  return `routers of type ${type} are only read: limits can be changed on ${LIMIT_TYPES.join(', ')}`;
}
