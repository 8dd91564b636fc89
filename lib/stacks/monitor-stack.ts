/** Who watches the watcher: the alarm topic, the product's own alarms, the budget, the board, and an eye on every stack. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { createAlarmTopic } from '../constructs/alarm-topic.ts';
import { watchApi, watchDeadLetters, watchFunction, watchPulse } from '../constructs/alarms.ts';
import { addMonthlyBudget } from '../constructs/monthly-budget.ts';
import { NodeFunction } from '../constructs/node-function.ts';
import { ProductAlarms } from '../constructs/product-alarms.ts';
import { addWatchBoard } from '../constructs/watch-board.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import type { Stage } from '../stages.ts';

/** Functions that a schedule calls every minute. */
const PULSES: Readonly<Record<string, Parameters<typeof watchPulse>[2]>> = {
  'collect-dispatch': { minutes: 5, runbook: 'collectSilent' },
  sweep: { minutes: 3, runbook: 'sweepSilent' },
};

export class MonitorStack extends Stack {
  readonly topic: Topic;
  private readonly stage: Stage;

  constructor(scope: Construct, id: string, props: StackProps & { stage: Stage }) {
    super(scope, id, props);
    this.stage = props.stage;
    this.topic = createAlarmTopic(this, props.stage.alarmEmailParameter);
    new ProductAlarms(this, 'Product', this.topic);
    if (props.stage.monthlyBudgetUsd) {
      addMonthlyBudget(this, `headroom-${props.stage.name}`, props.stage.monthlyBudgetUsd, this.topic);
    }
    addWatchBoard(this, props.stage.name);
  }

  /**
   * Alarms for whatever the stack holds. They stand beside what they watch: were they here, this stack would import each
   * name, and CloudFormation would refuse to remove a function or queue until a second deploy.
   */
  watch(stack: Stack): void {
    for (const part of stack.node.findAll()) {
      if (part instanceof WorkQueue) watchDeadLetters(part, this.topic);
      if (part instanceof HttpApi) watchApi(part, this.topic);
      if (part instanceof NodeFunction) this.watchFunction(part);
    }
  }

  private watchFunction(fn: NodeFunction): void {
    if (this.stage.alarms === 'all') watchFunction(fn, this.topic);
    const pulse = PULSES[fn.row.name];
    if (pulse) watchPulse(fn, this.topic, pulse);
  }
}
