/** Where the tenant's own words about SIMs are kept. */
import type { SimNote } from './note.ts';

export interface SimNoteStore {
  /** Of one storage target (a shard), as the collector asks. */
  listOfTarget(tenant: string, target: string): Promise<readonly SimNote[]>;
  read(tenant: string, target: string, iccid: string): Promise<SimNote | undefined>;
  /** Replaces the note of each SIM; one without tags, group and threshold is deleted. */
  put(tenant: string, target: string, notes: readonly SimNote[]): Promise<void>;
}
