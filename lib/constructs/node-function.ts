/** A Lambda function as every one of ours is: own role, own log group, bounded time and memory, nothing inherited. */
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionRow } from '../../functions/manifest.ts';
import type { Stage } from '../stages.ts';
import { acknowledgeWildcard } from './acknowledge.ts';

export interface NodeFunctionProps {
  readonly row: FunctionRow;
  readonly stage: Stage;
  /** Folder with the bundle. */
  readonly bundle: string;
  /** Values by environment name; the row's config schema says which of them the function gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly network?: { vpc: IVpc; vpcSubnets: SubnetSelection; securityGroups: ISecurityGroup[] };
}

export class NodeFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly row: FunctionRow;
  readonly stage: Stage;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const { row, stage } = props;
    this.row = row;
    this.stage = stage;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${row.name} may do`,
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.function = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.bundle),
      role: this.role.withoutPolicyUpdates(),
      logGroup,
      timeout: Duration.seconds(row.timeoutSeconds),
      memorySize: row.memoryMb,
      environment: pick(row, { ...props.environment, POWERTOOLS_SERVICE_NAME: row.name }),
      description: `Headroom ${row.name}`,
      // Long work goes on by messages to its own queue, within bounds of ours: Lambda would end such a chain after some sixteen.
      ...(row.trigger.on === 'queue' ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...(props.network ?? {}),
    });
    if (props.network) this.allowNetworkInterfaces();
  }

  /** Grants actions on resources, and on nothing else. */
  allow(actions: string[], resources: string[], conditions?: Record<string, Record<string, unknown>>): this {
    this.role.addToPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions, resources, ...(conditions ? { conditions } : {}) }),
    );
    return this;
  }

  /** The same where no resource can be named in full; the reason is what the check of the template asks for. */
  allowMany(
    actions: string[],
    resource: string,
    reason: string,
    conditions?: Record<string, Record<string, unknown>>,
  ): this {
    acknowledgeWildcard(this.role, resource, reason);
    return this.allow(actions, [resource], conditions);
  }

  /** A phone number has no ARN: SMS is granted as publishing to anything that is no topic. */
  allowPhoneNumbers(): this {
    const topics = Stack.of(this).formatArn({
      service: 'sns',
      region: '*',
      account: '*',
      resource: '*',
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
    this.role.addToPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['sns:Publish'], notResources: [topics] }),
    );
    return this;
  }

  /** Lambda itself needs these to place the function into a VPC; they take no resource. */
  private allowNetworkInterfaces(): void {
    this.allowMany(
      [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
      ],
      '*',
      'Lambda makes the network interfaces of a function in a VPC, and asks for these without a resource.',
      { StringEquals: { 'aws:RequestedRegion': Stack.of(this).region } },
    );
  }
}

/** Exactly the variables that the function's own schema names; a required one without a value fails the synthesis. */
function pick(row: FunctionRow, values: Readonly<Record<string, string>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, schema] of Object.entries(row.config.shape)) {
    const value = values[name];
    if (value !== undefined) environment[name] = value;
    else if (!isOptional(schema))
      throw new Error(`function ${row.name} needs ${name}, and its stack has no value for it`);
  }
  environment.POWERTOOLS_SERVICE_NAME = row.name;
  return environment;
}

function isOptional(schema: unknown): boolean {
  const type = (schema as { _zod?: { def?: { type?: string } } })._zod?.def?.type;
  return type === 'optional' || type === 'default' || type === 'prefault';
}
