/** The summary of a Junos ping made into one result. Pure. */
import { junosPing } from './junos-ping.wire.ts';
import type { ConvertedPing } from './ping.port.ts';

export function fromWireJunosPing(content: unknown): ConvertedPing {
  const parsed = junosPing.safeParse(content);
  if (!parsed.success) return { ok: false, problem: 'no summary of a ping' };
  const summary = parsed.data['ping-results']['probe-results-summary'];
  const sent = Number(summary['probes-sent']);
  if (sent === 0) return { ok: false, problem: 'a ping of no echoes' };
  // An echo that comes back twice is one that came back.
  const received = Math.min(Number(summary['responses-received']), sent);
  const [minimum, average, maximum] = (['rtt-minimum', 'rtt-average', 'rtt-maximum'] as const).map((name) =>
    summary[name] === undefined ? undefined : Math.round(Number(summary[name])),
  );
  const isTold = received > 0 && minimum !== undefined && average !== undefined && maximum !== undefined;
  return { ok: true, result: { sent, received, ...(isTold ? { rtt: { minimum, average, maximum } } : {}) } };
}
