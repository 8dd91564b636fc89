/** Where sources are kept, and the directory through which the dispatcher finds all tenants' targets. */
import type { Source, SourceType } from './source.ts';

/** What the dispatcher needs to know of a source, and no more: its row of the directory. */
export interface Target {
  readonly type: SourceType;
  readonly tenant: string;
  readonly source: string;
  readonly kind: string;
  readonly periodSeconds: number;
  readonly enabled: boolean;
  /** Enabled, but no call is made until its credentials change. */
  readonly paused: boolean;
}

export interface TargetDirectory {
  /** All targets of a type, or those of a tenant, or one. */
  listTargets(type: SourceType, tenant?: string, source?: string): Promise<Target[]>;
}

/** Every write keeps the directory in step; nothing is written for a removed tenant (NOT_FOUND). */
export interface SourceStore extends TargetDirectory {
  read(tenant: string, id: string): Promise<Source | undefined>;
  /** In order of id. */
  list(tenant: string): Promise<Source[]>;
  /** `source.version` is the version it was read with, 0 for a new one. Throws STORE_CONFLICT when that has passed. */
  put(source: Source): Promise<Source>;
  /** True when there was one. */
  remove(tenant: string, id: string): Promise<boolean>;
  /** Pauses exactly the version given: false when it was changed meanwhile, for then its credentials may be new. */
  pause(source: Source, reason: string): Promise<boolean>;
  /** Lifts a pause; undefined when there is no such source. */
  unpause(tenant: string, id: string): Promise<Source | undefined>;
  /** Makes the directory row say what the source says now; heals what a crash between the two writes left. */
  restoreTarget(type: SourceType, tenant: string, id: string): Promise<void>;
}
