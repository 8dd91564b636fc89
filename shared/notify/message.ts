/** What a person on call reads at night: what, where, how bad, since when, what to do. Pure. */

import type { Line } from './line.ts';
import { formatInstant, formatInstantShort, formatNumber, formatQuantity } from './quantity.ts';
import type { ChannelName } from './receiver.ts';
import { renderTemplate, TEMPLATE_LIMIT, TEMPLATES, type TemplateName } from './templates.ts';

export interface MessageContext {
  /** IANA zone of the tenant. */
  readonly zone: string;
  readonly tenantName: string;
  readonly simulated: boolean;
}

export interface ComposedMessage {
  readonly text: string;
  readonly template: {
    readonly name: TemplateName;
    readonly language: 'en';
    readonly variables: Readonly<Record<string, string>>;
  };
}

/** Three segments of 153 characters, less what `[` and `]` cost twice in that alphabet. */
export const SMS_LIMIT = 450;
/** Longest text that Twilio takes in one message. */
export const TEXT_LIMIT = 1600;
const MARK = '[simulated]';
/** A name longer than this is cut in the middle, where names of routers and plans differ least. */
const NAME_LIMIT = 48;
const TENANT_NAME_LIMIT = 60;
const NOTHING_SAID = 'no more is known';

const TO_DO = {
  critical: 'Act now.',
  warning: 'Plan for it today, before it becomes critical.',
  info: 'Nothing yet; this is for your information.',
} as const;

/** One message of one line or of many; every line given is in it, on every channel. */
export function composeMessage(lines: readonly Line[], channel: ChannelName, context: MessageContext): ComposedMessage {
  const [only] = lines;
  const single = lines.length === 1 && only !== undefined;
  const template = single ? templateOfOne(only, context) : templateOfMany(lines, context);
  if (channel === 'sms') return { template, text: single ? smsOfOne(only, context) : smsOfMany(lines, context) };
  const text = single ? renderTemplate(template.name, template.variables) : textOfMany(lines, context);
  return { template, text: cut(text, TEXT_LIMIT) };
}

/**
 * The rule's own sentence with its numbers filled in: `{value} {unit}` becomes one readable quantity. It stands behind
 * the entity's name everywhere, so a name at its beginning goes.
 */
export function describeLine(line: Line): string {
  const words = { entity: nameOf(line), unit: line.unit ?? '', detail: line.detail ?? NOTHING_SAID };
  // In one go: what is filled in may hold braces itself.
  const text = line.message.replace(
    /\{(value|threshold)\}( ?\{unit\})?|\{(entity|unit|detail)\}/g,
    (_, number: 'value' | 'threshold' | undefined, unit: string | undefined, word: keyof typeof words) => {
      if (number === undefined) return words[word];
      return unit === undefined ? formatNumber(line[number], line.unit) : formatQuantity(line[number], line.unit);
    },
  );
  const sentence = oneLine(text).replace(/\.$/, '');
  const name = nameOf(line);
  const rest = sentence.startsWith(name) ? sentence.slice(name.length).replace(/^[\s:,]+/, '') : sentence;
  return rest || oneLine(line.ruleName);
}

function templateOfOne(line: Line, context: MessageContext): ComposedMessage['template'] {
  const owner = cutMiddle(oneLine(context.tenantName), TENANT_NAME_LIMIT);
  const began = formatInstant(line.activeAt, context.zone);
  if (line.stage !== 'resolved') {
    const [head, tail] = [marked(severityOf(line), context, line), TO_DO[line.severity]];
    const fixed = { 1: head, 2: nameOf(line), 4: began, 5: tail, 6: owner };
    return fill('alert_firing', fixed, '3', describeLine(line));
  }
  const fixed = {
    1: marked('RESOLVED', context, line),
    2: `the ${line.severity} alert for ${nameOf(line)}`,
    4: began,
    5: formatInstant(line.resolvedAt ?? line.detectedAt, context.zone),
    6: owner,
  };
  return fill('alert_resolved', fixed, '3', recovery(line));
}

/** The rule's sentence speaks of a breach, so a recovery names the reason and the value instead. */
function recovery(line: Line): string {
  if (line.resolvedReason !== undefined && line.resolvedReason !== 'cleared') {
    return `${oneLine(line.ruleName)}: ${oneLine(line.resolvedReason)}`;
  }
  // A number without a unit (missed slots, say) belongs to the breach, not to the recovery.
  return line.value === undefined || !line.unit
    ? `${oneLine(line.ruleName)}: back to normal`
    : `${oneLine(line.ruleName)}: back to normal at ${formatQuantity(line.value, line.unit)}`;
}

function templateOfMany(lines: readonly Line[], context: MessageContext): ComposedMessage['template'] {
  const separator = ' • ';
  const fixed = {
    1: marked(countOf(lines), context),
    3: context.zone,
    4: cutMiddle(oneLine(context.tenantName), TENANT_NAME_LIMIT),
  };
  const room = TEMPLATE_LIMIT - renderTemplate('alert_digest', { ...fixed, 2: '' }).length;
  const each = Math.floor(room / Math.max(1, lines.length)) - separator.length;
  const rows = lines.map((line) => row(line, context.zone, { limit: each }));
  return fill('alert_digest', fixed, '2', rows.join(separator));
}

/** Puts the long value in, cut so that the whole stays within WhatsApp's limit. */
function fill(
  name: TemplateName,
  fixed: Readonly<Record<string, string>>,
  long: string,
  value: string,
): ComposedMessage['template'] {
  const room = TEMPLATE_LIMIT - renderTemplate(name, { ...fixed, [long]: '' }).length;
  return { name, language: TEMPLATES[name].language, variables: { ...fixed, [long]: cut(value, room) } };
}

function textOfMany(lines: readonly Line[], context: MessageContext): string {
  const head = `${marked(countOf(lines), context)} for ${cutMiddle(oneLine(context.tenantName), TENANT_NAME_LIMIT)}`;
  const each = Math.floor((TEXT_LIMIT - head.length) / lines.length) - 1;
  return [head, ...lines.map((line) => row(line, context.zone, { limit: each }))].join('\n');
}

function smsOfOne(line: Line, context: MessageContext): string {
  const mark = context.simulated || line.simulated ? `${MARK} ` : '';
  const tail = line.stage === 'resolved' ? '' : ` ${TO_DO[line.severity]}`;
  return `${mark}${row(line, context.zone, { limit: SMS_LIMIT - mark.length, tail })}`;
}

function smsOfMany(lines: readonly Line[], context: MessageContext): string {
  const head = marked(countOf(lines), context);
  const each = Math.floor((SMS_LIMIT - head.length) / lines.length) - 1;
  return [head, ...lines.map((line) => row(line, context.zone, { limit: each }))].join('\n');
}

/** Rows shorter than this use short words, so that names and numbers keep their room. */
const TIGHT_ROW = 80;
const SHORTEST_NAME = 12;
const SHORTEST_SENTENCE = 12;
const SHORT = { CRITICAL: 'CRIT', WARNING: 'WARN', INFO: 'INFO', RESOLVED: 'OK' } as const;

/** How bad, where, what, since when, in at most `limit` characters: the sentence is cut first, then the name. */
function row(line: Line, zone: string, options: { limit: number; tail?: string }): string {
  const resolved = line.stage === 'resolved';
  const tight = options.limit < TIGHT_ROW;
  const word = resolved ? 'RESOLVED' : severityOf(line);
  const head = `${tight ? SHORT[word] : word} `;
  const at = formatInstantShort(resolved ? (line.resolvedAt ?? line.detectedAt) : line.activeAt, zone);
  const when = `${tight ? ' ' : resolved ? ', at ' : ', since '}${at}${options.tail ? '.' : ''}${options.tail ?? ''}`;
  const free = options.limit - head.length - when.length - 2;
  const name = cutMiddle(
    oneLine(line.entityName),
    tight ? Math.max(SHORTEST_NAME, free - SHORTEST_SENTENCE) : NAME_LIMIT,
  );
  const sentence = resolved ? recovery(line) : describeLine(line);
  return `${head}${name}: ${cut(sentence, free - name.length)}${when}`;
}

function severityOf(line: Line): 'CRITICAL' | 'WARNING' | 'INFO' {
  return line.severity === 'critical' ? 'CRITICAL' : line.severity === 'warning' ? 'WARNING' : 'INFO';
}

function countOf(lines: readonly Line[]): string {
  const resolved = lines.filter((line) => line.stage === 'resolved').length;
  const firing = lines.length - resolved;
  const words = [
    ...(firing > 0 ? [`${firing} ${firing === 1 ? 'alert' : 'alerts'}`] : []),
    ...(resolved > 0 ? [`${resolved} resolved`] : []),
  ];
  return words.join(', ');
}

function marked(text: string, context: MessageContext, line?: Line): string {
  return context.simulated || line?.simulated ? `${MARK} ${text}` : text;
}

function nameOf(line: Line): string {
  return cutMiddle(oneLine(line.entityName), NAME_LIMIT);
}

/** Names come from routers and upstreams: no line break, run of spaces, control or direction mark gets into a message. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return limit <= 2 ? '' : `${whole(text.slice(0, limit - 2)).trimEnd()}..`;
}

function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const tail = Math.floor((limit - 2) / 2);
  return `${whole(text.slice(0, limit - 2 - tail))}..${whole(text.slice(text.length - tail))}`;
}

/** Drops the half of a character that a cut left at either end. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
