/** A place for whole objects under keys, as the house needs of S3. */

export interface ObjectRange {
  readonly offset: number;
  readonly bytes: number;
}

export interface ObjectStore {
  /** Replaces what stood there. `type` is a media type. */
  put(key: string, body: Uint8Array, type: string): Promise<void>;
  has(key: string): Promise<boolean>;
  /** Undefined when there is no such object. A range lies within it. */
  get(key: string, range?: ObjectRange): Promise<Uint8Array | undefined>;
  /** What stands between `prefix` and the next slash, of all keys that have one there; in order, each once. */
  folders(prefix: string): Promise<string[]>;
}
