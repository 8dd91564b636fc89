/** A budget of the whole account: told when most of it is spent, and when the month is going to pass it. */
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

const SPENT_PERCENT = 80;
const FORECAST_PERCENT = 100;

export function addMonthlyBudget(scope: Construct, name: string, dollars: number, topic: Topic): CfnBudget {
  const tell = (
    notificationType: 'ACTUAL' | 'FORECASTED',
    threshold: number,
  ): CfnBudget.NotificationWithSubscribersProperty => ({
    notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
    subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
  });
  return new CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: name,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: dollars, unit: 'USD' },
    },
    notificationsWithSubscribers: [tell('ACTUAL', SPENT_PERCENT), tell('FORECASTED', FORECAST_PERCENT)],
  });
}
