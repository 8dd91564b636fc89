/** Sentences about links. Pure. */
import type { Link, LinkStatus } from './contract.ts';
import { bitsPerSecond, count, percent } from './format.ts';

/** `96 % of 1 Gb/s; alarm at 950 Mb/s`, or why there is no load. */
export function linkWords(link: Link): string {
  const alarm = `alarm at ${bitsPerSecond(link.thresholdBitsPerSecond)}`;
  if (link.utilisationPercent !== null) {
    return `Busier direction: ${percent(link.utilisationPercent)} of ${bitsPerSecond(link.capacityBitsPerSecond)}; ${alarm}`;
  }
  if (link.readAt === null)
    return `Load unknown: it follows some minutes after two readings of its interfaces; ${alarm}`;
  const missing = link.members.length - (link.membersKnown ?? 0);
  return `Load unknown: ${count(missing, 'interface')} of ${link.members.length} without a reading; ${alarm}`;
}

/** `core-router/vlan10: 156 Mb/s of 200 Mb/s`, or why its load is not known. */
export function memberWords(member: LinkStatus['members'][number]): string {
  const { inBitsPerSecond: received, outBitsPerSecond: sent, operStatus, reason } = member;
  const name = member.interface.replaceAll('~', '/');
  const down = operStatus === null || operStatus === 'up' ? '' : ` (${operStatus})`;
  if (received === null || sent === null) return `${name}${down}: load unknown, ${reason ?? 'it was not read'}`;
  const larger = bitsPerSecond(Math.max(received, sent));
  return `${name}${down}: ${larger} of ${bitsPerSecond(member.capacityBitsPerSecond)}`;
}
