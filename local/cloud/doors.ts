/** Loopback HTTP servers that listen before what they serve exists: the template needs their addresses first. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Door {
  readonly url: string;
  open(listener: RequestListener): void;
  close(): Promise<void>;
}

/** Port 0 takes any free one; a taken port throws a sentence that says how to choose another. */
export async function openDoor(port: number): Promise<Door> {
  let serve: RequestListener = (_, response) => {
    response.writeHead(503, { 'retry-after': '1' });
    response.end('starting\n');
  };
  const server: Server = createServer((request, response) => serve(request, response));
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new Error(`port ${port} is taken: stop what uses it, or choose another with PORT=7071 npm start`);
    if (code === 'EACCES')
      throw new Error(`port ${port} is for privileged users: choose one above 1023 with PORT=7071 npm start`);
    throw error;
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (listener) => {
      serve = listener;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
