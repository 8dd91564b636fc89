/** What is asked of a RouterOS, whichever of its two interfaces carries it: the menus, fields and words are the same. Pure. */
import type { Answered } from './rest-caller.http.ts';

type Values = Readonly<Record<string, string>>;

/** Rows of a menu such as `/queue/simple`, or the one with this id. */
export interface PrintRequest {
  readonly verb: 'print';
  readonly menu: string;
  readonly id?: string;
  /** All of them unless told. */
  readonly fields?: readonly string[];
  /** Rows that have all of these values. */
  readonly where?: Values;
}

export type ChangeRequest =
  | { readonly verb: 'add'; readonly menu: string; readonly values: Values }
  | { readonly verb: 'set'; readonly menu: string; readonly id: string; readonly values: Values }
  /** Ends at the first that is gone. */
  | { readonly verb: 'remove'; readonly menu: string; readonly ids: readonly string[] };

/** A command that changes nothing and answers rows, such as `/ping`. */
export interface RunRequest {
  readonly verb: 'run';
  readonly command: string;
  readonly values: Values;
}

export type RouterosRequest = PrintRequest | ChangeRequest | RunRequest;

export interface RouterosCall<R extends RouterosRequest = RouterosRequest> {
  /** For the log of the run; it may not hold anything secret. */
  readonly name: string;
  readonly request: R;
  readonly timeoutMs?: number;
  /** Throws for a good answer that is not what was asked for, so that the call counts as failed. */
  readonly accept?: (value: unknown) => void;
}

/** A conversation with one router, one call after the other. */
export interface RouterosCaller {
  /**
   * `value` is not looked at yet: a list of rows, or an object where one was asked for. Throws SOURCE_*, never with a
   * password in it; `context.said` holds the words of a router that refused.
   */
  call(call: RouterosCall): Promise<Answered>;
  /** Text that may be kept: without credentials, cut. */
  clean(text: string, limit: number): string;
  close(): void;
}

/** In `context.failure` of SOURCE_REJECTED where it was the login that was refused, and by no status. */
export const LOGIN_FAILED = 'login';

export function isChange({ verb }: RouterosRequest): boolean {
  return verb === 'add' || verb === 'set' || verb === 'remove';
}
