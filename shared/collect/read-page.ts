/** Asks the collector for one page; credentials that were refused are read anew and, if they changed, tried once more. */
import { isAppError } from '../platform/errors.ts';
import type { CollectJob, Page } from './collector.port.ts';
import { isManual, type RunContext } from './run-context.ts';
import type { SecretFields } from './secrets.port.ts';

/** Throws what the collector throws, and STORE_UNAVAILABLE when the secret could not be read. */
export async function readPage(context: RunContext): Promise<Page> {
  const { deps, source } = context;
  const tokens = deps.tokens(source.tenant, source.id);
  const [secret, entities] = await Promise.all([
    deps.secrets.readSecret(source.tenant, source.id),
    deps.entities.listOfTarget(source.tenant, source.kind, source.id),
  ]);
  const job = (fields: SecretFields | undefined): CollectJob => ({
    source,
    secret: fields,
    slot: context.run.slot,
    ...(context.message.checkpoint === undefined ? {} : { checkpoint: context.message.checkpoint }),
    manual: isManual(context.message),
    zone: context.zone,
    deadline: context.readUntil,
    allowedNetworks: context.allowedNetworks,
    tokens,
    known: { entities, newest: context.head?.entities ?? [] },
  });
  try {
    return await deps.collector.read(job(secret));
  } catch (error) {
    if (!isAppError(error, 'SOURCE_REJECTED')) throw error;
    const fresh = await deps.secrets.readSecret(source.tenant, source.id, { refresh: true });
    if (sameFields(secret, fresh)) throw error;
    await tokens.forget();
    return await deps.collector.read(job(fresh));
  }
}

function sameFields(a: SecretFields = {}, b: SecretFields = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
