/** Runs many small calls a few at a time, keeping their order. Pure. */

/** Results in the order of `items`; the first failure is thrown after the calls under way have ended. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) results.set(at, await run(items[at] as T, at));
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  return items.map((_, at) => results.get(at) as R);
}
