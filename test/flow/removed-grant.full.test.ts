import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PolicyStatement } from '../../local/iam/policy.ts';
import type { CloudModel } from '../../local/model/types.ts';
import { type Flow, startFlow } from './flow.ts';

let flow: Flow;

/** The collector may no longer speak to the evaluate queue: what it stored is not announced (a crash before publish). */
function withoutEvaluateGrant(model: CloudModel): CloudModel {
  const evaluate = model.queues.find((q) => q.name.includes('EvaluateQueue') && 'RedrivePolicy' in q.attributes)?.arn;
  const collector = model.functions.find((f) => f.shortName === 'collect-taara')?.roleArn;
  const without = (statement: PolicyStatement): PolicyStatement => {
    if (!JSON.stringify(statement.Action).includes('sqs:SendMessage')) return statement;
    return { ...statement, Resource: [statement.Resource ?? []].flat().filter((arn) => arn !== evaluate) };
  };
  const roles = model.roles.map((role) => {
    if (role.arn !== collector) return role;
    const policies = role.policies.map(({ name, document }) => ({
      name,
      document: { ...document, Statement: [document.Statement].flat().map(without) },
    }));
    return { ...role, policies };
  });
  return { ...model, roles };
}

beforeAll(async () => {
  flow = await startFlow({ amend: withoutEvaluateGrant });
  await flow.addTenant('demo');
  await flow.addTaara('demo');
}, 120_000);

afterAll(() => flow.stop());

test('a missing grant fails here as it would in AWS, naming function, action and resource', async () => {
  await flow.runNow('collect-taara');
  const iam = (await (await fetch(`${flow.cloud.publicUrl}/_local/iam`)).json()) as {
    denied: { function: string; action: string; resource: string }[];
  };
  expect(iam.denied).toContainEqual(
    expect.objectContaining({
      function: 'collect-taara',
      action: 'sqs:SendMessage',
      resource: expect.stringContaining('EvaluateQueue'),
    }),
  );
  expect(flow.notices.some((n) => n.includes('collect-taara is not allowed to sqs:SendMessage'))).toBe(true);
});

test('fault 1: what was stored but not announced is judged all the same, by the look at each slot', async () => {
  await flow.pass(20);
  const { body } = await flow.call('GET', '/v1/alerts', { role: 'viewer' });
  expect(body.items).toMatchObject([{ rule: 'bundle-remaining', state: 'firing' }]);
  expect((await flow.messages()).filter((m) => /Office/.test(m.body))).toHaveLength(1);
});
