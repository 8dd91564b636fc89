/** Makes the functions of the manifest inside a stack, and ties them to their queues. */
import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundles.ts';
import { rowNamed } from '../rows.ts';
import type { Stage } from '../stages.ts';
import { acknowledgeWildcard } from './acknowledge.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';
import type { WorkQueue } from './work-queue.ts';

/** What every function of a stage has in common. */
export interface FunctionFactory {
  readonly stage: Stage;
  readonly bundles: Bundles;
  /** Values that stand before any stack of functions: table, stage, prefix of secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

export function functionNamed(
  scope: Construct,
  make: FunctionFactory,
  name: string,
  environment: Readonly<Record<string, string>>,
  network?: NodeFunctionProps['network'],
): NodeFunction {
  return new NodeFunction(scope, name, {
    row: rowNamed(name),
    stage: make.stage,
    bundle: make.bundles.folderOf(name),
    environment: { ...make.environment, ...environment },
    ...(network ? { network } : {}),
  });
}

/** The scheduler's role, which CDK makes per target, may invoke the function and each of its versions: it has none. */
export function acknowledgeSchedules(scope: Construct, fn: NodeFunction): void {
  acknowledgeWildcard(
    scope,
    `${fn.function.functionArn}:*`,
    'CDK grants a schedule all versions of its target; this function is never published as a version.',
  );
}

/** Lambda polls the queue for the function; a failed record returns alone, the rest of its batch is done. */
export function consumeQueue(fn: NodeFunction, work: WorkQueue): void {
  const { trigger } = fn.row;
  if (trigger.on !== 'queue') throw new Error(`${fn.row.name} is not triggered by a queue`);
  fn.function.addEventSource(
    new SqsEventSource(work.queue, {
      batchSize: trigger.batchSize,
      maxConcurrency: trigger.maxConcurrency,
      reportBatchItemFailures: true,
      ...(trigger.batchingWindowSeconds ? { maxBatchingWindow: Duration.seconds(trigger.batchingWindowSeconds) } : {}),
    }),
  );
  fn.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [work.queue.queueArn]);
}
