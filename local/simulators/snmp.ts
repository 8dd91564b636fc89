/** SNMP routers and switches for people without one: agents on loopback, with counters that behave and faults on demand. */
import { type Responder, startResponder } from '../snmp/responder.ts';
import { type Engine, Usm } from '../snmp/usm.ts';
import type { Simulator } from './simulator.ts';
import { describeSnmpFaults, parseSnmpFault, strikeSnmp } from './snmp-faults.ts';
import {
  advanceSnmp,
  indexesOf,
  type LiveSnmp,
  liveSnmp,
  octetsOf,
  type SimulatedSnmp,
  strikesSnmpNow,
} from './snmp-router.ts';
import { tablesOf } from './snmp-tables.ts';

export interface SnmpSimulatorOptions {
  readonly routers: readonly SimulatedSnmp[];
  /** Epoch ms. */
  readonly now: () => number;
}

export interface SnmpSimulator extends Simulator {
  /** In the order of the options; what a source's settings need. */
  readonly routers: readonly SnmpPlace[];
}

export interface SnmpPlace {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  readonly login: SimulatedSnmp['login'];
}

/** Every router has a port of its own; `url` is the first one's. */
export async function startSnmpSimulator({ routers, now }: SnmpSimulatorOptions): Promise<SnmpSimulator> {
  const live = routers.map(liveSnmp);
  const servers = await Promise.all(live.map((one) => serve(one, now)));
  const places = servers.map(({ port }, i): SnmpPlace => {
    const { name, login } = (live[i] as LiveSnmp).router;
    return { name, port, url: `udp://127.0.0.1:${port}`, login };
  });
  return {
    name: 'snmp-routers',
    url: places[0]?.url ?? '',
    routers: places,
    faults: describeSnmpFaults,
    state: () => ({ routers: live.map((one, i) => stateOf(one, places[i]?.url, now())) }),
    inject(request) {
      const names = live.map(({ router }) => router.name);
      const fault = parseSnmpFault(request, names);
      const one = live[fault.router];
      if (!one) throw new RangeError('there is no router');
      if (!strikesSnmpNow(one, fault, now())) one.pending.push(fault);
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

function stateOf(one: LiveSnmp, url: string | undefined, now: number) {
  advanceSnmp(one, now);
  const indexes = indexesOf(one);
  return {
    name: one.router.name,
    url,
    uptimeSeconds: Math.floor((now - one.bootedAt) / 1000),
    manners: [...one.manners],
    lostEvery: one.lostEvery,
    interfaces: one.ports.map((live, i) => {
      const { received, sent } = octetsOf(live);
      const { port, isDown } = live;
      return { name: port.name, index: indexes[i], isDown, received: `${received}`, sent: `${sent}` };
    }),
    pendingFaults: one.pending.map(({ fault, times }) => ({ fault, times })),
    requests: one.requests,
  };
}

async function serve(one: LiveSnmp, now: () => number): Promise<Responder> {
  const { login, port = 0 } = one.router;
  const waiting = new Set<NodeJS.Timeout>();
  const responder = await startResponder({
    port,
    ...('community' in login ? login : { usm: new Usm(login, engineOf(one, now)) }),
    variables: () => {
      advanceSnmp(one, now());
      return tablesOf(one, now());
    },
    isSilent: () => isLost(one),
    deliver: (answer, send) => {
      const whole = strikeSnmp(one.pending, 'truncated') === undefined;
      const datagram = whole ? answer : answer.subarray(0, Math.floor(answer.length / 2));
      const slow = strikeSnmp(one.pending, 'slow');
      if (slow === undefined) return send(datagram);
      const timer = setTimeout(
        () => {
          waiting.delete(timer);
          send(datagram);
        },
        (slow.seconds ?? 0) * 1000,
      );
      waiting.add(timer);
    },
  });
  return {
    ...responder,
    close: () => {
      for (const timer of waiting) clearTimeout(timer);
      return responder.close();
    },
  };
}

/** RFC 3411: an enterprise's number, and text of its own choice. */
function engineOf(one: LiveSnmp, now: () => number): Engine {
  return {
    id: Buffer.concat([Buffer.from('8000000004', 'hex'), Buffer.from(one.router.name)]),
    boots: () => one.boots,
    timeSeconds: () => Math.max(0, Math.floor((now() - one.bootedAt) / 1000)),
  };
}

/** Counts the request: each so many-th is lost on the way, whichever it is. */
function isLost(one: LiveSnmp): boolean {
  one.requests++;
  if (one.lostEvery > 0 && one.requests % one.lostEvery === 0) return true;
  return strikeSnmp(one.pending, 'silent') !== undefined;
}
