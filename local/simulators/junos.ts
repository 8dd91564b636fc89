/** A Juniper router for people without one: NETCONF over SSH, and REST, on loopback, with counters that behave and faults on demand. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { describeFaults, parseFault } from './junos-faults.ts';
import { keptConfigurations, restoreConfigurations } from './junos-kept.ts';
import { authenticate } from './junos-login.ts';
import { serveJunosRest } from './junos-rest.ts';
import { advanceJunos, type LiveJunos, liveJunos, octetsOf, type SimulatedJunos, strikesNow } from './junos-router.ts';
import { type SessionOptions, serveNetconf } from './junos-session.ts';
import { treeXml } from './junos-tree.ts';
import type { RouterPlace } from './router-server.ts';
import type { Simulator } from './simulator.ts';

export interface JunosSimulatorOptions {
  readonly routers: readonly SimulatedJunos[];
  /** Epoch ms. */
  readonly now: () => number;
  /** Self-signed certificates for REST, made at the start; plain HTTP unless told. */
  readonly tls?: boolean;
  /** Where what was changed of their configuration is kept over a restart. */
  readonly persist?: { load(): unknown; save(state: unknown): void };
}

export interface JunosSimulator extends Simulator {
  /** In the order of the options; what a source's settings need. */
  readonly routers: readonly JunosPlace[];
}

export interface JunosPlace {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** As OpenSSH shows it; another one after each start. */
  readonly hostKeySha256: string;
  /** Where its REST API answers. */
  readonly rest: RouterPlace;
}

/** Every router has a port of its own; `url` is the first one's. */
export async function startJunosSimulator(options: JunosSimulatorOptions): Promise<JunosSimulator> {
  const { routers, now, tls = false, persist } = options;
  const live = routers.map(liveJunos);
  restoreConfigurations(live, persist?.load());
  const save = () => persist?.save(keptConfigurations(live));
  const servers = await Promise.all(live.map((one) => serve(one, { now, save, tls })));
  return {
    name: 'junos',
    url: servers[0]?.place.url ?? '',
    routers: servers.map(({ place }) => place),
    faults: describeFaults,
    state: () => ({ routers: live.map((one, i) => stateOf(one, servers[i]?.place, now())) }),
    inject(request) {
      const names = live.map(({ router }) => router.name);
      const fault = parseFault(request, names);
      const one = live[fault.router];
      if (!one) throw new RangeError('there is no router');
      if (!strikesNow(one, fault, now())) one.pending.push(fault);
      save();
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

function stateOf(one: LiveJunos, place: JunosPlace | undefined, now: number) {
  advanceJunos(one, now);
  const text = ({ received, sent }: ReturnType<typeof octetsOf>) => ({ received: `${received}`, sent: `${sent}` });
  return {
    name: one.router.name,
    url: place?.url,
    restUrl: place?.rest.url,
    hostKeySha256: place?.hostKeySha256,
    uptimeSeconds: Math.floor((now - one.bootedAt) / 1000),
    interfaces: one.ports.flatMap(({ port, units, isDown }) => [
      { name: port.name, isDown, ...text(octetsOf(units)) },
      ...units.map((unit) => ({ name: unit.name, isDown, ...text(octetsOf([unit])) })),
    ]),
    styles: [...one.styles],
    configuration: treeXml(one.configuration.committed),
    pendingFaults: one.pending.map(({ fault, times }) => ({ fault, times })),
    sessions: one.sessions,
    calls: one.calls,
  };
}

/** The one form of a new private key that Node writes and ssh2 reads. */
function newHostKey(): { readonly pem: string; readonly sha256: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const parsed = ssh2.utils.parseKey(pem);
  if (parsed instanceof Error) throw parsed;
  const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '');
  return { pem, sha256: `SHA256:${digest}` };
}

interface JunosServer {
  readonly place: JunosPlace;
  close(): Promise<void>;
}

interface Serving {
  readonly now: () => number;
  readonly save: () => void;
  readonly tls: boolean;
}

async function serve(one: LiveJunos, { now, save, tls }: Serving): Promise<JunosServer> {
  const [{ place, close }, rest] = await Promise.all([serveSsh(one, now, save), serveJunosRest(one, now, tls)]);
  return {
    place: { ...place, rest: rest.place },
    close: async () => void (await Promise.all([close(), rest.close()])),
  };
}

async function serveSsh(
  one: LiveJunos,
  now: () => number,
  save: () => void,
): Promise<{ place: Omit<JunosPlace, 'rest'>; close(): Promise<void> }> {
  const { name, port = 0 } = one.router;
  const { pem, sha256: hostKeySha256 } = newHostKey();
  const closing = new AbortController();
  const open = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [pem], ident: 'OpenSSH_7.5' }, (client) => {
    open.add(client);
    let user = '';
    // Known to ssh2 and not to its types.
    (client as Connection & { setNoDelay(noDelay: boolean): unknown }).setNoDelay(true);
    client
      .on('error', () => undefined)
      .on('close', () => open.delete(client))
      .on('authentication', (context) => {
        user = context.username;
        authenticate(one, context);
      })
      .on('ready', () => serveClient(client, { one, now, user, save, signal: closing.signal }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return {
    place: { name, port: bound, url: `ssh://127.0.0.1:${bound}`, hostKeySha256 },
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        for (const client of open) client.end();
      }),
  };
}

function serveClient(client: Connection, options: SessionOptions): void {
  client.on('session', (accept) => {
    accept().on('subsystem', (acceptSubsystem, reject, { name }) => {
      if (name !== 'netconf') {
        reject();
        return;
      }
      const channel: ServerChannel = acceptSubsystem();
      serveNetconf(channel, options).catch(() => client.end());
    });
  });
}
