/** What is remembered of an account between runs: how its SIMs are cut, and where the rounds stand. */
import type { Instant } from '../platform/clock.ts';

export interface Fleet {
  readonly tenant: string;
  /** Id of the source. */
  readonly account: string;
  /** Fixed when the account is first walked. */
  readonly shards: number;
  /** Shard with which the next round of details begins. */
  readonly nextShard: number;
  /** Last walk that saw every page; undefined = never. */
  readonly walkedAt?: Instant;
  /** Day (tenant's zone) of the last full inventory. */
  readonly inventoryDay?: string;
  /** SIMs that are looked at in every run: nearly used up, least left first. At most 500. */
  readonly watched: readonly string[];
  readonly revision: number;
}

export interface FleetStore {
  read(tenant: string, account: string): Promise<Fleet | undefined>;
  list(tenant: string): Promise<readonly Fleet[]>;
  /** Makes it on the first walk; whoever comes second gets what the first one made. */
  create(tenant: string, account: string, shards: number): Promise<Fleet>;
  /** Only the holder of the account's lease writes it. Throws STORE_CONFLICT when somebody else did meanwhile. */
  update(fleet: Fleet): Promise<Fleet>;
  remove(tenant: string, account: string): Promise<void>;
}
