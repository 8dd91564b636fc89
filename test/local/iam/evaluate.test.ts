/** What a decision tells besides yes and no. */
import { describe, expect, test } from 'vitest';
import { compile, evaluate } from '../../../local/iam/evaluate.ts';
import { allow, deny, QUEUE, ROLE } from './cases.ts';

describe('a decision', () => {
  const request = { principal: ROLE, action: 'sqs:SendMessage', resource: QUEUE, context: {} };

  test('names the policy and statement that allowed it', () => {
    const policy = compile(
      { Version: '2012-10-17', Statement: [{ Sid: 'Send', ...allow('sqs:Send*', QUEUE) }] },
      'outbox',
    );
    const decision = evaluate(request, { identity: [policy] });
    expect(decision).toMatchObject({
      allowed: true,
      reason: 'allowed by outbox',
      matched: { sid: 'Send', policyName: 'outbox' },
    });
    expect(decision.matchedStatements.map((one) => one.grant)).toEqual([{ action: 'sqs:Send*', resource: QUEUE }]);
  });

  test('names the statement that denied it, and only that', () => {
    const policy = compile(
      { Version: '2012-10-17', Statement: [allow('*'), { Sid: 'Never', ...deny('sqs:*') }] },
      'outbox',
    );
    const decision = evaluate(request, { identity: [policy] });
    expect(decision).toMatchObject({
      allowed: false,
      reason: 'explicit deny',
      matched: { sid: 'Never', policyName: 'outbox' },
    });
    expect(decision.matchedStatements).toHaveLength(1);
  });

  test('says when nothing matched', () => {
    expect(evaluate(request, { identity: [] })).toEqual({
      allowed: false,
      reason: 'no matching allow',
      matchedStatements: [],
    });
  });

  test('refuses a resource policy among identity policies, for it would lose its principal', () => {
    const policy = compile({ Version: '2012-10-17', Statement: { ...allow('*'), Principal: '*' } }, 'queue');
    expect(() => evaluate(request, { identity: [policy] })).toThrow('queue is not an identity policy');
  });

  test('takes a policy without statements for either kind', () => {
    const policy = compile({ Version: '2012-10-17', Statement: [] }, 'permissions');
    expect(evaluate(request, { identity: [policy], resource: [policy] }).reason).toBe('no matching allow');
  });
});
