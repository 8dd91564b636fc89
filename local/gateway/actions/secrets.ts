/** Secrets Manager and SSM parameters. Pure. */
import {
  arnOf,
  contextOf,
  type Describe,
  type DescribedRequest,
  describeByTable,
  type Fields,
  listOf,
  optionalText,
  type ResourceOf,
  readJson,
  requiredText,
  type World,
} from './wire.ts';

/**
 * Policies name a secret by its full ARN, or by `name-??????` or `name-*`. What does not exist yet gets six question
 * marks, which every such pattern fits and no full ARN does.
 */
function secretArn(id: string, world: World): string {
  const known = world.secretArnOf(id);
  if (known !== undefined) return known;
  if (!id.startsWith('arn:')) return arnOf(world, 'secretsmanager', `secret:${id}-??????`);
  return /-[A-Za-z0-9]{6}$/.test(id) ? id : `${id}-??????`;
}

const bySecretId: ResourceOf = (fields, world, operation) =>
  secretArn(requiredText(fields, 'SecretId', operation), world);

const describeSecretByTable = describeByTable(
  'secretsmanager',
  {
    GetSecretValue: bySecretId,
    PutSecretValue: bySecretId,
    DescribeSecret: bySecretId,
    UpdateSecret: bySecretId,
    DeleteSecret: bySecretId,
    RestoreSecret: bySecretId,
    RotateSecret: bySecretId,
    TagResource: bySecretId,
    UntagResource: bySecretId,
    ListSecretVersionIds: bySecretId,
    UpdateSecretVersionStage: bySecretId,
    CreateSecret: (fields, world, operation) => secretArn(requiredText(fields, 'Name', operation), world),
    ListSecrets: () => '*',
    GetRandomPassword: () => '*',
    BatchGetSecretValue: () => '*',
  },
  (fields) =>
    contextOf({
      'secretsmanager:SecretId': optionalText(fields, 'SecretId'),
      'secretsmanager:Name': optionalText(fields, 'Name'),
      'secretsmanager:VersionId': optionalText(fields, 'VersionId'),
      'secretsmanager:VersionStage': optionalText(fields, 'VersionStage'),
    }),
);

/** Reading many needs the permission of each besides that of the batch. */
export const describeSecretsmanager: Describe = (request, world) => {
  const described = describeSecretByTable(request, world);
  const { operation, fields } = readJson(request);
  if (operation !== 'BatchGetSecretValue') return described;
  const each = listOf(fields.SecretIdList).map(
    (id): DescribedRequest => ({
      action: 'secretsmanager:GetSecretValue',
      resource: secretArn(String(id), world),
      context: { 'secretsmanager:SecretId': String(id) },
      operation,
    }),
  );
  return [...described, ...each];
};

/** A name may be an ARN, and may end in `:version` or `:label`, which the ARN does not have. */
function parameterArn(name: string, world: World): string {
  if (name.startsWith('arn:')) return name.split(':').slice(0, 6).join(':');
  return arnOf(world, 'ssm', `parameter/${name.replace(/^\//, '').replace(/:.*$/, '')}`);
}

const byParameter =
  (field: string): ResourceOf =>
  (fields, world, operation) =>
    parameterArn(requiredText(fields, field, operation), world);
const byParameters: ResourceOf = (fields, world) =>
  listOf(fields.Names).map((name) => parameterArn(String(name), world));

/** JSON 1.1, `AmazonSSM.<Operation>`. */
export const describeSsm: Describe = describeByTable(
  'ssm',
  {
    GetParameter: byParameter('Name'),
    GetParameters: byParameters,
    GetParametersByPath: (fields, world, operation) =>
      parameterArn(requiredText(fields, 'Path', operation).replace(/\/$/, ''), world),
    GetParameterHistory: byParameter('Name'),
    PutParameter: byParameter('Name'),
    DeleteParameter: byParameter('Name'),
    DeleteParameters: byParameters,
    LabelParameterVersion: byParameter('Name'),
    DescribeParameters: () => '*',
  },
  (fields: Fields) => contextOf({ 'ssm:Recursive': flag(fields.Recursive), 'ssm:Overwrite': flag(fields.Overwrite) }),
);

function flag(value: unknown): string | undefined {
  return typeof value === 'boolean' ? String(value) : undefined;
}
