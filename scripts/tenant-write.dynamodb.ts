/** Writes a tenant, a member or a receiver, and says what was done; what exists already is never changed by accident. */
import { createTenantStore } from '../shared/entities/tenants.dynamodb.ts';
import { createReceiverStore } from '../shared/notify/receivers.dynamodb.ts';
import type { Instant } from '../shared/platform/clock.ts';
import { isAppError } from '../shared/platform/errors.ts';
import type { Table } from '../shared/platform/table.dynamodb.ts';
import type { TenantRequest } from './tenant-request.ts';

type Of<Name extends TenantRequest['do']> = Extract<TenantRequest, { do: Name }>;

/** Throws with the sentence to read when nothing was written. */
export async function writeTenant(table: Table, request: TenantRequest, now: Instant): Promise<string> {
  switch (request.do) {
    case 'add':
      return addTenant(table, request, now);
    case 'member':
      return putMember(table, request);
    case 'receiver':
      return putReceiver(table, request);
  }
}

async function addTenant(table: Table, request: Of<'add'>, now: Instant): Promise<string> {
  const { tenant, name, zone, simulated, allowedNetworks } = request;
  const tenants = createTenantStore(table);
  const wanted = { tenant, name, zone, simulated, allowedNetworks, createdAt: now };
  try {
    await tenants.addTenant(wanted);
  } catch (error) {
    if (!isAppError(error, 'STORE_CONFLICT')) throw error;
    const there = await tenants.readTenant(tenant);
    if (there?.removedAt !== undefined)
      throw new Error(`a tenant "${tenant}" was removed: its name is not given again`);
    // The same words again heal an addition that broke off half way.
    if (!there || !sameWords(there, wanted))
      throw new Error(`there is a tenant "${tenant}" already, with other settings`);
    await tenants.putTenant(there);
    return `the tenant ${tenant} was there already; its place in the directory is made sure of`;
  }
  return `the tenant ${tenant} (${name}, ${zone}) is there; next: npm run tenant -- member ${tenant} --subject SUB --role admin --stage ${request.stage}`;
}

function sameWords(a: { name: string; zone: string; allowedNetworks: readonly string[] }, b: typeof a): boolean {
  return a.name === b.name && a.zone === b.zone && a.allowedNetworks.join() === b.allowedNetworks.join();
}

async function putMember(table: Table, request: Of<'member'>): Promise<string> {
  const { tenant, subject, role, disabled } = request;
  const tenants = createTenantStore(table);
  await requireTenant(table, tenant);
  const before = await tenants.readMember(subject);
  if (before && before.tenant !== tenant) {
    throw new Error(`${subject} is a member of "${before.tenant}": a person belongs to one tenant`);
  }
  await tenants.putMember({ subject, tenant, role, disabled });
  return `${subject} is ${disabled ? `shut out of ${tenant}` : `${role} of ${tenant}`}; it counts within 30 seconds`;
}

async function putReceiver(table: Table, request: Of<'receiver'>): Promise<string> {
  const { tenant, receiver } = request;
  await requireTenant(table, tenant);
  await createReceiverStore(table).put(tenant, receiver);
  if (!receiver.enabled) return `${receiver.id} of ${tenant} is told nothing any more`;
  return `${receiver.id} of ${tenant} is told by ${receiver.channels.join(', then ')} from ${receiver.minSeverity} on`;
}

async function requireTenant(table: Table, tenant: string): Promise<void> {
  const there = await createTenantStore(table).readTenant(tenant);
  if (!there || there.removedAt !== undefined) {
    throw new Error(`there is no tenant "${tenant}": npm run tenant -- add ${tenant} --zone ZONE --stage STAGE`);
  }
}
