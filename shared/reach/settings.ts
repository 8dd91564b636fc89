/** What a tenant configures about the devices whose reach is watched. Nothing of it is secret. Pure. */
import * as z from 'zod/mini';
import { SOURCE_ID_PATTERN } from '../collect/source-rules.ts';
import { parseUplink, UPLINK_FORMS } from '../collect/uplink.ts';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';

const DEFAULT_COUNT = 5;
/** A lost SYN is sent again after a second, so that longer waits would hide the loss. */
const DEFAULT_CONNECT_MS = 1000;
const DEFAULT_PING_MS = 500;
/** A bad look is taken twice, and a run has 82 s in all. */
const MAX_CONNECT_MS = 20_000;
const MAX_PINGS_MS = 30_000;
const MAX_TARGETS = 50;

const target = z.strictObject({
  /** Ends the entity's id: what is renamed begins anew. */
  name: z
    .string()
    .check(
      z.regex(
        /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._:()-]{0,63}$/u,
        'must be 1 to 64 letters, digits, spaces and ._:()-, and begin with a letter or digit',
      ),
    ),
  /** Address or name: for `tcp` as seen from here, for `router` as seen from the router. */
  host: z
    .string()
    .check(
      z.maxLength(253),
      z.regex(/^[0-9a-z_:]([0-9a-z._:-]*[0-9a-z._:])?$/i, 'must be an address such as 192.0.2.1, or a host name'),
    ),
  /** tcp: a connection from here, to `port`; router: echoes sent by the router `via`. */
  method: z.enum(['tcp', 'router']),
  port: z.optional(z.int().check(z.gte(1), z.lte(65_535))),
  /** Probes of one look. */
  count: z._default(z.int().check(z.gte(1), z.lte(10)), DEFAULT_COUNT),
  /** How long an answer is waited for, and between two echoes of a router; 1000 for tcp and 500 for router unless told. */
  timeoutMs: z.optional(z.int().check(z.gte(50), z.lte(5000))),
  /** What this device hangs on, in place of what its source names. */
  uplink: z.optional(
    z.string().check(z.refine((text) => parseUplink(text) !== undefined, `must be of the form ${UPLINK_FORMS}`)),
  ),
});

export const pingSettings = z.object({
  targets: z.array(target).check(z.minLength(1), z.maxLength(MAX_TARGETS)),
  /** Id of the source that pings: a RouterOS, or a Junos read by NETCONF. */
  via: z.optional(z.string().check(z.regex(SOURCE_ID_PATTERN, 'must be the id of a router that pings'))),
});
export type PingSettings = z.infer<typeof pingSettings>;
export type PingTarget = z.infer<typeof target>;

export function timeoutOf({ method, timeoutMs }: PingTarget): number {
  return timeoutMs ?? (method === 'tcp' ? DEFAULT_CONNECT_MS : DEFAULT_PING_MS);
}

/** Longest that one look may take. */
export function longestOf(one: PingTarget): number {
  return one.count * timeoutOf(one);
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function pingSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  const parsed = pingSettings.safeParse(given);
  const unknown = unknownNames(Object.keys(pingSettings.shape), given);
  return parsed.success ? [...relations(parsed.data), ...unknown] : [...issuesOf(pingSettings, given), ...unknown];
}

/** Nothing signs in anywhere: the router has credentials of its own. */
export function pingSecretIssues(secret: Readonly<Record<string, unknown>>): Issue[] {
  return Object.keys(secret).map((path) => ({
    path,
    message: 'is not needed: a source of type ping has no credentials, leave it away',
  }));
}

/** Hosts that are called from here, each with its path in the settings; whatever is malformed is left to others. */
export function connectedHosts(given: Readonly<Record<string, unknown>>): { path: string; host: string }[] {
  const parsed = pingSettings.safeParse(given);
  if (!parsed.success) return [];
  return parsed.data.targets.flatMap(({ method, host }, i) =>
    method === 'tcp' ? [{ path: `targets[${i}].host`, host }] : [],
  );
}

/** The uplink that the device names itself. */
export function uplinkOfDevice(given: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const parsed = pingSettings.safeParse(given);
  return parsed.success ? parsed.data.targets.find((one) => one.name === name)?.uplink : undefined;
}

/** Uplinks that devices name themselves, each with its path in the settings; whatever is malformed is left to others. */
export function namedUplinks(
  given: Readonly<Record<string, unknown>>,
): { path: string; text: string; device: string }[] {
  const parsed = pingSettings.safeParse(given);
  if (!parsed.success) return [];
  return parsed.data.targets.flatMap(({ name, uplink }, i) =>
    uplink === undefined ? [] : [{ path: `targets[${i}].uplink`, text: uplink, device: name }],
  );
}

function relations({ targets, via }: PingSettings): Issue[] {
  const names = targets.map(({ name }) => name);
  const issues = targets.flatMap((one, i) => {
    const path = `targets[${i}]`;
    const isTcp = one.method === 'tcp';
    return [
      ...(names.indexOf(one.name) < i ? [issue(`${path}.name`, 'stands twice: names must differ')] : []),
      ...(isTcp && one.port === undefined ? [issue(`${path}.port`, 'is missing: tcp needs a port, such as 443')] : []),
      ...(!isTcp && one.port !== undefined ? [issue(`${path}.port`, 'is for tcp only: a router sends echoes')] : []),
      ...(isTcp && longestOf(one) > MAX_CONNECT_MS
        ? [tooLong(`${path}.timeoutMs`, longestOf(one), MAX_CONNECT_MS)]
        : []),
    ];
  });
  const pinged = targets.filter(({ method }) => method === 'router');
  const total = pinged.reduce((sum, one) => sum + longestOf(one), 0);
  if (pinged.length > 0 && via === undefined) issues.push(issue('via', 'is missing: name the router that pings'));
  if (pinged.length === 0 && via !== undefined)
    issues.push(issue('via', 'is not used: no target has the method router'));
  if (total > MAX_PINGS_MS) issues.push(tooLong('targets', total, MAX_PINGS_MS));
  return issues;
}

function issue(path: string, message: string): Issue {
  return { path, message };
}

function tooLong(path: string, ms: number, most: number): Issue {
  return issue(
    path,
    `may take ${ms} ms (count x timeoutMs${path === 'targets' ? ', all that the router pings' : ''}), at most ${most}: ` +
      `lower count or timeoutMs${path === 'targets' ? ', or make a second source' : ''}`,
  );
}
