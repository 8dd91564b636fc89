/** A port on loopback that lets no connection in: its queue is full and nobody empties it, so that a SYN gets no answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const SCRIPT = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;
const FILLING = 4;

export interface SilentServer {
  readonly port: number;
  close(): void;
}

/** A process of its own, stopped, because the kernel goes on accepting for one that is only busy. */
export async function startSilentServer(): Promise<SilentServer> {
  const child: ChildProcess = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const port = Number(line.toString());
  const fillers = Array.from({ length: FILLING }, (): Socket => connect(port, '127.0.0.1'));
  for (const socket of fillers) socket.on('error', () => undefined);
  await once(fillers[0] as Socket, 'connect');
  return {
    port,
    close() {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}
