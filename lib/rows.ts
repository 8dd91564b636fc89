/** Finds a function's row in the manifest. */
import { FUNCTIONS, type FunctionRow } from '../functions/manifest.ts';

export function rowNamed(name: string): FunctionRow {
  const row = FUNCTIONS.find((r) => r.name === name);
  if (!row) throw new Error(`functions/manifest.ts has no row "${name}"`);
  return row;
}
