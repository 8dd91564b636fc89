/** Holds a resource against the list of what the local cloud executes, so that nothing is skipped in silence. Pure. */
import { isList, isValues, type Json, type Values } from './intrinsics.ts';

/**
 * Per type the names of its properties. `Code` accepts all below it; `Code.S3Key` only that member
 * (lists between are passed through), and then every other member of `Code` is unknown.
 */
export type AcceptedProperties = Readonly<Record<string, readonly string[]>>;

/** Sentences naming the unknown type or each unknown property; empty when all is accepted. */
export function checkProperties(type: string, properties: Values, accepted: AcceptedProperties): string[] {
  const names = Object.hasOwn(accepted, type) ? accepted[type] : undefined;
  if (names === undefined) return [`the local cloud does not know the resource type ${type}`];
  return unknownPaths(properties, names, '').map(
    (path) => `the local cloud does not know the property ${path} of ${type}`,
  );
}

function unknownPaths(value: Json, names: readonly string[], prefix: string): string[] {
  if (isList(value)) return [...new Set(value.flatMap((item) => unknownPaths(item, names, prefix)))];
  if (!isValues(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = prefix + key;
    if (names.includes(path)) return [];
    const below = names.some((name) => name.startsWith(`${path}.`));
    return below ? unknownPaths(inner, names, `${path}.`) : [path];
  });
}
