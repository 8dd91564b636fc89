/** The network interfaces of this machine as the Linux kernel counts them; reads /proc and /sys, nothing else. */
import { existsSync, readFileSync } from 'node:fs';

export interface KernelCounters {
  readonly octets: bigint;
  readonly packets: bigint;
  readonly errors: bigint;
  readonly drops: bigint;
}

export interface KernelInterface {
  readonly name: string;
  readonly index: number;
  /** Text that an administrator gave it; often empty. */
  readonly alias: string;
  /** IANAifType. */
  readonly type: number;
  readonly mtu: number;
  /** 0 where the kernel knows none. */
  readonly speedMbps: number;
  readonly macAddress: Buffer;
  readonly isEnabled: boolean;
  /** ifOperStatus, 1-7. */
  readonly operStatus: number;
  readonly received: KernelCounters;
  readonly sent: KernelCounters;
}

export interface Kernel {
  readonly uptimeMs: number;
  /** In order of index. */
  readonly interfaces: readonly KernelInterface[];
}

/** Names of /sys/class/net/<name>/operstate in the numbers of RFC 2863; a loopback has no state of its own. */
const OPER_STATUS: ReadonlyMap<string, number> = new Map([
  ['up', 1],
  ['down', 2],
  ['testing', 3],
  ['unknown', 4],
  ['dormant', 5],
  ['notpresent', 6],
  ['lowerlayerdown', 7],
]);
const IFF_UP = 1;
const IFF_RUNNING = 0x40;
const IFF_LOOPBACK = 8;
/** ARPHRD_* of linux/if_arp.h to IANAifType; anything else is `other`. */
const TYPE_OF_HARDWARE: ReadonlyMap<number, number> = new Map([
  [1, 6], // Ethernet
  [512, 23], // PPP
  [768, 131], // tunnels
  [769, 131],
  [772, 24], // loopback
  [776, 131],
  [778, 131],
]);
const BRIDGE = 209;
const OTHER = 1;

/** True on Linux with /proc mounted, containers included. */
export function isKernelAgentAvailable(root = ''): boolean {
  return process.platform === 'linux' && existsSync(`${root}/proc/net/dev`) && existsSync(`${root}/proc/uptime`);
}

/** As of now; `root` stands before /proc and /sys. What /sys does not tell (some containers hide it) is left at 0. */
export function readKernel(root = ''): Kernel {
  const seconds = Number(readFileSync(`${root}/proc/uptime`, 'utf8').split(' ')[0]);
  const lines = readFileSync(`${root}/proc/net/dev`, 'utf8').split('\n').slice(2);
  const interfaces = lines.flatMap((line, position) => interfaceOf(line, position + 1, root) ?? []);
  return { uptimeMs: Math.round(seconds * 1000), interfaces: interfaces.sort((a, b) => a.index - b.index) };
}

/** All counters stand in one line of one file, so they are of one instant. */
function interfaceOf(line: string, position: number, root: string): KernelInterface | undefined {
  const colon = line.lastIndexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const counts = line
    .slice(colon + 1)
    .trim()
    .split(/\s+/);
  if (name === '' || counts.length < 16 || !counts.every((count) => /^\d+$/.test(count))) return undefined;
  const directory = `${root}/sys/class/net/${name}`;
  const flags = numberIn(`${directory}/flags`) ?? 0;
  return {
    name,
    index: numberIn(`${directory}/ifindex`) ?? position,
    alias: textIn(`${directory}/ifalias`),
    type: existsSync(`${directory}/bridge`)
      ? BRIDGE
      : (TYPE_OF_HARDWARE.get(numberIn(`${directory}/type`) ?? 0) ?? OTHER),
    mtu: numberIn(`${directory}/mtu`) ?? 0,
    speedMbps: Math.max(numberIn(`${directory}/speed`) ?? 0, 0),
    macAddress: Buffer.from(textIn(`${directory}/address`).replaceAll(':', ''), 'hex'),
    isEnabled: (flags & IFF_UP) !== 0,
    operStatus: operStatusOf(textIn(`${directory}/operstate`), flags),
    received: countersOf(counts, 0),
    sent: countersOf(counts, 8),
  };
}

function countersOf(counts: readonly string[], from: number): KernelCounters {
  const [octets = '0', packets = '0', errors = '0', drops = '0'] = counts.slice(from, from + 4);
  return { octets: BigInt(octets), packets: BigInt(packets), errors: BigInt(errors), drops: BigInt(drops) };
}

/** Loopbacks and tunnels say "unknown" while they work: their flags know better. */
function operStatusOf(word: string, flags: number): number {
  const status = OPER_STATUS.get(word) ?? 4;
  return status === 4 && (flags & (IFF_RUNNING | IFF_LOOPBACK)) !== 0 && (flags & IFF_UP) !== 0 ? 1 : status;
}

/** Decimal or 0x…; undefined when the file is absent, or refuses to be read, as `speed` does on a link that is down. */
function numberIn(path: string): number | undefined {
  const text = textIn(path);
  return /^(-?\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : undefined;
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
