/** `npm run -s token -- --tenant demo --role admin`: prints an access token of this machine's user pool. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ROLES, type Role } from '../shared/entities/tenant.ts';
import { createTenantStore } from '../shared/entities/tenants.dynamodb.ts';
import { isAppError } from '../shared/platform/errors.ts';
import { TENANT_PATTERN } from '../shared/platform/key.ts';
import { openTable } from '../shared/platform/table.dynamodb.ts';
import { readRunning } from './running.ts';
import { createIdentity, localSubject } from './services/identity.ts';
import { jsonFile } from './services/json-file.ts';

async function main(): Promise<string> {
  const { values } = parseArgs({
    options: { tenant: { type: 'string', default: 'demo' }, role: { type: 'string', default: 'viewer' } },
  });
  const { tenant, role } = values;
  if (!ROLES.includes(role as Role)) throw new Error(`--role must be one of ${ROLES.join(', ')}, not "${role}"`);
  const running = readRunning(existsSync, (path) => readFileSync(path, 'utf8'));
  const client = new DynamoDBClient({
    endpoint: running.environment.AWS_ENDPOINT_URL ?? '',
    region: running.environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: running.environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: running.environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  if (!TENANT_PATTERN.test(tenant)) throw new Error(`"${tenant}" cannot be the name of a tenant`);
  const tenants = createTenantStore(openTable(running.table, client));
  if (!(await tenants.readTenant(tenant)))
    throw new Error(`there is no tenant "${tenant}": add it with npm run tenant`);
  const subject = localSubject(tenant, role);
  await tenants.putMember({ subject, tenant, role: role as Role, disabled: false });
  client.destroy();
  const file = jsonFile<{ pem?: string }>(join(running.dataFolder, 'identity.json'), {});
  return createIdentity(file, running.userPool, running.environment.AWS_REGION ?? '', Date.now).token(subject);
}

function sentenceOf(error: unknown): string {
  if (isAppError(error, 'STORE_UNAVAILABLE')) return 'the local cloud does not answer: start it with npm start';
  return error instanceof Error ? error.message : String(error);
}

main().then(
  (token) => process.stdout.write(`${token}\n`),
  (error: unknown) => {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exit(1);
  },
);
