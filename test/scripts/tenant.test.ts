/** Tenants, members and receivers from the operator's terminal: the words, and what is written into a table. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stageNamed } from '../../lib/stages.ts';
import { tableName } from '../../scripts/stage-table.dynamodb.ts';
import { readTenantRequest, type TenantRequest } from '../../scripts/tenant-request.ts';
import { writeTenant } from '../../scripts/tenant-write.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createReceiverStore } from '../../shared/notify/receivers.dynamodb.ts';
import { startDynalite } from '../shared/dynalite.ts';

const NOW = Date.UTC(2026, 10, 20, 9);
const ROOT = join(import.meta.dirname, '..', '..');
let world: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  world = await startDynalite();
});
afterAll(() => world.close());

/** Words as a shell would cut them. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}

function request(line: string): TenantRequest {
  const read = readTenantRequest(words(line));
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read;
}

describe('words that are not understood are said all at once', () => {
  test.each<[string, (string | RegExp)[]]>([
    ['', [/^npm run tenant -- add/]],
    ['remove acme --stage dev', [/^npm run tenant -- add/]],
    ['add acme --zone Africa/Nairobi', ['--stage must be one of local, dev, prod']],
    ['add acme --zone Nairobi --stage dev', ['--zone must be an IANA zone such as Africa/Nairobi, not "Nairobi"']],
    ['add acme --zone +03:00 --stage dev', ['--zone must be an IANA zone such as Africa/Nairobi, not "+03:00"']],
    [
      'add Acme! --stage production',
      [
        '"Acme!" cannot name a tenant: use 2-32 lower case letters, digits and dashes, a letter first',
        '--stage must be one of local, dev, prod',
        '--zone must be an IANA zone such as Africa/Nairobi, not ""',
      ],
    ],
    [
      'add acme Networks --zone UTC --stage dev --role admin',
      [/^"Networks" is one word too many/, '--role does not belong to "add"'],
    ],
    [
      'add acme --zone UTC --stage dev --allow 8.8.8.0/24',
      [/^--allow 8\.8\.8\.0\/24: .* is not inside a private range/],
    ],
    [
      'add acme --zone UTC --stage prod --allow 127.0.0.0/8',
      [/^--allow 127\.0\.0\.0\/8: .* not inside a private range/],
    ],
    ['add acme --zone UTC --stage local --allow 0.0.0.0/0', [/^--allow 0\.0\.0\.0\/0: .* not inside a private range/]],
    ['add acme --zone UTC --stage dev --simulated', ['--simulated: simulators run in the stage local only']],
    [
      'member acme --stage dev --role king',
      [
        '--subject is missing: the "sub" of the user in the pool',
        '--role must be one of reseller, viewer, operator, admin, owner',
      ],
    ],
    ['member acme --stage dev --subject a --role admin --force', [/--force/, /^npm run tenant/]],
    [
      'receiver acme --stage dev --phone 0700 --channel fax --min-severity all',
      ['--phone: use the international form, such as +447700900123', /^--channel: /, /^--min-severity: /],
    ],
  ])('%s', (line, problems) => {
    const read = readTenantRequest(words(line));
    expect('problems' in read && read.problems).toEqual(
      problems.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))),
    );
  });
});

describe('what is written', () => {
  test('a tenant appears with its zone and networks, and is not changed by being added once more', async () => {
    const add = request('add acme --zone Africa/Nairobi --stage dev --name "Acme Networks" --allow 10.20.0.0/16');
    expect(await writeTenant(world.table, add, NOW)).toMatch(
      /^the tenant acme \(Acme Networks, Africa\/Nairobi\) is there; next:/,
    );
    const stored = {
      tenant: 'acme',
      name: 'Acme Networks',
      zone: 'Africa/Nairobi',
      simulated: false,
      allowedNetworks: ['10.20.0.0/16'],
      createdAt: NOW,
    };
    const tenants = createTenantStore(world.table);
    expect(await tenants.readTenant('acme')).toEqual(stored);
    expect(await writeTenant(world.table, add, NOW + 5)).toMatch(/was there already/);
    const other = request('add acme --zone Asia/Dhaka --stage dev');
    await expect(writeTenant(world.table, other, NOW)).rejects.toThrow('a tenant "acme" already, with other settings');
    expect(await tenants.readTenant('acme')).toEqual(stored);
    expect((await tenants.listTenants()).map((one) => one.tenant)).toEqual(['acme']);
  });

  test('an addition that broke off half way is made whole by the same words', async () => {
    const half = { tenant: 'half', name: 'half', zone: 'UTC', simulated: false, allowedNetworks: [], createdAt: NOW };
    const broken = {
      ...world.table,
      put: async (item: { pk: string; sk: string }, ...rest: unknown[]) => {
        if (item.pk.startsWith('@')) throw new Error('gone');
        return world.table.put(item, ...(rest as []));
      },
    };
    await expect(writeTenant(broken, request('add half --zone UTC --stage dev'), NOW)).rejects.toThrow('gone');
    const tenants = createTenantStore(world.table);
    expect((await tenants.listTenants()).map((one) => one.tenant)).not.toContain('half');
    await writeTenant(world.table, request('add half --zone UTC --stage dev'), NOW + 5);
    expect(await tenants.listTenants()).toContainEqual(half);
  });

  test('a tenant that was removed does not come back under its name', async () => {
    const tenants = createTenantStore(world.table);
    const gone = { tenant: 'gone', name: 'gone', zone: 'UTC', simulated: false, allowedNetworks: [], createdAt: NOW };
    await tenants.putTenant({ ...gone, removedAt: NOW });
    await expect(writeTenant(world.table, request('add gone --zone UTC --stage dev'), NOW)).rejects.toThrow(
      'was removed',
    );
    const member = request('member gone --subject sub-9 --role viewer --stage dev');
    await expect(writeTenant(world.table, member, NOW)).rejects.toThrow('there is no tenant "gone"');
  });

  test('a member gets a role, another role, and is shut out; nobody belongs to two tenants', async () => {
    const tenants = createTenantStore(world.table);
    await writeTenant(world.table, request('add beta --zone UTC --stage dev'), NOW);
    await writeTenant(world.table, request('add gamma --zone UTC --stage dev'), NOW);
    const put = (line: string) => writeTenant(world.table, request(line), NOW);
    expect(await put('member beta --subject sub-1 --role viewer --stage dev')).toMatch(/^sub-1 is viewer of beta/);
    await put('member beta --subject sub-1 --role admin --stage dev');
    const admin = { subject: 'sub-1', tenant: 'beta', role: 'admin', disabled: false };
    expect(await tenants.readMember('sub-1')).toEqual(admin);
    await expect(put('member gamma --subject sub-1 --role viewer --stage dev')).rejects.toThrow(
      'sub-1 is a member of "beta": a person belongs to one tenant',
    );
    expect(await put('member beta --subject sub-1 --role admin --stage dev --disabled')).toMatch(/is shut out of beta/);
    expect(await tenants.readMember('sub-1')).toEqual({ ...admin, disabled: true });
    await expect(put('member nobody --subject sub-2 --role viewer --stage dev')).rejects.toThrow(
      'there is no tenant "nobody"',
    );
    expect(await tenants.readMember('sub-2')).toBeUndefined();
  });

  test('a receiver is told by WhatsApp, then SMS, and can be given other words under the same id', async () => {
    await writeTenant(world.table, request('add delta --zone UTC --stage dev'), NOW);
    const put = (line: string) => writeTenant(world.table, request(line), NOW);
    expect(await put('receiver delta --phone +447700900123 --stage dev')).toBe(
      'on-call of delta is told by whatsapp, then sms from warning on',
    );
    await put(
      'receiver delta --phone +447700900124 --channel sms --min-severity critical --name "Night shift" --stage dev',
    );
    expect(await createReceiverStore(world.table).list('delta')).toEqual([
      {
        id: 'on-call',
        name: 'Night shift',
        phone: '+447700900124',
        channels: ['sms'],
        minSeverity: 'critical',
        language: 'en',
        enabled: true,
      },
    ]);
    expect(await put('receiver delta --phone +447700900124 --disabled --stage dev')).toMatch(/told nothing any more/);
  });
});

describe('where the table is', () => {
  test('in AWS it is found by the name that CloudFormation made of its stack', async () => {
    const create = (TableName: string) =>
      world.client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        }),
      );
    await expect(tableName(world.client, stageNamed('dev'))).rejects.toThrow(
      'has no table of the stage dev: deploy it first',
    );
    await create('headroom-prod-storage-TableCD117FA1-EXAMPLE');
    await create('headroom-dev-storage-TableCD117FA1-EXAMPLE');
    expect(await tableName(world.client, stageNamed('dev'))).toBe('headroom-dev-storage-TableCD117FA1-EXAMPLE');
    await create('headroom-dev-storage-TableCD117FA1-OLDER');
    await expect(tableName(world.client, stageNamed('dev'))).rejects.toThrow(
      "more than one table could be the stage's",
    );
  });

  test('locally it is the one of the running cloud, and its absence is a sentence', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-tenant-'));
    try {
      const line = 'add omega --zone Africa/Nairobi --stage local --allow 127.0.0.0/8 --simulated';
      const before = await run(words(line), folder);
      expect(before).toMatchObject({ code: 1, stderr: expect.stringContaining('no local cloud has run in') });
      writeFileSync(
        join(folder, 'running.json'),
        JSON.stringify({
          publicUrl: 'http://127.0.0.1:1',
          table: 'test',
          environment: {
            AWS_ENDPOINT_URL: world.endpoint,
            AWS_REGION: 'us-east-1',
            AWS_ACCESS_KEY_ID: 'test',
            AWS_SECRET_ACCESS_KEY: 'test',
          },
        }),
      );
      expect(await run(words(line), folder)).toMatchObject({ code: 0, stderr: '' });
      expect(await createTenantStore(world.table).readTenant('omega')).toMatchObject({
        zone: 'Africa/Nairobi',
        simulated: true,
        allowedNetworks: ['127.0.0.0/8'],
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function run(argv: string[], dataFolder: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/tenant.ts', ...argv],
      { cwd: ROOT, timeout: 15_000, env: { PATH: process.env.PATH, HEADROOM_DATA: dataFolder } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
  });
}
