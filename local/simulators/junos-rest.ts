/** The REST API of a simulated Junos: the same tree as its NETCONF, question by question, with the same faults and its own. */
import { errorXml, garbageXml, replyXml } from './junos-answers.ts';
import { strike } from './junos-faults.ts';
import { advanceJunos, type LiveJunos } from './junos-router.ts';
import { contentBefore, contentOf, type Rpc } from './junos-session.ts';
import { isLogin, type RouterServer, serveRouter, wait } from './router-server.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';

const XML = { 'content-type': 'application/xml; charset=utf-8' };
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** On a port of its own; `tls`: behind a self-signed certificate made now. */
export function serveJunosRest(one: LiveJunos, now: () => number, tls: boolean): Promise<RouterServer> {
  const { name, restPort: port } = one.router;
  return serveRouter({ name, port, tls, handle: (request) => answer(one, request, now) });
}

async function answer(one: LiveJunos, request: SimulatedRequest, now: () => number): Promise<SimulatedResponse> {
  if (one.styles.has('no-rest')) {
    return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html><h1>404 - Not Found</h1></html>' };
  }
  if (strike(one.pending, 'connection-limit')) {
    return { status: 503, headers: { ...TEXT, 'retry-after': '30' }, body: 'error: connection limit reached\n' };
  }
  if (!isLogin(one.router, request.headers.authorization) || strike(one.pending, 'unauthorized')) {
    return { status: 401, headers: { ...TEXT, 'www-authenticate': 'Basic realm="Junos"' }, body: 'Unauthorized\n' };
  }
  const rpc = rpcOf(request);
  if (rpc === undefined) return { status: 400, headers: XML, body: errorXml('bad element in request', 'error') };
  one.calls++;
  const slow = strike(one.pending, 'slow');
  if (slow) await wait((slow.seconds ?? 0) * 1000, request.signal);
  advanceJunos(one, now());
  const form = { styles: one.styles, now: now() };
  const content = contentBefore(one) ?? contentOf(one, rpc, form);
  // A document has one root.
  const isSeveral = /^<rpc-error>[\s\S]*<\/rpc-error>\n</.test(content);
  return sent(one, isSeveral ? replyXml(undefined, content, form) : content);
}

function sent(one: LiveJunos, body: string): SimulatedResponse {
  if (strike(one.pending, 'closes')) {
    // Of what it announces it sends half, and ends the connection.
    const headers = { ...XML, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
    return { status: 200, headers, body: body.slice(0, Math.floor(body.length / 2)) };
  }
  const shape = strike(one.pending, 'garbage')?.garbage;
  if (shape === undefined) return { status: 200, headers: XML, body };
  if (shape === 'no-framing') return { status: 200, headers: TEXT, body: '% Connection limit reached\n' };
  return { status: 200, headers: shape === 'no-xml' ? TEXT : XML, body: garbageXml(shape, body) };
}

/** `GET /rpc/<operation>?<element>=<text>`: an rpc whose elements stand in the query; with POST in the body too. */
function rpcOf({ method, path, query, body }: SimulatedRequest): Rpc | undefined {
  const operation = /^\/rpc\/([\w-]+)$/.exec(path)?.[1];
  if (operation === undefined || (method !== 'GET' && method !== 'POST')) return undefined;
  const elements = [...query].map(([name, text]) => (text === '' ? `<${name}/>` : `<${name}>${text}</${name}>`));
  return { id: undefined, operation, body: elements.join('') + body };
}
