/** RouterOS as routers speak it by REST and by the older API (help.mikrotik.com): every value is a string, what is unset is absent. */
import * as z from 'zod/mini';

/** More interfaces than the largest concentrator has. */
export const MAX_INTERFACES = 10_000;
/** No request runs longer, whatever it is told: then comes `400 {"detail":"Session closed"}`. */
export const SESSION_LIMIT_MS = 60_000;

/** Some proxies and later versions may send what is meant; a number above 2^53 has lost its last digits on the way. */
const flag = z.union([z.enum(['true', 'false']), z.boolean()]);
const counter = z.union([z.string().check(z.regex(/^[0-9]{1,20}$/)), z.int().check(z.gte(0))]);

/** Of `GET /rest/interface`: what is used of a row. fp-rx-byte is a share of rx-byte, so it is none of it. */
export const routerosInterface = z.object({
  /** `*` and hexadecimal digits: not the name's, and another one when a session comes back. */
  '.id': z.string().check(z.regex(/^\*[0-9a-f]{1,8}$/i)),
  name: z.string(),
  /** `ether`, `vlan`, `bridge`, `pppoe-in` … */
  type: z.string(),
  comment: z.string(),
  running: flag,
  disabled: flag,
  'rx-byte': counter,
  'tx-byte': counter,
});

/** Of `GET /rest/system/resource`: an object, or a list with one. */
export const routerosResource = z.object({
  /** Such as `1w2d3h4m5s`; counters begin again when it does. */
  uptime: z.string(),
});

/** Of `POST /rest/interface/ethernet/monitor`: what a port has agreed with its neighbour; no rate while it is down. */
export const routerosRate = z.object({
  name: z.string(),
  /** Such as `1Gbps`. */
  rate: z.optional(z.string()),
});

/** Body of an error; `error` is a number although everything else is a string. Also seen under status 200. */
export const routerosError = z.object({
  error: z.union([z.number(), z.string()]),
  message: z.optional(z.string()),
  detail: z.optional(z.string()),
});

export const PRINTS = {
  interfaces: { verb: 'print', menu: '/interface', fields: Object.keys(routerosInterface.shape) },
  resource: { verb: 'print', menu: '/system/resource', fields: Object.keys(routerosResource.shape) },
} as const;

/** `numbers` takes the ids of all ports at once; without `once` it would run until the session is closed. */
export function ratesRequest(ids: readonly string[]) {
  return { verb: 'run', command: '/interface/ethernet/monitor', values: { numbers: ids.join(','), once: '' } } as const;
}
