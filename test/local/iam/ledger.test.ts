/** What the ledger counts, and which grants it calls unused. */
import { describe, expect, test } from 'vitest';
import { type CompiledPolicy, compile, evaluate } from '../../../local/iam/evaluate.ts';
import { createLedger, type Ledger } from '../../../local/iam/ledger.ts';
import { allow, deny, QUEUE, ROLE, TABLE } from './cases.ts';

function ask(
  ledger: Ledger,
  policies: readonly CompiledPolicy[],
  action: string,
  resource: string,
  owner = 'collect',
): boolean {
  const decision = evaluate({ principal: ROLE, action, resource, context: {} }, { identity: policies });
  ledger.record({ function: owner, action, resource }, decision);
  return decision.allowed;
}
const policy = compile(
  {
    Version: '2012-10-17',
    Statement: [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [TABLE, `${TABLE}/index/*`]), deny('sqs:*')],
  },
  'collect',
);

describe('the ledger', () => {
  test('counts allowed and denied requests by function, action and resource', () => {
    const ledger = createLedger();
    ask(ledger, [policy], 'dynamodb:GetItem', TABLE);
    ask(ledger, [policy], 'dynamodb:GetItem', TABLE);
    ask(ledger, [policy], 'dynamodb:GetItem', TABLE, 'evaluate');
    ask(ledger, [policy], 'sqs:SendMessage', QUEUE);
    expect(ledger.report()).toEqual({
      allowed: [
        { function: 'collect', action: 'dynamodb:GetItem', resource: TABLE, count: 2 },
        { function: 'evaluate', action: 'dynamodb:GetItem', resource: TABLE, count: 1 },
      ],
      denied: [{ function: 'collect', action: 'sqs:SendMessage', resource: QUEUE, count: 1 }],
      unused: [],
    });
  });

  test('lists each pair of action and resource that no request used, as the policy writes it', () => {
    const ledger = createLedger();
    ledger.grant('collect', [policy]);
    ask(ledger, [policy], 'dynamodb:GetItem', TABLE);
    ask(ledger, [policy], 'dynamodb:PutItem', `${TABLE}/index/byIndex`);
    expect(ledger.report().unused).toEqual([
      { function: 'collect', action: 'dynamodb:GetItem', resource: `${TABLE}/index/*`, count: 0 },
      { function: 'collect', action: 'dynamodb:PutItem', resource: TABLE, count: 0 },
    ]);
  });

  test('a grant used by one function stays unused by another that shares the policy', () => {
    const ledger = createLedger();
    const shared = compile({ Version: '2012-10-17', Statement: allow('sqs:SendMessage', QUEUE) }, 'shared');
    ledger.grant('collect', [shared]);
    ledger.grant('evaluate', [shared]);
    ask(ledger, [shared], 'sqs:SendMessage', QUEUE, 'collect');
    expect(ledger.report().unused.map((row) => row.function)).toEqual(['evaluate']);
  });

  test('a denied request uses no grant', () => {
    const ledger = createLedger();
    const contradicting = compile(
      { Version: '2012-10-17', Statement: [allow('sqs:*', QUEUE), deny('sqs:SendMessage')] },
      'p',
    );
    ledger.grant('collect', [contradicting]);
    expect(ask(ledger, [contradicting], 'sqs:SendMessage', QUEUE)).toBe(false);
    expect(ledger.report().unused).toHaveLength(1);
  });

  test('resources without end are counted together beyond a bound', () => {
    const ledger = createLedger();
    const everything = [compile({ Version: '2012-10-17', Statement: allow('*') }, 'all')];
    for (let i = 0; i < 6_000; i++) ask(ledger, everything, 's3:GetObject', `arn:aws:s3:::site/${i}`);
    const { allowed } = ledger.report();
    expect(allowed.length).toBeLessThanOrEqual(5_001);
    expect(allowed.reduce((sum, row) => sum + row.count, 0)).toBe(6_000);
    expect(allowed.at(-1)).toMatchObject({ resource: '(others)', count: 1_000 });
  });
});
