/** Bugs are not errors: an assertion that fails crashes the invocation, which is retried, dead-lettered and alarmed. */

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Makes the compiler prove that every member of a union was handled. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unreachable case ${String(value)}`);
}
