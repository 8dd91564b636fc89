/** What is watched of each function, queue and API: the alarms stand in the stack of what they watch. */
import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { MathExpression, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { NodeFunction } from './node-function.ts';
import { raiseAlarm } from './raise-alarm.ts';
import type { WorkQueue } from './work-queue.ts';

const FIVE_MINUTES = Duration.minutes(5);
/** A source is asked every 15 minutes by default: shorter windows would see one call or none. */
const QUARTER = Duration.minutes(15);
/** One failed call among few is a retry's business; from the second on the rate counts. */
const ERROR_PERCENT = 5;
const NEAR_TIMEOUT = 0.8;

/** Percent of calls that failed, 0 while a single one did. */
function errorRate(errors: Metric, calls: Metric, period: Duration): MathExpression {
  return new MathExpression({
    expression: 'IF(errors > 1, 100 * errors / calls, 0)',
    usingMetrics: { errors, calls },
    label: 'percent that failed',
    period,
  });
}

/** Every function with alarms `all`: fails, or comes near its time-out. */
export function watchFunction(fn: NodeFunction, topic: Topic): void {
  const { name, timeoutSeconds } = fn.row;
  const alarms = new Construct(fn, 'Alarms');
  raiseAlarm(alarms, 'Errors', topic, {
    name: `${name}-errors`,
    sentence: `${name} crashes or runs out of time in ${ERROR_PERCENT} % of its calls.`,
    runbook: 'functionErrors',
    metric: errorRate(
      fn.function.metricErrors({ period: QUARTER, statistic: Stats.SUM }),
      fn.function.metricInvocations({ period: QUARTER, statistic: Stats.SUM }),
      QUARTER,
    ),
    threshold: ERROR_PERCENT,
    badPeriods: 1,
    ofPeriods: 1,
  });
  raiseAlarm(alarms, 'Slow', topic, {
    name: `${name}-slow`,
    sentence: `${name} takes over ${NEAR_TIMEOUT * 100} % of its ${timeoutSeconds} s.`,
    runbook: 'functionSlow',
    metric: fn.function.metricDuration({ period: QUARTER, statistic: 'p95' }),
    threshold: timeoutSeconds * 1000 * NEAR_TIMEOUT,
    badPeriods: 2,
    ofPeriods: 2,
  });
}

/** A scheduled function that was not called for so many minutes: no error tells of it. */
export function watchPulse(
  fn: NodeFunction,
  topic: Topic,
  pulse: { minutes: number; runbook: 'collectSilent' | 'sweepSilent' },
): void {
  raiseAlarm(fn, 'Silent', topic, {
    name: `${fn.row.name}-silent`,
    sentence: `${fn.row.name} was not called for ${pulse.minutes} minutes.`,
    runbook: pulse.runbook,
    metric: fn.function.metricInvocations({ period: Duration.minutes(1), statistic: Stats.SUM }),
    threshold: 1,
    when: 'below',
    badPeriods: pulse.minutes,
    ofPeriods: pulse.minutes,
    silenceIsBad: true,
  });
}

export function watchDeadLetters(work: WorkQueue, topic: Topic): void {
  raiseAlarm(work, 'DeadLettersAlarm', topic, {
    name: `${work.node.id}-dead-letters`,
    sentence: `Messages of ${work.node.id} failed for good and wait for a person.`,
    runbook: 'deadLetters',
    metric: work.deadLetters.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: Stats.MAXIMUM,
    }),
    threshold: 1,
    badPeriods: 1,
    ofPeriods: 1,
  });
}

export function watchApi(http: HttpApi, topic: Topic): void {
  raiseAlarm(http, 'ErrorsAlarm', topic, {
    name: 'api-errors',
    sentence: `The API answers ${ERROR_PERCENT} % of its calls with 5xx.`,
    runbook: 'apiErrors',
    metric: errorRate(
      http.metricServerError({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      http.metricCount({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      FIVE_MINUTES,
    ),
    threshold: ERROR_PERCENT,
    badPeriods: 2,
    ofPeriods: 3,
  });
}
