/** One run of a source of type `ping`: looks at all its devices, twice where it looks bad, and moves their states on. Inert. */
import type { CollectJob, Collector, Operation, Page, Rejected } from '../collect/collector.port.ts';
import { keepingOperations } from '../collect/operations.ts';
import type { OpenRouterPing } from '../interfaces/ping.port.ts';
import type { Resolve } from '../platform/address.dns.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Reading } from '../samples/sample.ts';
import type { Connect } from './connect.tcp.ts';
import { deviceDraft, deviceId } from './device.ts';
import { createLooker, type Look, type Looker } from './looker.ts';
import { REACH_KIND, reachOfValues, valuesOf } from './metrics.ts';
import { joined, verdictOf } from './probe.ts';
import { type Reach, step, UNSEEN } from './reach.ts';
import { type PingSettings, type PingTarget, pingSettings, pingSettingsIssues } from './settings.ts';

export interface ReachDeps {
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly connect: Connect;
  readonly openPing: OpenRouterPing;
}

/** A look at one device in this run. */
interface Looked {
  readonly target: PingTarget;
  readonly before: Reach;
  readonly look: Look;
  readonly confirmed: boolean;
}

/**
 * Throws SOURCE_REJECTED for settings that cannot be used, and SOURCE_UNAVAILABLE when no look at all could be taken, so that
 * the run counts as failed and its silence is judged. A look that could not be taken beside others is a reading
 * without loss, and a rejection that says why.
 */
export function createReachCollector(deps: ReachDeps): Collector {
  return {
    kind: REACH_KIND,
    async read(job) {
      const settings = settingsOf(job);
      const operations: Operation[] = [];
      const looker = createLooker(deps, job, settings.via, operations);
      try {
        return await keepingOperations(operations, async () => {
          const looked = await lookAtAll(looker, job, settings.targets);
          return { ...pageOf(deps, job, settings, looked), operations };
        });
      } finally {
        looker.close();
      }
    },
  };
}

function settingsOf({ source }: CollectJob): PingSettings {
  const parsed = pingSettings.safeParse(source.settings);
  const issues = pingSettingsIssues(source.settings);
  if (parsed.success && issues.length === 0) return parsed.data;
  const text = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new AppError('SOURCE_REJECTED', `the settings of this source cannot be used: ${text}`, { context: { issues } });
}

/** Connections leave side by side, for they wait on different devices; a router pings one after the other. */
async function lookAtAll(looker: Looker, job: CollectJob, targets: readonly PingTarget[]): Promise<Looked[]> {
  const known = new Map(job.known?.newest.map(({ entity, values }) => [entity, values]));
  const beforeOf = ({ name }: PingTarget) => reachOfValues(known.get(deviceId(job.source.id, name)) ?? {}) ?? UNSEEN;
  const first = await looker.look(targets);
  const doubtful = targets.filter((target) => isDoubtful(first.get(target), beforeOf(target)));
  const second = doubtful.length === 0 ? new Map<PingTarget, Look>() : await looker.look(doubtful);
  return targets.map((target) => together(target, beforeOf(target), first.get(target), second.get(target)));
}

/** Who is down already is not asked twice: only a good look could change that. */
function isDoubtful(look: Look | undefined, before: Reach): boolean {
  return look?.probe !== undefined && verdictOf(look.probe) === 'bad' && before.hard !== 'down';
}

function together(target: PingTarget, before: Reach, first: Look | undefined, second: Look | undefined): Looked {
  if (first === undefined) return { target, before, look: { problem: 'it was not looked at' }, confirmed: false };
  if (first.probe === undefined || second?.probe === undefined)
    return { target, before, look: first, confirmed: false };
  const confirmed = verdictOf(second.probe) === 'bad';
  return { target, before, look: { probe: joined(first.probe, second.probe) }, confirmed };
}

type PageRead = Omit<Page, 'operations'>;

function pageOf(deps: ReachDeps, job: CollectJob, { targets, via }: PingSettings, looked: readonly Looked[]): PageRead {
  const failed = looked.filter(({ look }) => look.probe === undefined);
  if (failed.length === looked.length) {
    const reasons = [...new Set(failed.map(({ look }) => look.problem))].join('; ');
    throw new AppError('SOURCE_UNAVAILABLE', `no device could be looked at: ${reasons}`);
  }
  const receivedAt = deps.clock.now();
  return {
    readings: looked.map((one) => readingOf(job, one, receivedAt)),
    entities: targets.map((target) => deviceDraft(job.source, target, via)),
    rejected: failed.map(({ target, look }): Rejected => ({ path: target.name, message: look.problem ?? '' })),
    complete: true,
  };
}

function readingOf(
  { source, slot }: CollectJob,
  { target, before, look, confirmed }: Looked,
  receivedAt: number,
): Reading {
  const verdict = look.probe === undefined ? undefined : verdictOf(look.probe);
  const reach = step(before, { at: slot, verdict, confirmed }, source.periodSeconds);
  return { entity: deviceId(source.id, target.name), receivedAt, values: valuesOf(reach, look.probe) };
}
