/** What a simulated Junos answers: interfaces in their extensive or brief form, uptime, errors; as releases of it write them. Pure. */
import type { GarbageShape, StyleFault } from './junos-faults.ts';
import { type LiveJunos, type LiveJunosPort, type LiveUnit, octetsOf } from './junos-router.ts';
import { escaped } from './junos-tree.ts';

const RELEASE = 'http://xml.juniper.net/junos/21.4R3/junos';
const NETCONF = 'urn:ietf:params:xml:ns:netconf:base:1.0';

export interface AnswerForm {
  readonly styles: ReadonlySet<StyleFault>;
  readonly now: number;
}

/** Comments stand before the greeting, as on real routers. */
export function helloXml(sessionId: number, isChunked: boolean): string {
  const capabilities = [
    'urn:ietf:params:netconf:base:1.0',
    ...(isChunked ? ['urn:ietf:params:netconf:base:1.1'] : []),
    'urn:ietf:params:netconf:capability:candidate:1.0',
    'http://xml.juniper.net/netconf/junos/1.0',
  ];
  const listed = capabilities.map((one) => `    <capability>${one}</capability>\n`).join('');
  return `<!-- No zombies were killed during the creation of this user interface -->\n<hello xmlns="${NETCONF}">\n  <capabilities>\n${listed}  </capabilities>\n  <session-id>${sessionId}</session-id>\n</hello>\n`;
}

export function replyXml(
  messageId: string | undefined,
  content: string,
  { styles }: Pick<AnswerForm, 'styles'>,
): string {
  const id = messageId === undefined ? '' : ` message-id="${messageId}"`;
  if (!styles.has('prefixed')) {
    return `<rpc-reply xmlns="${NETCONF}" xmlns:junos="${RELEASE}"${id}>\n${content}</rpc-reply>\n`;
  }
  const prefixed = content.replace(/<(\/?)(?=[a-z])/g, '<$1j:').replace(/ xmlns="[^"]*"/g, '');
  return `<nc:rpc-reply xmlns:nc="${NETCONF}" xmlns:j="${RELEASE}-interface" xmlns:junos="${RELEASE}"${id}>\n${prefixed}</nc:rpc-reply>\n`;
}

export function errorXml(message: string, severity: 'error' | 'warning', tag = 'operation-failed'): string {
  return `<rpc-error>\n<error-type>protocol</error-type>\n<error-tag>${tag}</error-tag>\n<error-severity>${severity}</error-severity>\n<error-message>\n${message}\n</error-message>\n</rpc-error>\n`;
}

/** `name`: an interface, or some with `*`. */
export function interfacesXml(
  one: LiveJunos,
  isExtensive: boolean,
  name: string | undefined,
  form: AnswerForm,
): string {
  const isWhole = isExtensive && !form.styles.has('brief');
  const listed = one.ports.flatMap((port) => portXml(port, isWhole, globOf(name), form.now));
  const list = `<interface-information xmlns="${RELEASE}-interface" junos:style="normal">\n${listed.join('')}</interface-information>\n`;
  return byEngine(list, form);
}

function byEngine(content: string, { styles }: AnswerForm): string {
  if (!styles.has('multi-routing-engine')) return content;
  return `<multi-routing-engine-results>\n<multi-routing-engine-item>\n<re-name>node0</re-name>\n${content}</multi-routing-engine-item>\n</multi-routing-engine-results>\n`;
}

function globOf(name: string | undefined): (name: string) => boolean {
  if (name === undefined) return () => true;
  const pattern = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\/-]/g, '\\$&'));
  const expression = new RegExp(`^${pattern.join('.*')}$`);
  return (one) => expression.test(one);
}

function portXml(live: LiveJunosPort, isWhole: boolean, isWanted: (name: string) => boolean, now: number): string[] {
  const { port, units, isDown, flappedAt, clearedAt } = live;
  const wanted = isWanted(port.name) ? units : units.filter(({ name }) => isWanted(name));
  if (!isWanted(port.name) && wanted.length === 0) return [];
  const state = isDown ? 'down' : 'up';
  const cleared = clearedAt === undefined ? 'Never' : agoText(clearedAt, now);
  const description = port.description === undefined ? '' : `<description>${escaped(port.description)}</description>\n`;
  const whole = `<statistics-cleared>${cleared}</statistics-cleared>\n${octetsXml('traffic-statistics', octetsOf(units))}${queuesXml()}`;
  return [
    `<physical-interface>\n<name>\n${port.name}\n</name>\n<admin-status junos:format="Enabled">up</admin-status>\n<oper-status>\n${state}\n</oper-status>\n<local-index>133</local-index>\n<snmp-index>${port.snmpIndex}</snmp-index>\n${description}<link-level-type>Ethernet</link-level-type>\n<mtu>1514</mtu>\n<speed>${port.speed}</speed>\n<interface-flapped junos:seconds="${secondsSince(flappedAt, now)}">${agoText(flappedAt, now)}</interface-flapped>\n${isWhole ? whole : briefXml('traffic-statistics', 'bps')}`,
    ...wanted.map((unit) => unitXml(unit, isDown, isWhole)),
    '</physical-interface>\n',
  ];
}

function unitXml(live: LiveUnit, isDown: boolean, isWhole: boolean): string {
  const { name, unit } = live;
  const description = unit.description === undefined ? '' : `<description>${escaped(unit.description)}</description>\n`;
  const flags = isDown ? '<iff-device-down/>' : live.isDisabled ? '<iff-down/>' : '<iff-up/>';
  const whole = `${octetsXml('traffic-statistics', octetsOf([live]))}<local-traffic-statistics>\n<input-bytes>70803</input-bytes>\n<output-bytes>81344</output-bytes>\n</local-traffic-statistics>\n`;
  return `<logical-interface>\n<name>\n${name}\n</name>\n<local-index>69</local-index>\n<snmp-index>${unit.snmpIndex}</snmp-index>\n${description}<if-config-flags>${flags}<iff-snmp-traps/></if-config-flags>\n<encapsulation>ENET2</encapsulation>\n${isWhole ? whole : briefXml('traffic-statistics', 'packets')}</logical-interface>\n`;
}

/** IPv6's share stands inside and has elements of the same names. */
function octetsXml(element: string, { received, sent }: { received: bigint; sent: bigint }): string {
  return `<${element} junos:style="verbose">\n<input-bytes>${received}</input-bytes>\n<input-bps>0</input-bps>\n<output-bytes>${sent}</output-bytes>\n<output-bps>0</output-bps>\n<ipv6-transit-statistics>\n<input-bytes>0</input-bytes>\n<output-bytes>0</output-bytes>\n</ipv6-transit-statistics>\n</${element}>\n`;
}

function briefXml(element: string, unit: 'bps' | 'packets'): string {
  return `<${element} junos:style="brief">\n<input-${unit}>5</input-${unit}>\n<output-${unit}>7</output-${unit}>\n</${element}>\n`;
}

function queuesXml(): string {
  return '<queue-counters junos:style="brief">\n<queue>\n<queue-number>0</queue-number>\n<queue-counters-queued-packets>3950</queue-counters-queued-packets>\n</queue>\n</queue-counters>\n<ethernet-mac-statistics junos:style="verbose">\n<input-bytes>164537</input-bytes>\n<output-bytes>812070</output-bytes>\n</ethernet-mac-statistics>\n';
}

export function uptimeXml({ bootedAt }: LiveJunos, form: AnswerForm): string {
  const { now } = form;
  const instant = (at: number) => `<date-time junos:seconds="${Math.floor(at / 1000)}">${dateText(at)}</date-time>\n`;
  const length = `<time-length junos:seconds="${secondsSince(bootedAt, now)}">${ageText(bootedAt, now)}</time-length>\n`;
  const uptime = `<system-uptime-information xmlns="${RELEASE}">\n<current-time>\n${instant(now)}</current-time>\n<time-source> NTP CLOCK </time-source>\n<system-booted-time>\n${instant(bootedAt)}${length}</system-booted-time>\n</system-uptime-information>\n`;
  return byEngine(uptime, form);
}

function secondsSince(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) / 1000));
}

function dateText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function agoText(at: number, now: number): string {
  return `${dateText(at)} (${ageText(at, now)} ago)`;
}

function ageText(at: number, now: number): string {
  const minutes = Math.floor(secondsSince(at, now) / 60);
  const clock = [Math.floor(minutes / 60) % 24, minutes % 60].map((n) => String(n).padStart(2, '0')).join(':');
  return `${Math.floor(minutes / 1440)}d ${clock}`;
}

/** A message that is none; `answer` is what would have been right. */
export function garbageXml(shape: Exclude<GarbageShape, 'no-framing'>, answer: string): string {
  switch (shape) {
    case 'empty':
      return '\n';
    case 'truncated':
      return answer.slice(0, Math.floor(answer.length / 2));
    case 'no-xml':
      return 'error: the routing engine is busy\n';
    case 'doctype':
      return `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(50)}"><!ENTITY c "${'&b;'.repeat(50)}">]>${answer.replace('<speed>', '<speed>&c;')}`;
    case 'deep':
      return `<rpc-reply>${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}</rpc-reply>`;
  }
}
