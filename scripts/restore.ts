/** `npm run restore -- --stage S --from TABLE [--tenant T] [--apply]`: brings a restored backup back into the stage's table. */
import { parseArgs } from 'node:util';
import { stageNamed } from '../lib/stages.ts';
import { restoreItems } from './restore.dynamodb.ts';
import { openStageTable } from './stage-table.dynamodb.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string' },
      from: { type: 'string' },
      tenant: { type: 'string' },
      apply: { type: 'boolean', default: false },
    },
  });
  const { stage, from, tenant, apply } = values;
  if (!stage || !from) throw new Error('npm run restore -- --stage STAGE --from TABLE [--tenant NAME] [--apply]');
  const { name, client, close } = await openStageTable(stageNamed(stage));
  try {
    const order = { from, to: name, apply, nowMs: Date.now(), ...(tenant ? { tenant } : {}) };
    const { read, written, expired, same } = await restoreItems(client, order);
    const did = apply ? `${written} written` : `${written} would be written (add --apply)`;
    process.stdout.write(`${from} -> ${name}: ${read} items read, ${did}, ${same} the same, ${expired} expired\n`);
  } finally {
    close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
