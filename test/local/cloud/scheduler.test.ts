import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CloudClock, virtualClock } from '../../../local/cloud/clock.ts';
import { Guard } from '../../../local/cloud/guard.ts';
import { createScheduler, type Scheduler, type SchedulerParts } from '../../../local/cloud/scheduler.ts';
import type { RoleModel, ScheduleModel } from '../../../local/model/types.ts';
import type { QueueService } from '../../../local/services/queues.ts';
import { type BundleWorld, functionModel, openBundleWorld, until } from '../workers/bundle-world.ts';
import { emptyModel, REGION, role } from './model.ts';

const FN = functionModel();
const START = Date.parse('2026-11-20T09:00:30.000Z');
const schedulerRole = (over: Partial<RoleModel> = {}): RoleModel => ({
  ...role('scheduler', 'scheduler.amazonaws.com', [
    { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: FN.arn },
  ]),
  ...over,
});

const schedule = (over: Partial<ScheduleModel> = {}): ScheduleModel => ({
  name: 'stack-tick',
  shortName: 'tick',
  arn: `arn:aws:scheduler:${REGION}:000000000000:schedule/default/stack-tick`,
  expression: 'rate(1 minute)',
  zone: 'UTC',
  enabled: true,
  functionArn: FN.arn,
  roleArn: schedulerRole().arn,
  input: '{"type":"taara","scheduledAt":"<aws.scheduler.scheduled-time>"}',
  retries: 3,
  deadLetterArn: `arn:aws:sqs:${REGION}:000000000000:lost`,
  ...over,
});

let world: BundleWorld;
let clock: CloudClock;
let lost: { queue: string; body: unknown }[];
let notices: string[];
let scheduler: Scheduler | undefined;
beforeEach(() => {
  world = openBundleWorld();
  clock = virtualClock(START);
  lost = [];
  notices = [];
});
afterEach(async () => {
  scheduler?.stop();
  await world.close();
});

function open(
  options: {
    handler?: string;
    schedules?: ScheduleModel[];
    roles?: RoleModel[];
    asyncRetries?: number;
    poolOf?: SchedulerParts['poolOf'];
  } = {},
) {
  const {
    handler = '(event) => event',
    schedules = [schedule()],
    roles = [schedulerRole()],
    asyncRetries = 0,
  } = options;
  const pool = world.pool(`exports.handler = ${handler};`, { model: { asyncRetries }, clock });
  const server = { sendMessage: (queue: string, body: string) => lost.push({ queue, body: JSON.parse(body) }) };
  scheduler = createScheduler({
    schedules,
    clock,
    guard: new Guard(emptyModel({ roles }), REGION, 'secret'),
    queues: { server } as unknown as QueueService,
    notice: (sentence) => notices.push(sentence),
    poolOf: options.poolOf ?? ((arn) => (arn === FN.arn ? pool : undefined)),
  });
  return { scheduler, pool };
}

describe('when a schedule is due', () => {
  const next = (expression: string, at: string, zone = 'UTC'): string => {
    const one = schedule({ expression, zone });
    return new Date(open({ schedules: [one] }).scheduler.next(one, Date.parse(at))).toISOString();
  };

  test.each([
    ['rate(1 minute)', '2026-11-20T09:00:30Z', '2026-11-20T09:01:00.000Z'],
    ['rate(1 minute)', '2026-11-20T09:01:00Z', '2026-11-20T09:02:00.000Z'],
    ['rate(15 minutes)', '2026-11-20T09:14:59.999Z', '2026-11-20T09:15:00.000Z'],
    ['rate(6 hours)', '2026-11-20T09:00:00Z', '2026-11-20T12:00:00.000Z'],
    ['rate(1 day)', '2026-11-20T09:00:00Z', '2026-11-21T00:00:00.000Z'],
    ['cron(30 8 * * ? *)', '2026-11-20T09:00:00Z', '2026-11-21T08:30:00.000Z'],
    ['cron(0 8 ? * MON-FRI *)', '2026-11-20T09:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['cron(0/20 * * * ? *)', '2026-11-20T09:00:00Z', '2026-11-20T09:20:00.000Z'],
  ])('%s after %s is %s', (expression, at, due) => expect(next(expression, at)).toBe(due));

  test('cron counts in the zone of the schedule', () => {
    expect(next('cron(0 8 * * ? *)', '2026-11-20T09:00:00Z', 'Africa/Nairobi')).toBe('2026-11-21T05:00:00.000Z');
  });

  test.each([
    ['at(2026-11-20T09:00:00)', 'cannot read'],
    ['rate(1 fortnight)', 'cannot read'],
    ['cron(0 8 * * ? 2027)', 'a year'],
    ['cron(0 8 ? * 2 *)', 'MON-FRI'],
    ['cron(99 8 * * ? *)', ''],
  ])('%s stops the start', (expression, message) => {
    expect(() => open({ schedules: [schedule({ expression })] })).toThrow(message);
  });
});

describe('firing', () => {
  test('fills in the scheduled instant and takes overrides', async () => {
    const { scheduler } = open();
    const at = Date.parse('2026-11-20T09:01:00Z');
    expect(await scheduler.fire(schedule(), at)).toMatchObject({
      ok: true,
      value: { type: 'taara', scheduledAt: '2026-11-20T09:01:00Z' },
    });
    expect(await scheduler.fire(schedule(), at, { manual: true })).toMatchObject({
      value: { type: 'taara', manual: true },
    });
  });

  test('a handler that fails is called again as often as Lambda would, and is no dead letter of the schedule', async () => {
    const { scheduler, pool } = open({ handler: '() => { throw new Error("no"); }', asyncRetries: 2 });
    expect(await scheduler.fire(schedule(), START)).toMatchObject({ ok: false });
    expect([pool.log.count, lost]).toEqual([3, []]);
  });

  test.each([
    ['a role without the grant', [schedulerRole({ policies: [] })], 'no matching allow'],
    [
      'a role that does not trust the scheduler',
      [{ ...schedulerRole(), trust: role('x', 'lambda.amazonaws.com').trust }],
      'may not assume',
    ],
    ['no role', [], 'no role'],
  ])('with %s nothing is invoked, and the input is a dead letter', async (_, roles, reason) => {
    const { scheduler, pool } = open({ roles });
    const result = await scheduler.fire(schedule(), Date.parse('2026-11-20T09:01:00Z'));
    expect(result).toMatchObject({ ok: false, error: { name: 'AccessDeniedException' } });
    expect(result.error?.message).toContain(reason);
    expect(pool.log.count).toBe(0);
    expect(lost).toEqual([{ queue: 'lost', body: { type: 'taara', scheduledAt: '2026-11-20T09:01:00Z' } }]);
  });

  test('a role that trusts one group of schedules of this account only is taken', async () => {
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow' as const,
          Principal: { Service: 'scheduler.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: {
              'aws:SourceAccount': '000000000000',
              'aws:SourceArn': `arn:aws:scheduler:${REGION}:000000000000:schedule-group/default`,
            },
          },
        },
      ],
    };
    expect(await open({ roles: [schedulerRole({ trust })] }).scheduler.fire(schedule(), START)).toMatchObject({
      ok: true,
    });
  });

  test('a stop during a retry makes no further call', async () => {
    const { scheduler, pool } = open({ handler: '() => { throw new Error("no"); }', asyncRetries: 5 });
    const fired = scheduler.fire(schedule(), START);
    await until(() => pool.log.count === 1);
    scheduler.stop();
    expect(await fired).toMatchObject({ ok: false });
    expect([pool.log.count, lost]).toEqual([1, []]);
  });
});

describe('the running clock', () => {
  const slots = (pool: { log: { newest(): readonly { event: string }[] } }): string[] =>
    pool.log.newest().map((i) => (JSON.parse(i.event) as { scheduledAt: string }).scheduledAt);

  test('fires each due slot once', async () => {
    const { scheduler, pool } = open();
    scheduler.start();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(pool.log.count).toBe(0);
    clock.moveBy(30_000);
    await until(() => pool.log.count === 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(slots(pool)).toEqual(['2026-11-20T09:01:00Z']);
    clock.moveBy(60_000);
    await until(() => pool.log.count === 2);
    expect(slots(pool)).toEqual(['2026-11-20T09:01:00Z', '2026-11-20T09:02:00Z']);
  });

  test('a machine that slept fires once, for the newest slot that went by', async () => {
    const { scheduler, pool } = open();
    scheduler.start();
    clock.moveBy(3 * 3_600_000);
    await until(() => pool.log.count === 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(slots(pool)).toEqual(['2026-11-20T12:00:00Z']);
  });

  test('a disabled schedule is not fired, and a stopped clock fires nothing', async () => {
    const { scheduler, pool } = open({
      schedules: [schedule({ enabled: false }), schedule({ name: 'b', shortName: 'b' })],
    });
    scheduler.start();
    scheduler.stop();
    clock.moveBy(600_000);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(pool.log.count).toBe(0);
  });

  test('what goes wrong beside the handler is told, and the clock goes on', async () => {
    const { scheduler } = open({
      poolOf: () => {
        throw new Error('no pools at all');
      },
    });
    scheduler.start();
    clock.moveBy(60_000);
    await until(() => notices.length === 1);
    clock.moveBy(60_000);
    await until(() => notices.length === 2);
    expect(notices[0]).toBe('schedule tick could not be carried out: Error: no pools at all');
  });
});
