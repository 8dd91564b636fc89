/** What a wire request asks for, in IAM's words: the map of all services. Pure. */
import { describeCognito } from './actions/cognito.ts';
import { describeDynamodb } from './actions/dynamodb.ts';
import { describeExecuteApi, describeLambda, describeScheduler, describeSes } from './actions/rest.ts';
import { describeS3 } from './actions/s3.ts';
import { describeSecretsmanager, describeSsm } from './actions/secrets.ts';
import { describeSns } from './actions/sns.ts';
import { describeSqs } from './actions/sqs.ts';
import { describeTimestream } from './actions/timestream.ts';
import {
  type Describe,
  type DescribedRequest,
  UnsupportedRequest,
  type WireRequest,
  type World,
} from './actions/wire.ts';

export { type DescribedRequest, UnsupportedRequest, type WireRequest, type World } from './actions/wire.ts';

/** By signing name. */
const SERVICES: Readonly<Record<string, Describe>> = {
  dynamodb: describeDynamodb,
  sqs: describeSqs,
  sns: describeSns,
  s3: describeS3,
  secretsmanager: describeSecretsmanager,
  ssm: describeSsm,
  timestream: describeTimestream,
  lambda: describeLambda,
  scheduler: describeScheduler,
  'cognito-idp': describeCognito,
  ses: describeSes,
  'execute-api': describeExecuteApi,
};

/** Every condition key that a described request may carry; a policy that asks for another could never be judged rightly. */
export const SERVICE_CONDITION_KEYS: readonly string[] = [
  'dynamodb:LeadingKeys',
  'dynamodb:Select',
  'dynamodb:ReturnValues',
  'dynamodb:ReturnConsumedCapacity',
  'dynamodb:EnclosingOperation',
  'sns:Protocol',
  'sns:Endpoint',
  's3:prefix',
  's3:delimiter',
  's3:max-keys',
  's3:VersionId',
  's3:x-amz-acl',
  's3:x-amz-copy-source',
  's3:x-amz-content-sha256',
  's3:x-amz-server-side-encryption',
  's3:x-amz-storage-class',
  'secretsmanager:SecretId',
  'secretsmanager:Name',
  'secretsmanager:VersionId',
  'secretsmanager:VersionStage',
  'ssm:Recursive',
  'ssm:Overwrite',
  'iam:PassedToService',
  'ses:FromAddress',
  'ses:FromDisplayName',
  'ses:Recipients',
];

/** All of them must be allowed for the request to pass. Throws UnsupportedRequest, naming service and operation. */
export function describeRequest(request: WireRequest, world: World): DescribedRequest[] {
  const describe = Object.hasOwn(SERVICES, request.service) ? SERVICES[request.service] : undefined;
  if (describe === undefined) throw new UnsupportedRequest(`the local cloud has no service "${request.service}"`);
  const described = describe(request, world);
  if (described.length === 0) throw new UnsupportedRequest(`${request.service}: the request names no resource`);
  return described;
}
