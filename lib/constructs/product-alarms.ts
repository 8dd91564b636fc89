/** Alarms over what the functions count of the product itself; names and units stand where they are emitted. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { raiseAlarm, type Watch } from './raise-alarm.ts';

export const NAMESPACE = 'Headroom';
/** The sweep looks at the age of readings each fifth minute. */
const PERIOD = Duration.minutes(5);
/** A source that missed three slots has alerted its tenant already; twice that is the operator's business. */
const DATA_AGE_PERIODS = 6;
const EVALUATION_SECONDS = 900;
const OUTBOX_SECONDS = 600;
/** The fold comes by every six hours. */
const UNFOLDED_SECONDS = 86_400;
/** A month may be archived for 40 days before the first of it expires: from here on twenty are left. */
const UNARCHIVED_SECONDS = 20 * 86_400;
/** The archive is planned every six hours; a day without a word of it is as bad. */
const PLAN_PERIOD = Duration.hours(12);

/** Powertools adds the function's name as `service`, and nothing else is a dimension. */
function metricOf(service: string, metricName: string, statistic: string = Stats.MAXIMUM): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { service },
    statistic,
    period: PERIOD,
  });
}

const AGES: Readonly<Record<string, Watch>> = {
  DataAge: {
    name: 'data-age',
    sentence: `A source has brought nothing for ${DATA_AGE_PERIODS} of its periods.`,
    runbook: 'dataAge',
    metric: metricOf('sweep', 'DataAgePeriods'),
    threshold: DATA_AGE_PERIODS,
    badPeriods: 3,
    ofPeriods: 4,
  },
  EvaluationAge: {
    name: 'evaluation-age',
    sentence: `An alert that is over was not put away for ${EVALUATION_SECONDS / 60} minutes.`,
    runbook: 'evaluationAge',
    metric: metricOf('sweep', 'OldestUnevaluatedAge'),
    threshold: EVALUATION_SECONDS,
    badPeriods: 2,
    ofPeriods: 2,
  },
  OutboxAge: {
    name: 'outbox-age',
    sentence: `A message about an alert was not handed on for ${OUTBOX_SECONDS / 60} minutes.`,
    runbook: 'outboxAge',
    metric: metricOf('sweep', 'OldestOutboxAge'),
    threshold: OUTBOX_SECONDS,
    badPeriods: 2,
    ofPeriods: 2,
  },
  UnfoldedAge: {
    name: 'unfolded-age',
    sentence: `Readings have waited for ${UNFOLDED_SECONDS / 3600} hours to be summed up.`,
    runbook: 'unfoldedAge',
    metric: metricOf('fold', 'UnfoldedAge'),
    threshold: UNFOLDED_SECONDS,
    badPeriods: 1,
    ofPeriods: 1,
  },
  UnarchivedAge: {
    name: 'unarchived-age',
    sentence: 'Readings of a year ago are not archived, and expire in twenty days; or nothing has looked for two days.',
    runbook: 'unarchivedAge',
    metric: metricOf('archive-plan', 'UnarchivedAge').with({ period: PLAN_PERIOD }),
    threshold: UNARCHIVED_SECONDS,
    badPeriods: 4,
    ofPeriods: 4,
    silenceIsBad: true,
  },
};

export class ProductAlarms extends Construct {
  constructor(scope: Construct, id: string, topic: Topic) {
    super(scope, id);
    for (const [name, watch] of Object.entries(AGES)) raiseAlarm(this, name, topic, watch);
    raiseAlarm(this, 'Undelivered', topic, {
      name: 'undelivered',
      sentence: 'An alert failed on every channel of a recipient.',
      runbook: 'undelivered',
      metric: new MathExpression({
        expression: 'FILL(whatsapp, 0) + FILL(sms, 0)',
        usingMetrics: {
          whatsapp: metricOf('notify-whatsapp', 'AlertUndelivered', Stats.SUM),
          sms: metricOf('notify-sms', 'AlertUndelivered', Stats.SUM),
        },
        label: 'alerts',
        period: PERIOD,
      }),
      threshold: 1,
      badPeriods: 1,
      ofPeriods: 1,
    });
    raiseAlarm(this, 'Throttles', topic, {
      name: 'throttles',
      sentence: 'Functions of this account are called faster than its concurrency allows.',
      runbook: 'throttles',
      // Nothing here is reserved, so all functions share one limit, and one alarm over all of them costs a sixteenth.
      metric: new Metric({ namespace: 'AWS/Lambda', metricName: 'Throttles', statistic: Stats.SUM, period: PERIOD }),
      threshold: 1,
      badPeriods: 2,
      ofPeriods: 3,
    });
  }
}
