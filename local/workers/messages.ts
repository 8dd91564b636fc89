/** What passes between the pool and its worker threads. */

export interface ThreadStart {
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly exportName: string;
  readonly virtualClock: boolean;
  readonly clockOffsetMs: number;
}

export interface ToThread {
  readonly id: string;
  /** The event as JSON. */
  readonly payload: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly remainingMs: number;
  readonly clockOffsetMs: number;
}

export interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'init-failed'; readonly error: ThrownError }
  | { readonly type: 'result'; readonly id: string; readonly result: string }
  | { readonly type: 'error'; readonly id: string; readonly error: ThrownError };
