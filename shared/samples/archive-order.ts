/** The order in which the table lists entities, and so the archive too. Pure. */
import { keyPart } from '../platform/key.ts';

/** By octets of their keys, as DynamoDB compares. */
export function compareEntities(a: string, b: string): number {
  return Buffer.compare(Buffer.from(keyPart(a)), Buffer.from(keyPart(b)));
}
