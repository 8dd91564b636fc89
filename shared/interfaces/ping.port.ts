/** What a driver must be able to do for whoever wants to know if something answers a router. One conversation with one router. */
import type { Operation } from '../collect/collector.port.ts';
import type { Instant } from '../platform/clock.ts';

export interface PingRequest {
  /** Address, or a name that the router resolves. */
  readonly host: string;
  readonly count: number;
  /** Between two echoes. */
  readonly intervalMs: number;
}

export interface PingResult {
  /** At least 1: a router may have sent fewer than it was asked for. */
  readonly sent: number;
  readonly received: number;
  /** Microseconds over all answers; undefined where none came, or the router does not say. */
  readonly rtt?: { readonly minimum: number; readonly average: number; readonly maximum: number };
}

/** What a driver's converter makes of an answer: the result, or why there is none, to stand behind "the router sent". */
export type ConvertedPing =
  | { readonly ok: true; readonly result: PingResult }
  | { readonly ok: false; readonly problem: string };

export interface RouterPing {
  /** Calls made so far, for the log. */
  readonly operations: readonly Operation[];
  /**
   * Echoes one after the other; whether they were answered is the result, never an error. Throws SOURCE_UNAVAILABLE,
   * SOURCE_THROTTLED and SOURCE_REJECTED where the router itself could not be asked, SOURCE_MALFORMED where it was and
   * refused this host or could not be understood.
   */
  ping(request: PingRequest): Promise<PingResult>;
  close(): void;
}

/**
 * A router is one of the tenant's sources. No call is under way after the deadline. Throws NOT_FOUND where there is no such
 * router or its driver cannot ping, SOURCE_REJECTED where it is switched off, paused or has no credentials, SOURCE_UNAVAILABLE where
 * its name has no address now. Opening sends nothing to it.
 */
export type OpenRouterPing = (
  place: { readonly tenant: string; readonly router: string; readonly allowedNetworks: readonly string[] },
  deadline: Instant,
) => Promise<RouterPing>;
