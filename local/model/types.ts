/** What the synthesized template says, in the terms of the services that carry it out. Pure. */
import type { PolicyDocument } from '../iam/policy.ts';

export interface RoleModel {
  readonly arn: string;
  readonly name: string;
  readonly trust: PolicyDocument;
  readonly policies: readonly { readonly name: string; readonly document: PolicyDocument }[];
}

export interface FunctionModel {
  readonly name: string;
  /** Last part of the construct path: the name in functions/manifest.ts. */
  readonly shortName: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Absolute path of the bundle's file. */
  readonly bundle: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly logGroup: string;
  /** Statements of AWS::Lambda::Permission. */
  readonly resourcePolicy: PolicyDocument;
  readonly asyncRetries: number;
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly policy: PolicyDocument | undefined;
}

export interface TopicModel {
  readonly name: string;
  readonly arn: string;
  readonly policy: PolicyDocument | undefined;
  readonly subscriptions: readonly {
    readonly queueArn: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
}

export interface TableModel {
  readonly name: string;
  readonly arn: string;
  /** CreateTable input as DynamoDB takes it. */
  readonly create: Readonly<Record<string, unknown>>;
  readonly ttlAttribute: string | undefined;
}

export interface EventSourceModel {
  readonly queueArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maxConcurrency: number;
  readonly partialFailures: boolean;
}

export interface ScheduleModel {
  readonly name: string;
  /** Without the stack's prefix, as `POST schedules/{name}/run` takes it. */
  readonly shortName: string;
  readonly arn: string;
  readonly expression: string;
  readonly zone: string;
  readonly enabled: boolean;
  readonly functionArn: string;
  readonly roleArn: string;
  readonly input: string;
  readonly retries: number;
  readonly deadLetterArn: string | undefined;
}

export interface RouteModel {
  readonly method: string;
  readonly path: string;
  readonly functionArn: string;
}

export interface HttpApiModel {
  readonly id: string;
  readonly arn: string;
  readonly routes: readonly RouteModel[];
  readonly throttle: { readonly rate: number; readonly burst: number };
}

export interface UserPoolModel {
  readonly id: string;
  readonly clientIds: readonly string[];
}

export interface BucketModel {
  readonly name: string;
  readonly arn: string;
  readonly policy: PolicyDocument | undefined;
}

export interface SiteModel {
  readonly bucket: string;
  /** Path patterns that go to the HTTP API; everything else is a file. */
  readonly apiPatterns: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly defaultFile: string;
}

export interface TimestreamModel {
  readonly databases: readonly string[];
  readonly tables: readonly {
    readonly database: string;
    readonly name: string;
    readonly memoryHours: number;
    readonly magneticDays: number;
    readonly magneticWrites: boolean;
  }[];
}

export interface CloudModel {
  readonly roles: readonly RoleModel[];
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
  readonly topics: readonly TopicModel[];
  readonly tables: readonly TableModel[];
  readonly eventSources: readonly EventSourceModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly httpApi: HttpApiModel | undefined;
  readonly userPool: UserPoolModel | undefined;
  readonly buckets: readonly BucketModel[];
  readonly site: SiteModel | undefined;
  readonly timestream: TimestreamModel;
  /** SSM parameters that the template declares. */
  readonly parameters: Readonly<Record<string, string>>;
}
