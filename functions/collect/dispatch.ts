/** Every minute: which targets are due, and one message for each; or, when asked by hand, one for every target named. */
import * as z from 'zod/mini';
import { manualEvent, tickEvent } from '../../shared/collect/collect.contract.ts';
import {
  collectDelaySeconds,
  collectMessageOf,
  due,
  dueForFold,
  evaluateDelaySeconds,
  targetMessageOf,
} from '../../shared/collect/schedule.ts';
import type { CollectMessage, EvaluateMessage, FoldMessage, SourceType } from '../../shared/collect/source.ts';
import type { TargetDirectory } from '../../shared/collect/sources.port.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';

export interface DispatchDeps {
  readonly clock: Clock;
  readonly directory: TargetDirectory;
  readonly collectQueues: Readonly<Record<SourceType, Queue<CollectMessage>>>;
  readonly evaluateQueue: Queue<EvaluateMessage>;
  readonly foldQueue: Queue<FoldMessage>;
}

/** How many targets were sent on to each stage. */
export interface DispatchReport {
  readonly collect: number;
  readonly evaluate: number;
  readonly fold: number;
}

/** Throws when a message could not be handed on: the scheduler invokes again, and every message bears a duplicate. */
export function createDispatch(deps: DispatchDeps): (event: unknown) => Promise<DispatchReport> {
  return async (event) => {
    const isManual = typeof event === 'object' && event !== null && 'manual' in event;
    return isManual ? dispatchManual(deps, z.parse(manualEvent, event)) : dispatchTick(deps, z.parse(tickEvent, event));
  };
}

async function dispatchTick(deps: DispatchDeps, tick: z.infer<typeof tickEvent>): Promise<DispatchReport> {
  const tickAt = Date.parse(tick.scheduledAt);
  const targets = await deps.directory.listTargets(tick.type);
  const dueNow = due(targets, tickAt, deps.clock.now());
  const callable = dueNow.filter((d) => !d.target.paused);
  const folds = dueForFold(targets, tickAt);
  await deps.collectQueues[tick.type].sendMany(
    callable.map((d) => ({ message: collectMessageOf(d.target, d.slot, true), delaySeconds: collectDelaySeconds(d) })),
  );
  // A paused source brings nothing, and its silence is judged like any other.
  await deps.evaluateQueue.sendMany(
    dueNow.map((d) => ({ message: targetMessageOf(d.target), delaySeconds: evaluateDelaySeconds(d) })),
  );
  await deps.foldQueue.sendMany(folds.map((target) => ({ message: targetMessageOf(target) })));
  return { collect: callable.length, evaluate: dueNow.length, fold: folds.length };
}

/** A slot of its own, the instant it was asked for: no phase, no due-check, and a paused source answers why it rests. */
async function dispatchManual(deps: DispatchDeps, asked: z.infer<typeof manualEvent>): Promise<DispatchReport> {
  const targets = await deps.directory.listTargets(asked.type, asked.tenant, asked.source);
  const slot = Date.parse(asked.requestedAt);
  const enabled = targets.filter((target) => target.enabled);
  await deps.collectQueues[asked.type].sendMany(
    enabled.map((target) => ({ message: collectMessageOf(target, slot, false) })),
  );
  return { collect: enabled.length, evaluate: 0, fold: 0 };
}
