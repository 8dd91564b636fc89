/** Schedules -> dispatcher -> queues -> collectors, and the fold; the evaluate queue is where it hands on. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import { grantArchive } from '../constructs/archive-access.ts';
import { existingNetwork } from '../constructs/existing-network.ts';
import {
  acknowledgeSchedules,
  consumeQueue,
  type FunctionFactory,
  functionNamed,
} from '../constructs/function-factory.ts';
import type { NodeFunction, NodeFunctionProps } from '../constructs/node-function.ts';
import { grantTable } from '../constructs/table-access.ts';
import { grantTenantSecrets } from '../constructs/tenant-secrets.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { rowNamed } from '../rows.ts';
import type { Stage } from '../stages.ts';
import type { StorageStack } from './storage-stack.ts';

/** One schedule per queue: its name, and the types that the dispatcher is told. Routers of all makes share one, with what they ping. */
const SCHEDULES = [
  { name: 'collect-taara', types: ['taara'] },
  // Sites that push are called by nobody: their silence is judged, and what they sent is folded.
  { name: 'collect-interfaces', types: ['snmp', 'routeros', 'iosxe', 'junos', 'push', 'ping'] },
  { name: 'collect-sims', types: ['onence'] },
  // What is made of other readings of the slot, or of what the house knows, calls nothing outside.
  { name: 'collect-links', types: ['link', 'resellers'] },
] as const;

/** At six minutes a try, ten hours of an outage of Timestream heal by themselves. */
const OUTAGE_RECEIVES = 100;

export class CollectStack extends Stack {
  readonly queues: {
    taara: WorkQueue;
    interfaces: WorkQueue;
    sims: WorkQueue;
    links: WorkQueue;
    simActs: WorkQueue;
    limits: WorkQueue;
    fold: WorkQueue;
    archive: WorkQueue;
    evaluate: WorkQueue;
    timestream?: WorkQueue;
  };
  private readonly storage: StorageStack;
  private readonly make: FunctionFactory;
  private readonly network: NodeFunctionProps['network'];

  constructor(
    scope: Construct,
    id: string,
    props: StackProps & { stage: Stage; storage: StorageStack; make: FunctionFactory },
  ) {
    super(scope, id, props);
    this.storage = props.storage;
    this.make = props.make;
    this.network = props.stage.vpc && existingNetwork(this, props.stage.vpc);
    this.queues = {
      taara: this.queueFor('CollectTaara', 'collect-taara'),
      interfaces: this.queueFor('CollectInterfaces', 'collect-interfaces'),
      sims: this.queueFor('CollectSims', 'collect-sims'),
      links: this.queueFor('CollectLinks', 'collect-links'),
      simActs: this.queueFor('SimActs', 'act-sims'),
      limits: this.queueFor('Limits', 'act-limits'),
      fold: this.queueFor('Fold', 'fold'),
      archive: this.queueFor('Archive', 'archive'),
      evaluate: this.queueFor('Evaluate', 'evaluate'),
      ...(props.storage.timestream
        ? { timestream: this.queueFor('Timestream', 'timestream-write', OUTAGE_RECEIVES) }
        : {}),
    };
    this.addDispatcher();
    this.addCollector('collect-taara', this.queues.taara);
    this.addCollector('collect-interfaces', this.queues.interfaces);
    this.addInsideCollector(this.queues.links);
    this.addSimCollector(this.queues.sims);
    this.addSimActs();
    this.addLimits();
    this.addFold();
    this.addArchive();
    if (this.queues.timestream) this.addTimestreamWriter(this.queues.timestream);
  }

  private queueFor(id: string, consumer: string, maxReceiveCount?: number): WorkQueue {
    return new WorkQueue(this, `${id}Queue`, {
      consumerTimeoutSeconds: rowNamed(consumer).timeoutSeconds,
      ...(maxReceiveCount === undefined ? {} : { maxReceiveCount }),
    });
  }

  /** Values that the functions of this stack are configured with. */
  private settings(): Record<string, string> {
    const { taara, interfaces, sims, links, simActs, limits, fold, archive, evaluate, timestream } = this.queues;
    return {
      COLLECT_TAARA_QUEUE_URL: taara.queue.queueUrl,
      COLLECT_INTERFACES_QUEUE_URL: interfaces.queue.queueUrl,
      COLLECT_SIMS_QUEUE_URL: sims.queue.queueUrl,
      COLLECT_LINKS_QUEUE_URL: links.queue.queueUrl,
      SIM_ACTS_QUEUE_URL: simActs.queue.queueUrl,
      LIMITS_QUEUE_URL: limits.queue.queueUrl,
      FOLD_QUEUE_URL: fold.queue.queueUrl,
      ARCHIVE_QUEUE_URL: archive.queue.queueUrl,
      EVALUATE_QUEUE_URL: evaluate.queue.queueUrl,
      ...(timestream ? { TIMESTREAM_QUEUE_URL: timestream.queue.queueUrl } : {}),
    };
  }

  private addDispatcher(): void {
    const { taara, interfaces, sims, links, fold, evaluate } = this.queues;
    const dispatch = functionNamed(this, this.make, 'collect-dispatch', this.settings());
    grantTable(dispatch, this.storage.table, { read: ['@targets'] });
    dispatch.allow(
      ['sqs:SendMessage'],
      [taara, interfaces, sims, links, fold, evaluate].map((q) => q.queue.queueArn),
    );
    const lost = new WorkQueue(this, 'LostTicks', { consumerTimeoutSeconds: dispatch.row.timeoutSeconds });
    for (const { name, types } of SCHEDULES) {
      new Schedule(this, `Schedule-${name}`, {
        scheduleName: `${this.stackName}-${name}`,
        description: `Every minute: the sources that are due, of type ${types.join(', ')}`,
        schedule: ScheduleExpression.rate(Duration.minutes(1)),
        target: new LambdaInvoke(dispatch.function, {
          input: ScheduleTargetInput.fromObject({ types, scheduledAt: ContextAttribute.scheduledTime }),
          deadLetterQueue: lost.deadLetters,
          maxEventAge: Duration.minutes(15),
          retryAttempts: 3,
        }),
      });
    }
    acknowledgeSchedules(this, dispatch);
  }

  private addCollector(
    name: 'collect-taara' | 'collect-interfaces' | 'collect-sims' | 'collect-links',
    queue: WorkQueue,
  ): NodeFunction {
    // Routers may stand behind a VPN; Taara is on the Internet.
    const network = name === 'collect-interfaces' ? this.network : undefined;
    const collector = functionNamed(this, this.make, name, this.settings(), network);
    consumeQueue(collector, queue);
    grantTable(collector, this.storage.table, {
      read: ['H', 'B', 'E', 'C', 'L'],
      write: ['H', 'B', 'E', 'L', 'Q', 'C', '@targets'],
    });
    const { timestream, evaluate } = this.queues;
    const onward = [evaluate, queue, ...(timestream ? [timestream] : [])];
    collector.allow(
      ['sqs:SendMessage'],
      onward.map((q) => q.queue.queueArn),
    );
    // What is read inside the house signs in nowhere.
    if (name !== 'collect-links') grantTenantSecrets(collector, 'write');
    return collector;
  }

  /** Links, and resellers: one run of these feeds many targets, which it names to the fold. */
  private addInsideCollector(queue: WorkQueue): void {
    const collector = this.addCollector('collect-links', queue);
    collector.allow(['sqs:SendMessage'], [this.queues.fold.queue.queueArn]);
  }

  /** One run feeds many targets, and keeps the provider's days of use itself. */
  private addSimCollector(queue: WorkQueue): void {
    const collector = this.addCollector('collect-sims', queue);
    grantTable(collector, this.storage.table, { read: ['R'], write: ['R'] });
    collector.allow(['sqs:SendMessage'], [this.queues.fold.queue.queueArn]);
  }

  /** Changes of SIMs that people asked for, worked off at the account's pace. */
  private addSimActs(): void {
    const { sims, simActs } = this.queues;
    const worker = functionNamed(this, this.make, 'act-sims', this.settings());
    consumeQueue(worker, simActs);
    grantTable(worker, this.storage.table, { read: ['C', 'L'], write: ['C', 'L'] });
    worker.allow(
      ['sqs:SendMessage'],
      [sims, simActs].map((q) => q.queue.queueArn),
    );
    grantTenantSecrets(worker, 'write');
  }

  /** Changes and comparisons of what routers limit: by request, and every hour for each router. */
  private addLimits(): void {
    const { limits } = this.queues;
    const worker = functionNamed(this, this.make, 'act-limits', this.settings(), this.network);
    consumeQueue(worker, limits);
    grantTable(worker, this.storage.table, { read: ['C', 'L', 'W'], write: ['C', 'L', 'W'] });
    worker.allow(['sqs:SendMessage'], [limits.queue.queueArn]);
    grantTenantSecrets(worker, 'read');
    const compare = functionNamed(this, this.make, 'compare-limits', this.settings());
    // It makes the source that looks at resellers, where a tenant has none yet.
    grantTable(compare, this.storage.table, { read: ['@tenants', 'C'], write: ['C', '@targets'] });
    compare.allow(['sqs:SendMessage'], [limits.queue.queueArn]);
    const lost = new WorkQueue(this, 'LostComparisons', { consumerTimeoutSeconds: compare.row.timeoutSeconds });
    new Schedule(this, 'Schedule-compare-limits', {
      scheduleName: `${this.stackName}-compare-limits`,
      description: 'Every hour: what routers limit against what is wanted of them',
      schedule: ScheduleExpression.rate(Duration.hours(1)),
      target: new LambdaInvoke(compare.function, {
        deadLetterQueue: lost.deadLetters,
        maxEventAge: Duration.minutes(15),
        retryAttempts: 3,
      }),
    });
    acknowledgeSchedules(this, compare);
  }

  private addFold(): void {
    const fold = functionNamed(this, this.make, 'fold', this.settings());
    consumeQueue(fold, this.queues.fold);
    grantTable(fold, this.storage.table, { read: ['H', 'B', 'S', 'R', 'P', 'C'], write: ['H', 'S', 'R', 'P'] });
  }

  /** Months that the table soon forgets: planned every six hours, so that a failure of a day is still no loss. */
  private addArchive(): void {
    const { archive } = this.queues;
    const { table, archiveArn } = this.storage;
    const worker = functionNamed(this, this.make, 'archive', this.settings());
    consumeQueue(worker, archive);
    grantTable(worker, table, { read: ['C', 'E', 'S'] });
    const plan = functionNamed(this, this.make, 'archive-plan', this.settings());
    grantTable(plan, table, { read: ['@tenants', 'C', 'E', 'S'] });
    for (const fn of [worker, plan]) {
      grantArchive(fn, archiveArn, 'write');
      fn.allow(['sqs:SendMessage'], [archive.queue.queueArn]);
    }
    const lost = new WorkQueue(this, 'LostArchivePlans', { consumerTimeoutSeconds: plan.row.timeoutSeconds });
    new Schedule(this, 'Schedule-archive-plan', {
      scheduleName: `${this.stackName}-archive-plan`,
      description: 'Every six hours: months that go to the archive',
      schedule: ScheduleExpression.rate(Duration.hours(6)),
      target: new LambdaInvoke(plan.function, {
        deadLetterQueue: lost.deadLetters,
        maxEventAge: Duration.hours(1),
        retryAttempts: 3,
      }),
    });
    acknowledgeSchedules(this, plan);
  }

  /** Samples as SQL sees them; the DynamoDB path neither waits for it nor loses by it. */
  private addTimestreamWriter(queue: WorkQueue): void {
    const { database, table } = this.storage.timestream as NonNullable<StorageStack['timestream']>;
    const writer: NodeFunction = functionNamed(this, this.make, 'timestream-write', {
      ...this.settings(),
      TIMESTREAM_DATABASE: database.ref,
      TIMESTREAM_TABLE: table.attrName,
    });
    consumeQueue(writer, queue);
    grantTable(writer, this.storage.table, { read: ['B'] });
    writer.allow(['timestream:WriteRecords'], [table.attrArn]);
    writer.allowMany(
      ['timestream:DescribeEndpoints'],
      '*',
      'The action takes no resource: it tells where the service is.',
    );
  }
}
