/** A server for tests that speaks the JSON protocol of AWS: one answer per call, by the operation's name. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type JsonAnswer = { status?: number; body: unknown };
export type JsonOperations = Readonly<Record<string, (input: Record<string, unknown>) => JsonAnswer>>;

export async function startJsonServer(operations: JsonOperations) {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const name =
      String(request.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) ?? '';
    calls.push(name);
    const { status = 200, body } = operations[name]?.(JSON.parse(text)) ?? refusal('UnknownOperationException');
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    calls,
    /** What every SDK client needs to talk to it; one attempt, so that a test sees its own injected faults. */
    client: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: { requestTimeout: 3000 },
    },
    endpoint,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function refusal(type: string, message = type): JsonAnswer {
  return { status: 400, body: { __type: type, message } };
}
