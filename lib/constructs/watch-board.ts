/** The CloudWatch dashboard of a stage. Its graphs search for what bears the stage's name, so new functions and queues appear by themselves. */
import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, MathExpression, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { NAMESPACE } from './product-alarms.ts';

const WIDTH = 8;
const HEIGHT = 6;

interface Graph {
  readonly title: string;
  /** Namespace and dimensions. */
  readonly schema: string;
  /** Each metric with its statistic. */
  readonly metrics: readonly (readonly [string, string])[];
  /** False where the dimension is an id that does not name the stage. */
  readonly named?: boolean;
}

const ROWS: Readonly<Record<string, readonly Graph[]>> = {
  'What people wait for': [
    {
      title: 'API: latency (all HTTP APIs of the region)',
      schema: 'AWS/ApiGateway,ApiId',
      metrics: [
        ['Latency', 'p50'],
        ['Latency', 'p95'],
      ],
      named: false,
    },
    { title: 'Functions: duration', schema: 'AWS/Lambda,FunctionName', metrics: [['Duration', 'p95']] },
    {
      title: 'From detected to accepted and delivered',
      schema: `${NAMESPACE},service`,
      metrics: [
        ['DetectedToAccepted', 'p95'],
        ['DetectedToDelivered', 'p95'],
      ],
      named: false,
    },
  ],
  'What waits': [
    {
      title: 'Queues: age of the oldest message',
      schema: 'AWS/SQS,QueueName',
      metrics: [['ApproximateAgeOfOldestMessage', 'Maximum']],
    },
    {
      title: 'Queues: messages waiting',
      schema: 'AWS/SQS,QueueName',
      metrics: [['ApproximateNumberOfMessagesVisible', 'Maximum']],
    },
    {
      title: 'Ages: readings, judging, outbox, fold, archive',
      schema: `${NAMESPACE},service`,
      metrics: [
        ['DataAge', 'Maximum'],
        ['OldestUnevaluatedAge', 'Maximum'],
        ['OldestOutboxAge', 'Maximum'],
        ['UnfoldedAge', 'Maximum'],
        ['UnarchivedAge', 'Maximum'],
      ],
      named: false,
    },
  ],
  'What fails': [
    {
      title: 'Functions: errors and throttles',
      schema: 'AWS/Lambda,FunctionName',
      metrics: [
        ['Errors', 'Sum'],
        ['Throttles', 'Sum'],
      ],
    },
    {
      title: 'Table: throttled calls and latency',
      schema: 'AWS/DynamoDB,TableName,Operation',
      metrics: [
        ['ThrottledRequests', 'Sum'],
        ['SuccessfulRequestLatency', 'Average'],
      ],
    },
    {
      title: 'Runs and deliveries that failed',
      schema: `${NAMESPACE},service`,
      metrics: [
        ['RunsFailed', 'Sum'],
        ['ReadingsRejected', 'Sum'],
        ['DeliveryFailed', 'Sum'],
        ['AlertUndelivered', 'Sum'],
      ],
      named: false,
    },
  ],
  'What costs': [
    { title: 'Functions: calls', schema: 'AWS/Lambda,FunctionName', metrics: [['Invocations', 'Sum']] },
    {
      title: 'Table: units written and read',
      schema: 'AWS/DynamoDB,TableName',
      metrics: [
        ['ConsumedWriteCapacityUnits', 'Sum'],
        ['ConsumedReadCapacityUnits', 'Sum'],
      ],
    },
    { title: 'Logs: bytes', schema: 'AWS/Logs,LogGroupName', metrics: [['IncomingBytes', 'Sum']] },
  ],
};

export function addWatchBoard(scope: Construct, stageName: string): Dashboard {
  const board = new Dashboard(scope, 'Board', {
    dashboardName: `headroom-${stageName}`,
    defaultInterval: Duration.hours(12),
  });
  for (const [title, graphs] of Object.entries(ROWS)) {
    board.addWidgets(new TextWidget({ markdown: `## ${title}`, width: 3 * WIDTH, height: 1 }));
    board.addWidgets(...graphs.map((graph) => widgetOf(graph, stageName)));
  }
  return board;
}

function widgetOf(graph: Graph, stageName: string): GraphWidget {
  // Terms without quotes find whole words inside names: `headroom-prod-collect-…` has both.
  const words = graph.named === false ? '' : ` headroom ${stageName}`;
  return new GraphWidget({
    title: graph.title,
    width: WIDTH,
    height: HEIGHT,
    left: graph.metrics.map(
      ([metric, statistic]) =>
        new MathExpression({
          expression: `SEARCH('{${graph.schema}} MetricName="${metric}"${words}', '${statistic}')`,
          label: '',
          usingMetrics: {},
          period: Duration.minutes(5),
        }),
    ),
  });
}
