/** The guide and the workflows say what the code does: templates, the secret, commands, stages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { STAGES } from '../../lib/stages.ts';
import { isRefusal, readRequest } from '../../scripts/deploy-plan.ts';
import { readTenantRequest } from '../../scripts/tenant-request.ts';
import { TEMPLATES } from '../../shared/notify/templates.ts';
import { twilioAccountSchema } from '../../shared/notify/twilio-account.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const guide = read('docs/deploy.md');

test('the templates to be registered are those that are sent', () => {
  const written = [...guide.matchAll(/^- `(alert_\w+)`: (.+)$/gm)].map((match) => [match[1], match[2]]);
  expect(Object.fromEntries(written)).toEqual(
    Object.fromEntries(Object.values(TEMPLATES).map((template) => [template.name, template.body])),
  );
});

test('the example of the secret is one that the notifiers take, whole', () => {
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '');
  expect(z.parse(twilioAccountSchema, example)).toEqual(example);
});

test('every command for tenants in the guide and the runbook is understood', () => {
  const lines = [...guide.matchAll(/^ {4}npm run tenant -- (.+)$/gm)].map((match) => match[1] ?? '');
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
    expect(readTenantRequest(words), line).not.toHaveProperty('problems');
  }
});

test('every deploy command in the guide is understood', () => {
  const lines = [...guide.matchAll(/npm run (deploy|diff|destroy) -- (dev|prod)/g)];
  expect(lines.length).toBeGreaterThan(4);
  for (const [, command = '', stage = ''] of lines) expect(isRefusal(readRequest([command, stage]))).toBe(false);
});

test('the guide explains every setting of a stage that somebody has to decide', () => {
  const told = ['name', 'logRetentionDays', 'taaraBaseUrl', 'onenceBaseUrl'];
  const fields = new Set([...STAGES.flatMap((stage) => Object.keys(stage)), 'vpc']);
  for (const field of fields) if (!told.includes(field)) expect(guide, field).toContain(`\`${field}\``);
});

test('the workflow offers the stages that can be deployed', () => {
  const workflow = read('.github/workflows/deploy.yml');
  const offered = /options: \[(.+)\]/.exec(workflow)?.[1]?.split(', ');
  expect(offered).toEqual(STAGES.map((stage) => stage.name).filter((name) => name !== 'local'));
  expect(read('.github/workflows/ci.yml')).toContain('run: .ci/run');
});
