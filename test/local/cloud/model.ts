/** Models of small clouds, as the template's reader would make them. */
import type { PolicyDocument } from '../../../local/iam/policy.ts';
import type { CloudModel, QueueModel, RoleModel } from '../../../local/model/types.ts';

export const REGION = 'us-east-1';
const ARN = `arn:aws:sqs:${REGION}:000000000000:`;

export function emptyModel(over: Partial<CloudModel> = {}): CloudModel {
  return {
    roles: [],
    functions: [],
    queues: [],
    topics: [],
    tables: [],
    eventSources: [],
    schedules: [],
    httpApi: undefined,
    userPool: undefined,
    buckets: [],
    site: undefined,
    timestream: { databases: [], tables: [] },
    parameters: {},
    ...over,
  };
}

export function queue(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  policy?: PolicyDocument,
): QueueModel {
  return { name, arn: `${ARN}${name}`, attributes, policy };
}

/** A role that an AWS service may take, with one policy. */
export function role(name: string, service: string, statements: PolicyDocument['Statement'] = []): RoleModel {
  return {
    arn: `arn:aws:iam::000000000000:role/${name}`,
    name,
    trust: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
    policies: [{ name: `${name}-policy`, document: { Version: '2012-10-17', Statement: statements } }],
  };
}
