/** `npm run tenant -- add|member|receiver`: tenants, their people, and who of them is told. */
import { stageNamed } from '../lib/stages.ts';
import { openStageTable } from './stage-table.dynamodb.ts';
import { readTenantRequest } from './tenant-request.ts';
import { writeTenant } from './tenant-write.dynamodb.ts';

async function main(): Promise<void> {
  const request = readTenantRequest(process.argv.slice(2));
  if ('problems' in request) throw new Error(request.problems.join('\n'));
  const { table, close } = await openStageTable(stageNamed(request.stage));
  try {
    process.stdout.write(`${await writeTenant(table, request, Date.now())}\n`);
  } finally {
    close();
  }
}

main().catch((error: unknown) => {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const because = cause instanceof Error ? ` (${cause.message})` : '';
  process.stderr.write(`${message}${because}\n`);
  process.exitCode = 1;
});
