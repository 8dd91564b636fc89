/** EventBridge Scheduler of this machine: fires each schedule by the cloud's clock, with its role, retries and dead letters. */
import { randomUUID } from 'node:crypto';
import { Cron } from 'croner';
import type { ScheduleModel } from '../model/types.ts';
import type { QueueService } from '../services/queues.ts';
import type { FunctionPool, InvocationResult } from '../workers/pool.ts';
import type { CloudClock } from './clock.ts';
import type { Guard } from './guard.ts';

export interface SchedulerParts {
  readonly schedules: readonly ScheduleModel[];
  readonly clock: CloudClock;
  readonly guard: Guard;
  readonly queues: QueueService;
  /** One sentence worth a person's eye. */
  readonly notice: (sentence: string) => void;
  poolOf(functionArn: string): FunctionPool | undefined;
}

export interface Scheduler {
  readonly schedules: readonly ScheduleModel[];
  /** Next instant after `at` (epoch ms) at which the schedule is due. */
  next(schedule: ScheduleModel, at: number): number;
  /** Invokes the target as if the schedule were due at `at`; `overrides` replace fields of its input. */
  fire(schedule: ScheduleModel, at: number, overrides?: Readonly<Record<string, unknown>>): Promise<InvocationResult>;
  /** Starts real-time firing. */
  start(): void;
  stop(): void;
}

const RETRY_MS = 200;
/** Real time between looks at the clock; schedules have a precision of a minute. */
const TICK_MS = 250;

/** Throws for a schedule that this machine cannot carry out: it must not be found out at night. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  for (const schedule of parts.schedules) nextDue(schedule, parts.clock.now());
  const dueAt = new Map<string, number>();
  const life = { stopped: false };
  let timer: NodeJS.Timeout | undefined;
  const scheduler: Scheduler = {
    schedules: parts.schedules,
    next: nextDue,
    fire: (schedule, at, overrides) => fire(parts, life, schedule, at, overrides),
    start() {
      for (const s of parts.schedules) dueAt.set(s.name, nextDue(s, parts.clock.now()));
      timer = setInterval(() => tick(), TICK_MS);
    },
    stop() {
      life.stopped = true;
      clearInterval(timer);
    },
  };

  function tick(): void {
    const now = parts.clock.now();
    for (const schedule of parts.schedules) {
      const due = dueAt.get(schedule.name) ?? Number.POSITIVE_INFINITY;
      if (!schedule.enabled || due > now) continue;
      dueAt.set(schedule.name, nextDue(schedule, now));
      fire(parts, life, schedule, newestDue(schedule, due, now)).catch((error: unknown) =>
        parts.notice(`schedule ${schedule.shortName} could not be carried out: ${String(error)}`),
      );
    }
  }
  return scheduler;
}

/** A machine that slept fires once, for the newest slot that went by: the older ones are no longer anybody's present. */
function newestDue(schedule: ScheduleModel, due: number, now: number): number {
  let newest = due;
  for (let next = nextDue(schedule, newest); next <= now; next = nextDue(schedule, next)) newest = next;
  return newest;
}

/** `rate(n unit)` counts from the epoch, so that a restart keeps its minutes; `cron(…)` has AWS's six fields. */
function nextDue(schedule: ScheduleModel, at: number): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule.expression);
  if (rate) {
    const unit = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[rate[2] as 'minute' | 'hour' | 'day'];
    const period = Number(rate[1]) * unit;
    return (Math.floor(at / period) + 1) * period;
  }
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(schedule.expression);
  if (!cron) throw new Error(`schedule ${schedule.name}: cannot read "${schedule.expression}"`);
  const [minute, hour, day, month, weekday, year] = cron.slice(1) as [string, string, string, string, string, string];
  if (year !== '*') throw new Error(`schedule ${schedule.name}: a year in cron does not run here`);
  // AWS counts the days of the week from 1 = Sunday, everybody else from 0.
  if (/\d/.test(weekday)) throw new Error(`schedule ${schedule.name}: name the days of the week, such as MON-FRI`);
  const pattern = [from(minute, 59), from(hour, 23), from(day, 31), from(month, 12), weekday].join(' ');
  const next = new Cron(pattern, { timezone: schedule.zone }).nextRun(new Date(at));
  return next?.getTime() ?? Number.POSITIVE_INFINITY;
}

/** AWS's `5/15` ("from 5 on, every 15") as everybody else writes it. */
function from(field: string, last: number): string {
  return field.replace(/(^|,)(\d+)\//g, `$1$2-${last}/`);
}

async function fire(
  parts: SchedulerParts,
  life: { readonly stopped: boolean },
  schedule: ScheduleModel,
  at: number,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<InvocationResult> {
  const instant = new Date(at).toISOString().replace('.000Z', 'Z');
  const written = schedule.input
    .replaceAll('<aws.scheduler.scheduled-time>', instant)
    .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1');
  const input = { ...(JSON.parse(written) as Record<string, unknown>), ...overrides };
  const decision = parts.guard.checkRole(
    'scheduler.amazonaws.com',
    schedule.roleArn,
    `schedule ${schedule.shortName}`,
    {
      action: 'lambda:InvokeFunction',
      resource: schedule.functionArn,
      // Scheduler names its group as the source, not the single schedule.
      context: {
        'aws:SourceArn': schedule.arn.replace(/:schedule\/([^/]+)\/.*$/, ':schedule-group/$1'),
        'aws:SourceAccount': schedule.arn.split(':')[4],
      },
    },
  );
  const pool = parts.poolOf(schedule.functionArn);
  if (!decision.allowed || !pool) {
    deadLetter(parts, schedule, input);
    const message = decision.allowed ? `no function ${schedule.functionArn}` : decision.reason;
    return { ok: false, error: { name: 'AccessDeniedException', message, stack: '' }, durationMs: 0 };
  }
  // An asynchronous invocation that fails is tried again by Lambda; the schedule's own retries are for refused ones.
  let result = await pool.invoke(input);
  for (let attempt = 0; !result.ok && attempt < pool.model.asyncRetries && !life.stopped; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** attempt));
    if (!life.stopped) result = await pool.invoke(input);
  }
  // The schedule has done its part: its dead letters are what could not be handed over, as in AWS.
  return result;
}

function deadLetter(parts: SchedulerParts, schedule: ScheduleModel, input: unknown): void {
  const queue = schedule.deadLetterArn?.split(':').pop();
  if (queue) parts.queues.server.sendMessage(queue, JSON.stringify(input));
}
