/** Where alarms and the budget are told, and who hears it: the address stands in a parameter, not in the repository. */
import { Aws, CfnDynamicReference, CfnDynamicReferenceService } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Services of AWS that may tell: a policy of our own replaces the one that would have let them. */
const TELLERS = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];

export function createAlarmTopic(scope: Construct, emailParameter: string | undefined): Topic {
  const topic = new Topic(scope, 'Alarms', { enforceSSL: true });
  for (const teller of TELLERS) {
    topic.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(teller)],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }
  if (emailParameter) {
    new Subscription(scope, 'AlarmMail', {
      topic,
      protocol: SubscriptionProtocol.EMAIL,
      endpoint: new CfnDynamicReference(CfnDynamicReferenceService.SSM, emailParameter).toString(),
    });
  }
  return topic;
}
