/** Answers to findings of cdk-nag and of CDK's own validation: each with its reason, next to what it is about. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Rule id as the report prints it, and why the finding is accepted here and below. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  Validations.of(construct).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })));
}

/** For one wildcard in a policy of the construct, and for no other: cdk-nag names each of them by its resource. */
export function acknowledgeWildcard(construct: IConstruct, resource: string, reason: string): void {
  const flat = flatten(Stack.of(construct).resolve(resource));
  acknowledge(construct, { [`AwsSolutions-IAM5[Resource::${flat}]`]: reason });
}

/** An ARN with its references in angle brackets, imports without, as cdk-nag writes it into the finding's name. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, inner] = []] = Object.entries(value as Record<string, unknown>);
  if (name === 'Ref') return `<${inner}>`;
  if (name === 'Fn::ImportValue') return inner as string;
  if (name === 'Fn::GetAtt') return `<${(inner as string[]).join('.')}>`;
  if (name === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map(flatten).join(separator);
  }
  throw new Error(`a wildcard cannot be acknowledged over ${name}`);
}
