/** What the console shows of the cloud, as plain JSON. */
import type { Cloud } from '../cloud/cloud.ts';
import type { Simulator } from '../simulators/simulator.ts';
import type { FunctionPool } from '../workers/pool.ts';

export function functions(cloud: Cloud): unknown[] {
  return [...cloud.pools.values()].map((pool) => ({
    name: pool.model.shortName,
    timeoutSeconds: pool.model.timeoutSeconds,
    memoryMb: pool.model.memoryMb,
    invocations: pool.log.count,
    errors: pool.log.errors,
    averageMs: pool.log.count > 0 ? Math.round(pool.log.totalMs / pool.log.count) : undefined,
    inFlight: pool.inFlight,
  }));
}

/** Newest last, with the function's newest log lines. */
export function invocations(cloud: Cloud, name: string | null): { status: 200; body: unknown } | undefined {
  const pool: FunctionPool | undefined = [...cloud.pools.values()].find((p) => p.model.shortName === name);
  if (!pool) return undefined;
  const rows = pool.log.newest().map((i) => ({ ...i, at: new Date(i.at).toISOString() }));
  return { status: 200, body: { function: name, invocations: rows, logs: pool.log.newestLines() } };
}

export function schedules(cloud: Cloud): unknown[] {
  return cloud.scheduler.schedules.map((s) => ({
    name: s.shortName,
    expression: s.expression,
    zone: s.zone,
    enabled: s.enabled,
    nextAt: new Date(cloud.scheduler.next(s, cloud.clock.now())).toISOString(),
  }));
}

export function queues(cloud: Cloud): unknown[] {
  return cloud.model.queues.map((queue) => {
    const messages = cloud.queues.server.inspectQueue(queue.name)?.messages;
    return {
      name: queue.name,
      deadLetters: !('RedrivePolicy' in queue.attributes),
      ready: messages?.ready.length ?? 0,
      delayed: messages?.delayed.length ?? 0,
      inFlight: messages?.inflight.length ?? 0,
      newest: (messages?.ready ?? []).slice(-5).map((m) => m.body.slice(0, 2000)),
    };
  });
}

interface SentMessage {
  readonly channel: string;
  readonly to: string;
  readonly body: string;
  readonly status: string;
  readonly at: string;
  readonly simulated: boolean;
}

/** What reached phones, oldest first: SMS caught at SNS, WhatsApp and SMS from the messaging simulator. */
export function messages(cloud: Cloud): SentMessage[] {
  const simulated = cloud.simulators.flatMap((s) => {
    const state = s.state() as { messages?: SentMessage[] };
    return state.messages ?? [];
  });
  return [...cloud.phone.messages(), ...simulated].sort((a, b) => a.at.localeCompare(b.at));
}

export function simulator(found: Simulator): unknown {
  return { name: found.name, url: found.url, state: found.state(), faults: found.faults() };
}
