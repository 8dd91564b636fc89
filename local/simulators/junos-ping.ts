/** How a simulated Junos tells of its echoes: one summary for all of them, times in microseconds. Pure but for its state. */
import { errorXml } from './junos-answers.ts';
import { echoesOf, type Pings, timesOf } from './ping-echoes.ts';

const NAMESPACE = 'http://xml.juniper.net/junos/21.4R3/junos-probe-tests';
const DEFAULT_ECHOES = 5;
const MOST_ECHOES = 1000;

/** `body`: the rpc, with `host` and, unless it is to be five, `count`. */
export function pingXml(pings: Pings, body: string): string {
  const host = /<(?:\w+:)?host>([^<]+)</.exec(body)?.[1]?.trim();
  if (host === undefined) return errorXml('missing mandatory argument: host', 'error');
  if (host.endsWith('.invalid')) return errorXml(`cannot resolve ${host}: Host name lookup failure`, 'error');
  const count = Number(/<(?:\w+:)?count>(\d+)</.exec(body)?.[1] ?? DEFAULT_ECHOES);
  if (!(count >= 1 && count <= MOST_ECHOES)) return errorXml(`invalid value for count: ${count}`, 'error');
  const echoes = echoesOf(pings, host, count);
  const received = echoes.filter((time) => time !== undefined).length;
  const lost = Math.round(((count - received) * 100) / count);
  const summary = `<probes-sent>${count}</probes-sent>\n<responses-received>${received}</responses-received>\n<packet-loss>${lost}</packet-loss>\n${rttXml(echoes)}`;
  const end = received === 0 ? '<ping-failure>no response</ping-failure>' : '<ping-success/>';
  return `<ping-results xmlns="${NAMESPACE}">\n<target-host>${host}</target-host>\n<target-ip>${host}</target-ip>\n<packet-size>56</packet-size>\n<probe-results-summary>\n${summary}</probe-results-summary>\n${end}\n</ping-results>\n`;
}

function rttXml(echoes: readonly (number | undefined)[]): string {
  const times = timesOf(echoes);
  if (times === undefined) return '';
  const { minimum, average, maximum } = times;
  return `<rtt-minimum>${minimum}</rtt-minimum>\n<rtt-maximum>${maximum}</rtt-maximum>\n<rtt-average>${average}</rtt-average>\n`;
}
