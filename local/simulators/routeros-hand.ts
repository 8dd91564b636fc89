/** What somebody else does to the queues of a simulated RouterOS, and how it answers those who may not write. Pure. */
import { refused } from './routeros-answers.ts';
import type { ParsedFault } from './routeros-faults.ts';
import type { LiveLimits } from './routeros-limits.ts';
import type { MenuRow } from './routeros-menu.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';

/** Throws RangeError for a queue that is not there. */
export function changeQueue(limits: LiveLimits, { fault, queue, maxLimit = '' }: ParsedFault): void {
  const { queues } = limits.rows;
  const wanted = queues.find((row) => row.name === (queue ?? queues[0]?.name));
  if (!wanted) throw new RangeError(`queue must be one of ${queues.map(({ name }) => name).join(', ')}`);
  const change = (row: MenuRow): MenuRow[] => {
    if (row !== wanted) return [row];
    if (fault === 'queue-gone') return [];
    return [{ ...row, ...(fault === 'dynamic' ? { dynamic: 'true' } : { 'max-limit': maxLimit }) }];
  };
  limits.rows.queues = queues.flatMap(change);
}

export function changesLimits({ method, path }: Pick<SimulatedRequest, 'method' | 'path'>): boolean {
  return ['PUT', 'PATCH', 'DELETE'].includes(method) || (method === 'POST' && path.endsWith('/remove'));
}

/** As RouterOS says it to a user whose group lacks the policy. */
export function writesRefused(): SimulatedResponse {
  return refused(500, 'Internal Server Error', 'not enough permissions (9)');
}
