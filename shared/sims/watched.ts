/** Who is looked at in every run: SIMs that are nearly used up, those with the least left first. Knows ports only. */
import type { Instant } from '../platform/clock.ts';
import type { HeadEntity } from '../samples/sample.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import type { Fleet } from './fleet.port.ts';
import { SIM_KIND } from './metrics.ts';
import { accountOf, iccidOf } from './shards.ts';

/** Their ICCIDs stand in one item, and looking at them takes a minute or two of the account's calls. */
export const MOST_WATCHED = 500;
/** Below this part of its quota a SIM is watched: a little above the default rule's 20 %, so that its crossing is seen soon. */
const WATCHED_PERCENT = 25n;
/** Everybody is looked at within hours. */
const STILL_THERE_MS = 3 * 86_400_000;
/** Reading every head to put them in order is worth it up to here. */
const MOST_HEADS = 400;

/** Those that the list calls low, and those whose own reading says so; a SIM without anything left comes last. */
export async function watchedOf(
  { samples }: { readonly samples: Pick<SampleStore, 'readHeads'> },
  fleet: Pick<Fleet, 'tenant' | 'account' | 'shards'>,
  listedLow: readonly string[],
  now: Instant,
): Promise<string[]> {
  const shares = new Map<string, bigint | undefined>();
  if (fleet.shards <= MOST_HEADS) {
    for (const { entities } of await samples.readHeads(fleet.tenant, SIM_KIND)) {
      for (const one of entities) {
        const share = shareOf(one);
        if (accountOf(one.entity) !== fleet.account || share === undefined || share >= WATCHED_PERCENT) continue;
        // Who is no longer looked at was removed or switched off, and his head outlives him by a year.
        if (now - one.receivedAt > STILL_THERE_MS) continue;
        shares.set(iccidOf(one.entity), share);
      }
    }
  }
  for (const iccid of listedLow) if (!shares.has(iccid)) shares.set(iccid, undefined);
  const order = (iccid: string): number => {
    const share = shares.get(iccid);
    if (share === undefined) return 100;
    return share <= 0n ? 1000 : Number(share);
  };
  return [...shares.keys()].sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1)).slice(0, MOST_WATCHED);
}

/** Of its quota, in whole percent rounded down; undefined = unknown. */
function shareOf({ values, earlier }: HeadEntity): bigint | undefined {
  const left = values.dataRemaining ?? earlier?.dataRemaining?.value;
  const total = values.dataTotal ?? earlier?.dataTotal?.value;
  return left === undefined || total === undefined || total <= 0n ? undefined : (left * 100n) / total;
}
