/** A TCP server on a free loopback port that may answer HTTP as badly as it likes. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface HostileServer {
  readonly url: string;
  readonly port: number;
  /** Bytes of the requests that came in. */
  readonly received: string[];
  /** Sockets that are still open. */
  open(): number;
  close(): Promise<void>;
}

/** `answer` is called once per connection, when the first bytes have come. */
export async function startHostileServer(answer: (socket: Socket) => void): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The other side hanging up is what these tests are about.
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => received.push(bytes.toString('latin1')));
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A whole response, closed afterwards. */
export function respond(status: number, body: string, headers: Record<string, string> = {}): (socket: Socket) => void {
  const lines = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return (socket) => void socket.end(`HTTP/1.1 ${status} X\r\n${head.join('')}connection: close\r\n\r\n${body}`);
}
