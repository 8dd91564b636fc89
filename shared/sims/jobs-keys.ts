/** Keys of jobs in the one table, on the shelf of logs. Pure. */
import { joinKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

export function jobsPk(tenant: string): string {
  return tenantKey(tenant, 'L', 'sim-jobs');
}

/** Ids begin with their instant, so that the partition is in order of time. */
export function jobKey(tenant: string, job: string): Key {
  return { pk: jobsPk(tenant), sk: joinKey(job) };
}

/** Parts and progress of one job. */
export function jobPk(tenant: string, job: string): string {
  return tenantKey(tenant, 'L', 'sim-job', job);
}

export function partKey(tenant: string, job: string, part: number): Key {
  return { pk: jobPk(tenant, job), sk: joinKey('part', partText(part)) };
}

export const PROGRESS_PREFIX = 'progress#';

export function progressKey(tenant: string, job: string, part: number): Key {
  return { pk: jobPk(tenant, job), sk: joinKey('progress', partText(part)) };
}

/** Which job a request belongs to already. */
export function claimKey(tenant: string, hash: string): Key {
  return { pk: tenantKey(tenant, 'L', 'sim-claim'), sk: joinKey(hash) };
}

function partText(part: number): string {
  return String(part).padStart(4, '0');
}
