/** Who may do what on this machine: the template's roles and resource policies, evaluated for every request. */
import { createHash } from 'node:crypto';
import { SERVICE_CONDITION_KEYS } from '../gateway/actions.ts';
import { checkPolicy } from '../iam/check.ts';
import { type CompiledPolicy, compile, type Decision, evaluate } from '../iam/evaluate.ts';
import { createLedger, type Ledger } from '../iam/ledger.ts';
import type { PolicyDocument, Principal, RequestContext } from '../iam/policy.ts';
import { ACCOUNT, PARTITION } from '../model/identify.ts';
import type { CloudModel, FunctionModel } from '../model/types.ts';

export interface Access {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

export interface Identity {
  /** Function's short name, or `operator`. */
  readonly owner: string;
  readonly principal: Principal;
  readonly policies: readonly CompiledPolicy[];
}

/** What the person at this machine may do, as with administrator credentials in AWS. */
const OPERATOR_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** A condition key that no request here carries would never match, in silence: such a policy stops the start. */
const CONDITION_KEYS: readonly string[] = [
  ...SERVICE_CONDITION_KEYS,
  'aws:SecureTransport',
  'aws:SourceArn',
  'aws:SourceAccount',
  'aws:RequestedRegion',
  'aws:PrincipalArn',
  'aws:PrincipalAccount',
  'aws:PrincipalType',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalServiceName',
];

function compileChecked(document: PolicyDocument, name: string): CompiledPolicy {
  const problems = checkPolicy(document, { conditionKeys: CONDITION_KEYS });
  if (problems.length > 0) throw new Error(`policy ${name} cannot be evaluated here: ${problems.join('; ')}`);
  return compile(document, name);
}

const EVERY_REQUEST: RequestContext = { 'aws:SecureTransport': 'true', 'aws:PrincipalAccount': ACCOUNT };

export class Guard {
  readonly ledger: Ledger = createLedger();
  private readonly identities = new Map<string, Identity>();
  private readonly byOwner = new Map<string, Identity>();
  private readonly resourcePolicies = new Map<string, CompiledPolicy[]>();
  private readonly rolesByArn = new Map<string, { policies: CompiledPolicy[]; trust: CompiledPolicy }>();
  private readonly region: string;

  constructor(model: CloudModel, region: string, secret: string) {
    this.region = region;
    for (const role of model.roles) {
      const policies = role.policies.map((p) => compileChecked(p.document, p.name));
      this.rolesByArn.set(role.arn, { policies, trust: compileChecked(role.trust, `${role.name} trust`) });
    }
    for (const fn of model.functions) this.addFunction(fn, secret);
    this.addIdentity(
      'operator',
      `arn:${PARTITION}:iam::${ACCOUNT}:root`,
      [compileChecked(OPERATOR_POLICY, 'operator')],
      secret,
    );
    for (const r of [...model.queues, ...model.topics, ...model.buckets]) {
      if (r.policy) this.resourcePolicies.set(r.arn, [compileChecked(r.policy, `policy of ${r.name}`)]);
    }
  }

  private addFunction(fn: FunctionModel, secret: string): void {
    const policies = this.rolesByArn.get(fn.roleArn)?.policies ?? [];
    this.addIdentity(fn.shortName, fn.roleArn, policies, secret);
    this.ledger.grant(fn.shortName, policies);
    this.resourcePolicies.set(fn.arn, [compileChecked(fn.resourcePolicy, `permissions of ${fn.shortName}`)]);
  }

  private addIdentity(owner: string, arn: string, policies: readonly CompiledPolicy[], secret: string): void {
    const identity: Identity = { owner, principal: { type: 'aws', arn, accountId: ACCOUNT }, policies };
    this.identities.set(keyIdOf(owner, secret), identity);
    this.byOwner.set(owner, identity);
  }

  /** Access key of a function or of the operator: each worker signs with its own. */
  credentialsOf(owner: string, secret: string): { accessKeyId: string; secretAccessKey: string } {
    const accessKeyId = keyIdOf(owner, secret);
    return { accessKeyId, secretAccessKey: secretOf(accessKeyId, secret) };
  }

  identityOf(accessKeyId: string): Identity | undefined {
    return this.identities.get(accessKeyId);
  }

  /** A request signed by a function. Queue, topic and bucket policies join in; a Lambda's own policy does for services. */
  check(identity: Identity, access: Access): Decision {
    const decision = this.decide(identity, access);
    this.record(identity.owner, access, decision);
    return decision;
  }

  /** For what a service asks itself beside the request: it was not asked for, so nobody finds it in the ledger. */
  mayBesides(identity: Identity, access: Access): boolean {
    return this.decide(identity, access).allowed;
  }

  private decide(identity: Identity, access: Access): Decision {
    return evaluate(
      {
        principal: identity.principal,
        action: access.action,
        resource: access.resource,
        context: { ...EVERY_REQUEST, 'aws:RequestedRegion': this.region, ...access.context },
      },
      { identity: identity.policies, resource: this.policiesOf(access.resource) },
    );
  }

  /** What the pollers do for a function, with its own role. */
  checkFunction(owner: string, access: Access): Decision {
    const identity = this.byOwner.get(owner);
    if (!identity) throw new Error(`no function is named ${owner}`);
    return this.check(identity, access);
  }

  /** A service acting for itself: only the resource's own policy can allow it. */
  checkService(service: string, owner: string, access: Access): Decision {
    const decision = evaluate(
      {
        principal: { type: 'service', service },
        action: access.action,
        resource: access.resource,
        context: { ...EVERY_REQUEST, ...access.context },
      },
      { identity: [], resource: this.policiesOf(access.resource) },
    );
    this.record(owner, access, decision);
    return decision;
  }

  /** A service that takes a role: the role must trust the service, and allow the action. */
  checkRole(service: string, roleArn: string, owner: string, access: Access): Decision {
    const role = this.rolesByArn.get(roleArn);
    const denied: Decision = { allowed: false, reason: `no role ${roleArn}`, matchedStatements: [] };
    if (!role) return denied;
    const assumed = evaluate(
      {
        principal: { type: 'service', service },
        action: 'sts:AssumeRole',
        resource: roleArn,
        context: { ...EVERY_REQUEST, ...access.context },
      },
      { identity: [], resource: [role.trust] },
    );
    const decision = assumed.allowed
      ? evaluate(
          {
            principal: { type: 'aws', arn: roleArn, accountId: ACCOUNT },
            action: access.action,
            resource: access.resource,
            context: EVERY_REQUEST,
          },
          { identity: role.policies, resource: [] },
        )
      : { ...assumed, reason: `${service} may not assume ${roleArn}: ${assumed.reason}` };
    this.record(owner, access, decision);
    return decision;
  }

  private policiesOf(resource: string): CompiledPolicy[] {
    // An object stands under its bucket's policy.
    return this.resourcePolicies.get(resource) ?? this.resourcePolicies.get(resource.replace(/\/.*$/, '')) ?? [];
  }

  private record(owner: string, access: Access, decision: Decision): void {
    this.ledger.record({ function: owner, action: access.action, resource: access.resource }, decision);
  }
}

function keyIdOf(owner: string, secret: string): string {
  return `LOCAL${createHash('sha256').update(`${secret}:id:${owner}`).digest('hex').slice(0, 15).toUpperCase()}`;
}

/** Secret access key that belongs to a key id. */
export function secretOf(accessKeyId: string, secret: string): string {
  return createHash('sha256').update(`${secret}:key:${accessKeyId}`).digest('base64url').slice(0, 40);
}
