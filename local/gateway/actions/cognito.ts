/** Cognito user pools: the operations that are authorized by IAM; those of end users carry tokens instead. Pure. */
import { arnOf, type Describe, describeByTable, type ResourceOf, requiredText } from './wire.ts';

const pool: ResourceOf = (fields, world, operation) =>
  arnOf(world, 'cognito-idp', `userpool/${requiredText(fields, 'UserPoolId', operation)}`);

const POOL_OPERATIONS = [
  'AdminAddUserToGroup',
  'AdminCreateUser',
  'AdminDeleteUser',
  'AdminDisableUser',
  'AdminEnableUser',
  'AdminGetUser',
  'AdminListGroupsForUser',
  'AdminRemoveUserFromGroup',
  'AdminResetUserPassword',
  'AdminSetUserPassword',
  'AdminUpdateUserAttributes',
  'AdminUserGlobalSignOut',
  'DescribeUserPool',
  'DescribeUserPoolClient',
  'ListGroups',
  'ListUserPoolClients',
  'ListUsers',
  'ListUsersInGroup',
];

/** JSON 1.1, `AWSCognitoIdentityProviderService.<Operation>`. */
export const describeCognito: Describe = describeByTable('cognito-idp', {
  ...Object.fromEntries(POOL_OPERATIONS.map((operation) => [operation, pool])),
  ListUserPools: () => '*',
});
