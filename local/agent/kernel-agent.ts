/** An SNMP v2c agent on 127.0.0.1 that serves this machine's own interface counters, read from the kernel per request. */
import { hostname, release } from 'node:os';
import type { FaultDescription, FaultRequest, Simulator } from '../simulators/simulator.ts';
import { variablesOf } from '../snmp/interface-mib.ts';
import { startResponder } from '../snmp/responder.ts';
import { type CounterFaults, NO_FAULTS, nearWrap, renumbered, restarted, withFaults } from './counter-faults.ts';
import { type Kernel, readKernel } from './kernel.ts';

export interface KernelAgentOptions {
  /** Chosen by the caller, random for every data folder; any other is answered with silence. */
  readonly community: string;
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** A clock that may be moved, epoch ms; uptime then passes with it. Without it the kernel's own uptime is served. */
  readonly now?: () => number;
  /** Reads counters and uptime; the kernel's unless a test brings its own. */
  readonly read?: () => Kernel;
}

/** The agent with the port that a source needs in its settings. */
export interface KernelAgent extends Simulator {
  readonly port: number;
}

const FAULTS: readonly FaultDescription[] = [
  { name: 'reboot', parameters: {} },
  {
    name: 'wrap',
    parameters: {
      bits: '64 (default) or 32: which counters stand just before their end',
      octets: 'how many octets are left until then, 1 to 1000000000, default 100000',
    },
  },
  { name: 'renumber', parameters: {} },
  {
    name: 'stop',
    parameters: {
      seconds: 'how long nothing is answered, 1 to 86400, default 60 unless times is given',
      times: 'how many requests are not answered, 1 to 100000',
    },
  },
];

/** Bound to loopback. Throws what the socket throws when the port is taken. */
export async function startKernelAgent(options: KernelAgentOptions): Promise<KernelAgent> {
  const read = uptimeFrom(options);
  const agent = new FaultyMachine(read, options.now ?? Date.now);
  const responder = await startResponder({
    port: options.port ?? 0,
    community: options.community,
    variables: () => agent.variables(),
    isSilent: () => agent.isSilent(),
  });
  return {
    name: 'snmp',
    url: `udp://127.0.0.1:${responder.port}`,
    port: responder.port,
    state: () => ({ port: responder.port, requests: responder.requests(), ...agent.state() }),
    faults: () => FAULTS,
    inject: (fault) => agent.inject(fault),
    close: () => responder.close(),
  };
}

/** With a movable clock, uptime is what it was at the start plus what has passed on that clock. */
function uptimeFrom({ now, read = readKernel }: KernelAgentOptions): () => Kernel {
  if (now === undefined) return read;
  const bootAt = now() - read().uptimeMs;
  return () => ({ ...read(), uptimeMs: Math.max(now() - bootAt, 0) });
}

/** The kernel's numbers with the faults that were asked for. */
class FaultyMachine {
  readonly #read: () => Kernel;
  readonly #now: () => number;
  #faults: CounterFaults = NO_FAULTS;
  #rebootUptimeMs = 0;
  #silentUntil = 0;
  #silentTimes = 0;

  constructor(read: () => Kernel, now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  #machine() {
    const { uptimeMs, interfaces } = this.#read();
    return {
      description: `Linux ${release()}: interface counters of this machine, served by Headroom`,
      name: hostname(),
      uptimeMs: uptimeMs - this.#rebootUptimeMs,
      interfaces: withFaults(this.#faults, interfaces),
    };
  }

  variables() {
    return variablesOf(this.#machine());
  }

  /** Counts the request where the fault is counted in requests. */
  isSilent(): boolean {
    if (this.#silentTimes > 0) {
      this.#silentTimes -= 1;
      return true;
    }
    return this.#now() < this.#silentUntil;
  }

  state() {
    const { uptimeMs, interfaces } = this.#machine();
    return {
      uptimeSeconds: Math.floor(uptimeMs / 1000),
      silentSeconds: Math.max(0, Math.ceil((this.#silentUntil - this.#now()) / 1000)),
      silentRequests: this.#silentTimes,
      interfaces: interfaces.map(({ name, index, operStatus, speedMbps, received, sent }) => ({
        name,
        index,
        operStatus,
        speedMbps,
        inOctets: String(received.octets % 2n ** 64n),
        outOctets: String(sent.octets % 2n ** 64n),
      })),
    };
  }

  inject(request: FaultRequest): void {
    const { uptimeMs, interfaces } = this.#read();
    switch (request.fault) {
      case 'reboot':
        allowOnly(request, []);
        this.#faults = restarted(this.#faults, interfaces);
        this.#rebootUptimeMs = uptimeMs;
        return;
      case 'wrap': {
        allowOnly(request, ['bits', 'octets']);
        const bits = request.bits ?? 64;
        if (bits !== 32 && bits !== 64) throw new RangeError('bits must be 32 or 64');
        const left = wholeNumber(request, 'octets', 1_000_000_000) ?? 100_000;
        this.#faults = nearWrap(this.#faults, interfaces, bits, BigInt(left));
        return;
      }
      case 'renumber':
        allowOnly(request, []);
        this.#faults = renumbered(this.#faults);
        return;
      case 'stop': {
        allowOnly(request, ['seconds', 'times']);
        const times = wholeNumber(request, 'times', 100_000);
        const seconds = wholeNumber(request, 'seconds', 86_400) ?? (times === undefined ? 60 : 0);
        this.#silentTimes = times ?? 0;
        this.#silentUntil = this.#now() + seconds * 1000;
        return;
      }
      default:
        throw new RangeError(`the agent knows ${FAULTS.map(({ name }) => name).join(', ')}, not "${request.fault}"`);
    }
  }
}

function allowOnly(request: FaultRequest, known: readonly string[]): void {
  const unknown = Object.keys(request).filter((name) => name !== 'fault' && !known.includes(name));
  if (unknown.length === 0) return;
  const takes = known.length === 0 ? 'no parameters' : known.join(' and ');
  throw new RangeError(`${request.fault} takes ${takes}, not ${unknown.join(', ')}`);
}

function wholeNumber(request: FaultRequest, name: string, maximum: number): number | undefined {
  const value = request[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maximum) return value;
  throw new RangeError(`${name} must be a whole number from 1 to ${maximum}`);
}
