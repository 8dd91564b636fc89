/** Links in the states that the page must be honest about: over its alarm, and with a VLAN that nobody knows. */
import type { Link, LinkStatus } from '../../dashboard/contract.ts';

const MEGABIT = 1_000_000;
const VLANS = [10, 20, 30, 40, 50];

export interface Links {
  readonly links: readonly Link[];
  status(id: string): LinkStatus;
}

function link(id: string, now: number, over: Partial<Link>): Link {
  return {
    ...{ id, name: id, enabled: true, simulated: false, periodSeconds: 300, version: 1, committedBitsPerSecond: null },
    uplink: null,
    members: VLANS.map((vlan) => ({ interface: `core~vlan${vlan}`, capacityBitsPerSecond: 200 * MEGABIT })),
    ...{
      capacityBitsPerSecond: 1000 * MEGABIT,
      thresholdBitsPerSecond: 950 * MEGABIT,
      clearBitsPerSecond: 900 * MEGABIT,
    },
    ...{ inBitsPerSecond: 980 * MEGABIT, outBitsPerSecond: 245 * MEGABIT, maxBitsPerSecond: 980 * MEGABIT },
    ...{ utilisationPercent: 98, membersKnown: 5, membersDown: 0 },
    ...{ readAt: new Date(now - 60_000).toISOString(), dataAgeSeconds: 60, stale: false },
    ...over,
  };
}

export const noLinks: Links = { links: [], status: (id) => statusOf(id, []) };

export function troubledLinks(now: number): Links {
  const unknown = { inBitsPerSecond: null, maxBitsPerSecond: null, utilisationPercent: null };
  const links = [
    link('nttn-1', now, { name: 'NTTN one' }),
    link('nttn-2', now, { name: 'NTTN two', ...unknown, membersKnown: 4, membersDown: 1 }),
  ];
  return { links, status: (id) => statusOf(id, id === 'nttn-2' ? [30] : []) };
}

function statusOf(id: string, unknown: readonly number[]): LinkStatus {
  const total = unknown.length > 0 ? null : 980 * MEGABIT;
  return {
    ...{ id, name: id, status: total === null ? 'unknown' : 'critical', slot: new Date(0).toISOString() },
    ...{ inBitsPerSecond: total, outBitsPerSecond: 245 * MEGABIT, maxBitsPerSecond: total, utilisationPercent: null },
    ...{ capacityBitsPerSecond: 1000 * MEGABIT, thresholdBitsPerSecond: 950 * MEGABIT },
    members: VLANS.map((vlan) => {
      const isUnknown = unknown.includes(vlan);
      return {
        interface: `core~vlan${vlan}`,
        capacityBitsPerSecond: 200 * MEGABIT,
        ...{
          inBitsPerSecond: isUnknown ? null : 196 * MEGABIT,
          outBitsPerSecond: 49 * MEGABIT,
          utilisationPercent: null,
        },
        operStatus: isUnknown ? 'down' : 'up',
        ...(isUnknown ? { reason: 'the router did not give the counter' } : {}),
      };
    }),
  };
}
