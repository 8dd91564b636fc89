/** What Ref and Fn::GetAtt of each resource type give on this machine. Pure. */

import { physicalName } from '../template/names.ts';
import type { AttributesOf } from '../template/resolve.ts';

export const ACCOUNT = '000000000000';
export const PARTITION = 'aws';

export interface Addresses {
  readonly region: string;
  /** Where the workers' SDK clients send everything. */
  readonly gatewayUrl: string;
  /** Where a browser or a provider's callback reaches the API. */
  readonly publicUrl: string;
}

type Properties = Readonly<Record<string, unknown>>;
type Identity = { readonly ref: string; readonly attributes: Readonly<Record<string, string>> };

interface Naming {
  readonly name: string;
  readonly addresses: Addresses;
  readonly properties: Properties;
  arn(service: string, resource: string, withRegion?: boolean): string;
}

const IDENTITIES: Readonly<Record<string, (n: Naming) => Identity>> = {
  'AWS::DynamoDB::GlobalTable': (n) => ({ ref: n.name, attributes: { Arn: n.arn('dynamodb', `table/${n.name}`) } }),
  'AWS::SQS::Queue': (n) => ({
    ref: `${n.addresses.gatewayUrl}/${ACCOUNT}/${n.name}`,
    attributes: { Arn: n.arn('sqs', n.name), QueueName: n.name },
  }),
  'AWS::SNS::Topic': (n) => {
    const arn = n.arn('sns', n.name);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: n.name } };
  },
  'AWS::IAM::Role': (n) => ({
    ref: n.name,
    attributes: { Arn: n.arn('iam', `role/${n.name}`, false), RoleId: n.name },
  }),
  'AWS::Lambda::Function': (n) => ({ ref: n.name, attributes: { Arn: n.arn('lambda', `function:${n.name}`) } }),
  'AWS::Logs::LogGroup': (n) => ({ ref: n.name, attributes: { Arn: n.arn('logs', `log-group:${n.name}:*`) } }),
  'AWS::Scheduler::Schedule': (n) => ({
    ref: n.name,
    attributes: { Arn: n.arn('scheduler', `schedule/default/${n.name}`) },
  }),
  'AWS::ApiGatewayV2::Api': (n) => {
    const id = n.name
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(-10);
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: n.addresses.publicUrl } };
  },
  'AWS::ApiGatewayV2::Stage': () => ({ ref: '$default', attributes: {} }),
  'AWS::Cognito::UserPool': (n) => {
    const id = `${n.addresses.region}_${n.name.replace(/[^A-Za-z0-9]/g, '').slice(-9)}`;
    const provider = `cognito-idp.${n.addresses.region}.amazonaws.com/${id}`;
    const attributes = {
      Arn: n.arn('cognito-idp', `userpool/${id}`),
      UserPoolId: id,
      ProviderName: provider,
      ProviderURL: `https://${provider}`,
    };
    return { ref: id, attributes };
  },
  'AWS::Cognito::UserPoolClient': (n) => {
    const id = n.name
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(-26);
    return { ref: id, attributes: { ClientId: id } };
  },
  'AWS::Timestream::Database': (n) => ({ ref: n.name, attributes: { Arn: n.arn('timestream', `database/${n.name}`) } }),
  'AWS::Timestream::Table': (n) => {
    const database = String(n.properties.DatabaseName);
    return {
      ref: `${database}|${n.name}`,
      attributes: { Name: n.name, Arn: n.arn('timestream', `database/${database}/table/${n.name}`) },
    };
  },
  'AWS::S3::Bucket': (n) => {
    const bucket = n.name.toLowerCase();
    return {
      ref: bucket,
      attributes: {
        Arn: `arn:${PARTITION}:s3:::${bucket}`,
        DomainName: `${bucket}.s3.amazonaws.com`,
        RegionalDomainName: `${bucket}.s3.${n.addresses.region}.amazonaws.com`,
      },
    };
  },
  'AWS::CloudFront::Distribution': (n) => ({
    ref: n.name,
    attributes: { Id: n.name, DomainName: n.addresses.publicUrl.replace(/^https?:\/\//, '') },
  }),
  'AWS::CloudFront::OriginAccessControl': (n) => ({ ref: n.name, attributes: { Id: n.name } }),
  'AWS::CloudFront::ResponseHeadersPolicy': (n) => ({ ref: n.name, attributes: { Id: n.name } }),
  'AWS::CloudFront::CachePolicy': (n) => ({ ref: n.name, attributes: { Id: n.name } }),
  'AWS::CloudFront::Function': (n) => {
    const arn = n.arn('cloudfront', `function/${n.name}`, false);
    return { ref: arn, attributes: { FunctionARN: arn, 'FunctionMetadata.FunctionARN': arn } };
  },
};

const NAME_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Timestream::Database': 'DatabaseName',
  'AWS::Timestream::Table': 'TableName',
};

/** A type without an entry has a Ref of its physical name and no attributes: asking for one fails in the resolver. */
export function identifyAt(addresses: Addresses): AttributesOf {
  return (stack, logicalId, type, properties) => {
    const explicit = properties[NAME_PROPERTY[type] ?? ''];
    const name = physicalName(stack, logicalId, type, typeof explicit === 'string' ? explicit : undefined);
    const arn = (service: string, resource: string, withRegion = true): string =>
      `arn:${PARTITION}:${service}:${withRegion ? addresses.region : ''}:${ACCOUNT}:${resource}`;
    const identity = IDENTITIES[type];
    return identity ? identity({ name, addresses, properties, arn }) : { ref: name, attributes: {} };
  };
}
