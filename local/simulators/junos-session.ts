/** One NETCONF session of a simulated Junos: greets, answers one rpc after the other, and breaks as it is told. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerChannel } from 'ssh2';
import { errorXml, garbageXml, helloXml, interfacesXml, replyXml, uptimeXml } from './junos-answers.ts';
import { answerChange, leaveConfiguration } from './junos-changes.ts';
import { strike } from './junos-faults.ts';
import { framed, Unframer } from './junos-framing.ts';
import { pingXml } from './junos-ping.ts';
import { advanceJunos, type LiveJunos } from './junos-router.ts';

export interface SessionOptions {
  readonly one: LiveJunos;
  readonly now: () => number;
  /** Who has logged in. */
  readonly user: string;
  /** Called when another configuration is in force. */
  readonly save: () => void;
  /** Aborted when the simulator closes. */
  readonly signal: AbortSignal;
}

/** Ends when the client closes its session, or does not speak NETCONF. */
export async function serveNetconf(channel: ServerChannel, options: SessionOptions): Promise<void> {
  const session = ++options.one.sessions;
  try {
    await talk(channel, session, options);
  } finally {
    leaveConfiguration(options.one, session);
  }
}

async function talk(channel: ServerChannel, session: number, options: SessionOptions): Promise<void> {
  const { one } = options;
  const knowsChunks = one.styles.has('chunked');
  const unframer = new Unframer();
  channel.on('error', () => undefined);
  channel.write(framed(helloXml(session, knowsChunks), false));
  let isGreeted = false;
  for await (const octets of channel as AsyncIterable<Buffer>) {
    unframer.push(octets);
    for (let message = unframer.next(); message !== undefined; message = unframer.next()) {
      if (!isGreeted) {
        isGreeted = true;
        unframer.isChunked = knowsChunks && message.includes('urn:ietf:params:netconf:base:1.1');
      } else if (!(await answer(channel, message, unframer.isChunked, { ...options, session }))) {
        channel.exit(0);
        channel.end();
        return;
      }
    }
  }
}

export interface Rpc {
  readonly id: string | undefined;
  /** Name of the operation, and all that stands in it. */
  readonly operation: string;
  readonly body: string;
}

function rpcOf(message: string): Rpc {
  const [, attributes = '', body = ''] = /<(?:\w+:)?rpc\b([^>]*)>([\s\S]*)<\/(?:\w+:)?rpc>/.exec(message) ?? [];
  const id = /message-id="([^"]*)"/.exec(attributes)?.[1];
  return { id, operation: /<(?:\w+:)?([\w-]+)/.exec(body)?.[1] ?? '', body };
}

/** False when the session is over. */
async function answer(
  channel: ServerChannel,
  message: string,
  isChunked: boolean,
  context: SessionOptions & { readonly session: number },
): Promise<boolean> {
  const { one, now, signal } = context;
  const rpc = rpcOf(message);
  const form = { styles: one.styles, now: now() };
  if (rpc.operation === 'close-session') {
    channel.write(framed(replyXml(rpc.id, '<ok/>\n', form), isChunked));
    return false;
  }
  one.calls++;
  const slow = strike(one.pending, 'slow');
  if (slow) await sleep((slow.seconds ?? 0) * 1000, undefined, { signal }).catch(() => undefined);
  advanceJunos(one, now());
  const content = contentBefore(one) ?? (await answerChange(context, rpc.operation, rpc.body));
  const reply = replyXml(rpc.id, content ?? contentOf(one, rpc, { ...form, now: now() }), form);
  if (strike(one.pending, 'closes')) {
    channel.write(framed(reply, isChunked).subarray(0, Math.floor(reply.length / 2)));
    return false;
  }
  await write(channel, broken(one, reply, isChunked), one);
  return true;
}

function broken(one: LiveJunos, reply: string, isChunked: boolean): Buffer {
  const shape = strike(one.pending, 'garbage')?.garbage;
  if (shape === undefined) return framed(reply, isChunked);
  // What comes without framing is long enough to be known as wrong before its end.
  if (shape === 'no-framing') return Buffer.from(`\n% Connection limit reached\n${' '.repeat(100)}]]>]]>`);
  return framed(garbageXml(shape, reply), isChunked);
}

/** An error that stands for whatever was asked. */
export function contentBefore(one: LiveJunos): string | undefined {
  const error = strike(one.pending, 'rpc-error');
  return error && errorXml(error.message ?? '', 'error');
}

/** What stands in the reply, or would by REST stand alone. */
export function contentOf(one: LiveJunos, { operation, body }: Rpc, form: Parameters<typeof uptimeXml>[1]): string {
  const warning = strike(one.pending, 'warning') ? errorXml('statement has no contents; ignored', 'warning') : '';
  switch (operation) {
    case 'get-interface-information': {
      const isExtensive = /<(?:\w+:)?(extensive|detail|statistics)\b/.test(body);
      const name = /<(?:\w+:)?interface-name>([^<]*)</.exec(body)?.[1];
      return warning + interfacesXml(one, isExtensive, name, form);
    }
    case 'get-system-uptime-information':
      if (!one.styles.has('no-uptime')) return warning + uptimeXml(one, form);
      return errorXml('permission denied: get-system-uptime-information', 'error');
    case 'ping':
      if (one.styles.has('no-ping')) return errorXml('permission denied: ping', 'error');
      return warning + pingXml(one.pings, body);
    default:
      return errorXml(`syntax error, expecting &lt;command&gt;: ${operation}`, 'error');
  }
}

/** In packets of a few octets, each on its own, where that is asked for. */
async function write(channel: ServerChannel, octets: Buffer, one: LiveJunos): Promise<void> {
  const size = one.styles.has('split-packets') ? one.packetBytes : octets.length;
  for (let at = 0; at < octets.length; at += size) {
    channel.write(octets.subarray(at, at + size));
    if (size < octets.length) await new Promise(setImmediate);
  }
}
