/** The rows of a RouterOS ping made into one result. Pure. */
import type { ConvertedPing } from './ping.port.ts';
import { routerosEcho } from './routeros-ping.wire.ts';
import { durationMicroseconds } from './routeros-words.ts';

/** Counters add up from row to row, so the last row holds those of the whole ping. */
export function fromWirePing(value: unknown): ConvertedPing {
  if (!Array.isArray(value) || value.length === 0) return { ok: false, problem: 'no list of echoes' };
  const last = routerosEcho.safeParse(value.at(-1));
  if (!last.success) return { ok: false, problem: 'a last echo without the counters sent and received' };
  const sent = Number(last.data.sent);
  // An echo that comes back twice is one that came back.
  const received = Math.min(Number(last.data.received), sent);
  if (sent === 0) return { ok: false, problem: 'a ping of no echoes' };
  const [minimum, average, maximum] = [last.data['min-rtt'], last.data['avg-rtt'], last.data['max-rtt']].map((text) =>
    text === undefined ? undefined : durationMicroseconds(text),
  );
  const isTold = received > 0 && minimum !== undefined && average !== undefined && maximum !== undefined;
  return { ok: true, result: { sent, received, ...(isTold ? { rtt: { minimum, average, maximum } } : {}) } };
}
