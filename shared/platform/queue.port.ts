/** What a stage needs of the queue behind it: hand a message on, now or in a while. */

/** The longest a queue may hold a message back; longer waits belong to a clock. */
export const MAX_DELAY_SECONDS = 900;

export interface QueueEntry<M> {
  readonly message: M;
  /** Whole seconds, 0 to 900; 0 when absent. */
  readonly delaySeconds?: number;
}

/** Resolves only when the queue has accepted; throws STORE_UNAVAILABLE when it did not. A message may arrive twice. */
export interface Queue<M> {
  send(message: M, options?: { delaySeconds?: number }): Promise<void>;
  /** All or an error; after an error some may have been accepted, so consumers must bear duplicates. */
  sendMany(entries: readonly QueueEntry<M>[]): Promise<void>;
}
