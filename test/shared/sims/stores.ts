/** What the tests of the SIM room's stores share: a table that dies, and tenants that meet nobody else's. */
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import type { FakeTable } from '../fake-table.ts';

export const ICCID = '8988000000000000001';
export const ICCID_2 = '8988000000000000002';
export const DAY_MS = 86_400_000;

export class Killed extends Error {}

/** The table as a process sees it that dies before its k-th write (counted from 0): nothing it does then has an effect. */
export function dyingView(table: FakeTable, k: number): { view: Table; writes: () => number } {
  let writes = 0;
  let dead = false;
  const view = table.view((step) => {
    if (step.write && writes++ === k) dead = true;
    if (dead) throw new Killed();
  });
  return { view, writes: () => writes };
}

let tenants = 0;

/** A tenant of its own for each test, so that all of a file may share one database. */
export function newTenant(): string {
  return `tenant-${++tenants}`;
}
