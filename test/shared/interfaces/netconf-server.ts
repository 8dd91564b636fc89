/** A router that speaks NETCONF with made-up answers on a real socket: what the tests of drivers share. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import { framed, Unframer } from '../../../local/simulators/junos-framing.ts';

export interface NetconfScript {
  readonly password: string;
  /** True: a login is never answered. */
  isSilent(): boolean;
  /** The whole message that answers an rpc. */
  reply(operation: string, messageId: string): string;
}

export interface NetconfServer {
  readonly port: number;
  /** Connections that were opened. */
  connections(): number;
  close(): Promise<void>;
}

const HELLO =
  '<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities><session-id>7</session-id></hello>';

export async function startNetconf(script: NetconfScript): Promise<NetconfServer> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const open = new Set<Connection>();
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
    connections++;
    open.add(client);
    client
      .on('error', () => undefined)
      .on('close', () => open.delete(client))
      .on('authentication', (context) => authenticate(script, context))
      .on('session', (accept) => {
        accept().on('subsystem', (acceptSubsystem) => void serve(acceptSubsystem(), script));
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of open) client.end();
      }),
  };
}

function authenticate({ password, isSilent }: NetconfScript, context: AuthContext): void {
  if (isSilent()) return;
  if (context.method === 'password' && context.password === password) context.accept();
  else context.reject(['password']);
}

async function serve(channel: ServerChannel, script: NetconfScript): Promise<void> {
  const unframer = new Unframer();
  channel.on('error', () => undefined);
  channel.write(framed(HELLO, false));
  for await (const octets of channel as AsyncIterable<Buffer>) {
    unframer.push(octets);
    for (let message = unframer.next(); message !== undefined; message = unframer.next()) {
      const [, id = '', operation = ''] = /message-id="(\d+)"[^>]*><([\w-]+)/.exec(message) ?? [];
      if (operation === 'close-session') channel.end();
      else if (operation !== '') channel.write(framed(script.reply(operation, id), false));
    }
  }
}
