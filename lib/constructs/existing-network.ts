/** The operator's own network, named by ids: nothing is made in it and nothing is looked up. */
import { type ISecurityGroup, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import type { NodeFunctionProps } from './node-function.ts';

/** Private subnets with a way to AWS's own services (NAT or endpoints): the function writes to the table from there. */
export function existingNetwork(
  scope: Construct,
  given: NonNullable<Stage['vpc']>,
): NonNullable<NodeFunctionProps['network']> {
  const vpc = Vpc.fromVpcAttributes(scope, 'Network', {
    vpcId: given.vpcId,
    availabilityZones: [...given.availabilityZones],
    privateSubnetIds: [...given.privateSubnetIds],
  });
  const group = SecurityGroup.fromSecurityGroupId(scope, 'NetworkGroup', given.securityGroupId, { mutable: false });
  return { vpc, vpcSubnets: { subnets: vpc.privateSubnets }, securityGroups: [group as ISecurityGroup] };
}
