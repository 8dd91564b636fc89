/** Every minute: which targets are due, and one message for each; or, when asked by hand, one for every target named. */
import * as z from 'zod/mini';
import { type ManualEvent, manualEvent, tickEvent } from '../../shared/collect/collect.contract.ts';
import {
  collectDelaySeconds,
  collectMessageOf,
  due,
  dueForFold,
  evaluateDelaySeconds,
  targetMessageOf,
} from '../../shared/collect/schedule.ts';
import type { CollectMessage, EvaluateMessage, FoldMessage, SourceType } from '../../shared/collect/source.ts';
import { isCalled } from '../../shared/collect/source-rules.ts';
import type { TargetDirectory } from '../../shared/collect/sources.port.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
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
    if (isManual) {
      const asked = z.parse(manualEvent, event);
      return sumOf(await Promise.all(asked.types.map((type) => dispatchManual(deps, type, asked))));
    }
    const tick = z.parse(tickEvent, event);
    const tickAt = Date.parse(tick.scheduledAt);
    return sumOf(await Promise.all(tick.types.map((type) => dispatchTick(deps, type, tickAt))));
  };
}

function sumOf(reports: readonly DispatchReport[]): DispatchReport {
  const sum = (of: (one: DispatchReport) => number): number => reports.reduce((total, one) => total + of(one), 0);
  return { collect: sum((one) => one.collect), evaluate: sum((one) => one.evaluate), fold: sum((one) => one.fold) };
}

async function dispatchTick(deps: DispatchDeps, type: SourceType, tickAt: Instant): Promise<DispatchReport> {
  const targets = await deps.directory.listTargets(type);
  const dueNow = due(targets, tickAt, deps.clock.now());
  const callable = isCalled(type) ? dueNow.filter((d) => !d.target.paused) : [];
  const folds = dueForFold(targets, tickAt);
  await deps.collectQueues[type].sendMany(
    callable.map((d) => ({ message: collectMessageOf(d.target, d.slot, true), delaySeconds: collectDelaySeconds(d) })),
  );
  // A source that is paused, or that sends by itself, is not called, and its silence is judged like any other.
  await deps.evaluateQueue.sendMany(
    dueNow.map((d) => ({ message: targetMessageOf(d.target), delaySeconds: evaluateDelaySeconds(d) })),
  );
  await deps.foldQueue.sendMany(folds.map((target) => ({ message: targetMessageOf(target) })));
  return { collect: callable.length, evaluate: dueNow.length, fold: folds.length };
}

/** A slot of its own, the instant it was asked for: no phase, no due-check, and a paused source answers why it rests. */
async function dispatchManual(deps: DispatchDeps, type: SourceType, asked: ManualEvent): Promise<DispatchReport> {
  const targets = await deps.directory.listTargets(type, asked.tenant, asked.source);
  const slot = Date.parse(asked.requestedAt);
  const enabled = isCalled(type) ? targets.filter((target) => target.enabled) : [];
  await deps.collectQueues[type].sendMany(
    enabled.map((target) => ({ message: collectMessageOf(target, slot, false) })),
  );
  return { collect: enabled.length, evaluate: 0, fold: 0 };
}
