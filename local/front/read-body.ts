/** Reads what a request carries, up to a limit. */
import type { IncomingMessage } from 'node:http';

/** What is larger still is somebody who does not stop: the connection goes. */
const PATIENCE = 10;

/** Undefined when the body is longer. It is read to its end all the same: who is still sending does not hear an answer. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limitBytes) chunks.push(chunk);
    if (length > limitBytes * PATIENCE) break;
  }
  return length > limitBytes ? undefined : Buffer.concat(chunks);
}
