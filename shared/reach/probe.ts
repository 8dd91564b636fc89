/** One look at a device: how many probes were sent, how many came back, how long they took. Pure. */

export interface Probe {
  /** At least 1. */
  readonly sent: number;
  /** At most `sent`. */
  readonly received: number;
  /** Microseconds; undefined where nothing came back, or nobody said how long it took. */
  readonly rtt?: Rtt;
}

export interface Rtt {
  readonly minimum: number;
  readonly average: number;
  readonly maximum: number;
}

/** good: it answers; degraded: it answers with losses; bad: as good as no answer. */
export type Verdict = 'good' | 'degraded' | 'bad';

const DEGRADED_PERCENT = 20;
const BAD_PERCENT = 60;

/** 0 to 100, unrounded. */
export function lossPercentOf({ sent, received }: Probe): number {
  return ((sent - received) * 100) / sent;
}

export function verdictOf(probe: Probe): Verdict {
  const loss = lossPercentOf(probe);
  if (loss >= BAD_PERCENT) return 'bad';
  return loss >= DEGRADED_PERCENT ? 'degraded' : 'good';
}

/** Two looks at one instant as one; the average weighs each answer alike. */
export function joined(a: Probe, b: Probe): Probe {
  const rtt = joinedRtt(a, b);
  return { sent: a.sent + b.sent, received: a.received + b.received, ...(rtt === undefined ? {} : { rtt }) };
}

function joinedRtt(a: Probe, b: Probe): Rtt | undefined {
  if (a.rtt === undefined || b.rtt === undefined) return a.rtt ?? b.rtt;
  const answers = a.received + b.received;
  return {
    minimum: Math.min(a.rtt.minimum, b.rtt.minimum),
    average: Math.round((a.rtt.average * a.received + b.rtt.average * b.received) / answers),
    maximum: Math.max(a.rtt.maximum, b.rtt.maximum),
  };
}

/** Of the times of all answers, microseconds. */
export function rttOf(times: readonly number[]): Rtt | undefined {
  if (times.length === 0) return undefined;
  const sum = times.reduce((total, time) => total + time, 0);
  return { minimum: Math.min(...times), average: Math.round(sum / times.length), maximum: Math.max(...times) };
}
