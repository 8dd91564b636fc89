/** An alarm as every one of ours is: a name that can be read, a sentence, a heading of the runbook, one topic to tell. */
import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { RUNBOOK, type RunbookTopic } from '../runbook.ts';

export interface Watch {
  /** Behind the stack's name: `headroom-prod-collect-<name>`. */
  readonly name: string;
  /** What happened, for the person who is woken. */
  readonly sentence: string;
  readonly runbook: RunbookTopic;
  readonly metric: IMetric;
  /** Raised at this value and above; a silence is raised below it. */
  readonly threshold: number;
  readonly when?: 'at least' | 'below';
  /** Of so many of the metric's periods, so many must be bad. */
  readonly badPeriods: number;
  readonly ofPeriods: number;
  /** No value at all is bad news of what must happen every minute, and no news of everything else. */
  readonly silenceIsBad?: boolean;
}

export function raiseAlarm(scope: Construct, id: string, topic: Topic, watch: Watch): Alarm {
  const alarm = new Alarm(scope, id, {
    alarmName: `${Stack.of(scope).stackName}-${watch.name}`,
    alarmDescription: `${watch.sentence} See docs/runbook.md, "${RUNBOOK[watch.runbook]}".`,
    metric: watch.metric,
    threshold: watch.threshold,
    comparisonOperator:
      watch.when === 'below'
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    datapointsToAlarm: watch.badPeriods,
    evaluationPeriods: watch.ofPeriods,
    treatMissingData: watch.silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  const tell = { bind: () => ({ alarmActionArn: topic.topicArn }) };
  alarm.addAlarmAction(tell);
  alarm.addOkAction(tell);
  return alarm;
}
