/** Secrets are made per tenant while the system runs, so roles name them by prefix; the prefix belongs to the stage. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { NodeFunction } from './node-function.ts';

/** `headroom-<stage>/`: everything secret of a stage stands under it. */
export function secretPrefix(stageName: string): string {
  return `headroom-${stageName}/`;
}

function secretArn(fn: NodeFunction, name: string): string {
  return Stack.of(fn).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

export function grantTenantSecrets(fn: NodeFunction, access: 'read' | 'write'): void {
  const arn = secretArn(fn, `${secretPrefix(fn.stage.name)}tenants/*`);
  const reason = 'Tenants come and go while the system runs; their secrets share the prefix of the stage and no more.';
  fn.allowMany(['secretsmanager:GetSecretValue'], arn, reason);
  if (access === 'write') {
    fn.allow(['secretsmanager:CreateSecret', 'secretsmanager:PutSecretValue', 'secretsmanager:TagResource'], [arn]);
  }
}

/** The messaging provider's credentials: one secret of the whole stage, put there by the operator. */
export function grantTwilioSecret(fn: NodeFunction): void {
  fn.allow(
    ['secretsmanager:GetSecretValue'],
    [
      // A secret that does not exist yet has no suffix, and "there is none" is an answer, not a refusal.
      secretArn(fn, `${secretPrefix(fn.stage.name)}twilio`),
      secretArn(fn, `${secretPrefix(fn.stage.name)}twilio-??????`),
    ],
  );
}
