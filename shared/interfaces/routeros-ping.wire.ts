/** `/ping` of RouterOS (help.mikrotik.com, REST API and API): one row per echo, each with the counters up to it. */
import * as z from 'zod/mini';

const count = z.union([z.string().check(z.regex(/^[0-9]{1,5}$/)), z.int().check(z.gte(0), z.lte(99_999))]);

/** `status` such as `timeout` or `host unreachable` stands in a row without `time`. */
export const routerosEcho = z.object({
  sent: count,
  received: count,
  time: z.optional(z.string()),
  status: z.optional(z.string()),
  /** Such as `453us` or `1ms200us`; absent while nothing has come back. */
  'min-rtt': z.optional(z.string()),
  'avg-rtt': z.optional(z.string()),
  'max-rtt': z.optional(z.string()),
});

/** Without a count it would run until the session is closed. */
export function pingRequest(request: { readonly host: string; readonly count: number; readonly intervalMs: number }) {
  const { host, count: echoes, intervalMs } = request;
  const values = { address: host, count: String(echoes), interval: `${intervalMs}ms` };
  return { verb: 'run', command: '/ping', values } as const;
}
