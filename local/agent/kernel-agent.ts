/** An SNMP v2c agent on 127.0.0.1 that serves this machine's own interface counters, read from the kernel per request. */
import { hostname, release } from 'node:os';
import { type Kernel, readKernel } from '../../agent/kernel.ts';
import { unreachable } from '../../shared/platform/assert.ts';
import { describedFaults, faultGiven, wholeGiven, wrapGiven } from '../simulators/fault-fields.ts';
import type { FaultRequest, Simulator } from '../simulators/simulator.ts';
import { variablesOf } from '../snmp/interface-mib.ts';
import { startResponder } from '../snmp/responder.ts';
import { type CounterFaults, NO_FAULTS, nearWrap, renumbered, restarted, withFaults } from './counter-faults.ts';

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

const FAULTS = {
  reboot: {},
  wrap: {
    bits: '64 (default) or 32: which counters stand just before their end',
    octets: 'how many octets are left until then, 1 to 1000000000, default 100000',
  },
  renumber: {},
  stop: {
    seconds: 'how long nothing is answered, 1 to 86400, default 60 unless times is given',
    times: 'how many requests are not answered, 1 to 100000',
  },
} as const satisfies Record<string, Record<string, string>>;

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
    faults: () => describedFaults(FAULTS),
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
    const { fault, own } = faultGiven(request, FAULTS, []);
    const { uptimeMs, interfaces } = this.#read();
    switch (fault) {
      case 'reboot':
        this.#faults = restarted(this.#faults, interfaces);
        this.#rebootUptimeMs = uptimeMs;
        return;
      case 'wrap': {
        const { bits, left } = wrapGiven(own);
        this.#faults = nearWrap(this.#faults, interfaces, bits, left);
        return;
      }
      case 'renumber':
        this.#faults = renumbered(this.#faults);
        return;
      case 'stop': {
        const { times, seconds = times === undefined ? 60 : 0 } = own;
        this.#silentTimes = times === undefined ? 0 : wholeGiven('times', times, 1, 100_000);
        const least = own.seconds === undefined ? 0 : 1;
        this.#silentUntil = this.#now() + wholeGiven('seconds', seconds, least, 86_400) * 1000;
        return;
      }
      default:
        unreachable(fault);
    }
  }
}
