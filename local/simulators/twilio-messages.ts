/** What the simulated Twilio makes of a request to send: the documented checks, and the message resource. */
import { renderTemplate, TEMPLATE_LIMIT, TEMPLATES, type TemplateName } from '../../shared/notify/templates.ts';
import { type MessageResource, SIMULATED_ACCOUNT } from '../../shared/notify/twilio.wire.ts';
import type { SimulatedResponse } from './simulator.ts';
import type { Fate } from './twilio-faults.ts';

export type Acceptance =
  | {
      readonly accepted: true;
      readonly resource: MessageResource;
      /** How it ends by WhatsApp's own rules; undefined = as the faults say. */
      readonly fate?: Fate;
    }
  | { readonly accepted: false; readonly refusal: SimulatedResponse };

const TEXT_LIMIT = 1600;
const ADDRESS = /^(whatsapp:)?\+[1-9]\d{6,14}$/;
/** WhatsApp refuses these inside a variable. */
const FORBIDDEN_IN_VARIABLE = /[\n\r\t]| {5}/;

/** An error body as documented, with the HTTP status that goes with the code. */
export function refusal(code: number, message: string): SimulatedResponse {
  const status = code === 20003 ? 401 : code === 20404 ? 404 : code === 20429 ? 429 : 400;
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  return { status, body: JSON.stringify({ code, message, more_info, status }) };
}

export function acceptMessage(form: URLSearchParams, sid: string, now: number): Acceptance {
  const refuse = (code: number, message: string): Acceptance => ({ accepted: false, refusal: refusal(code, message) });
  const to = form.get('To') ?? '';
  const from = form.get('From');
  const whatsapp = to.startsWith('whatsapp:');
  const contentSid = form.get('ContentSid');
  const body = form.get('Body') ?? '';
  if (to === '') return refuse(21604, "A 'To' phone number is required");
  if (!ADDRESS.test(to)) return refuse(21211, `The 'To' number ${to} is not a valid phone number`);
  if (from === null && !form.has('MessagingServiceSid')) return refuse(21603, "A 'From' phone number is required");
  if (from !== null && whatsapp !== from.startsWith('whatsapp:')) {
    return refuse(21910, "'From' and 'To' are addresses of different channels");
  }
  if (contentSid === null && body === '') return refuse(21602, 'Message body is required');
  if (body.length > TEXT_LIMIT) return refuse(21617, 'The concatenated message body exceeds the 1600 character limit');
  const resource = (text: string): MessageResource => newResource(sid, to, from, text, now);
  if (contentSid === null) {
    // Nobody writes to the simulated number, so there is never an open session of 24 hours.
    const outsideWindow: Fate = { kind: 'end', status: 'failed', code: 63016 };
    return { accepted: true, resource: resource(body), ...(whatsapp ? { fate: outsideWindow } : {}) };
  }
  const name = templateOf(contentSid);
  const variables = variablesOf(form.get('ContentVariables'));
  if (!name) return refuse(20404, `The content ${contentSid} was not found`);
  if (!variables) return refuse(21656, 'The ContentVariables parameter is invalid');
  const text = renderTemplate(name, variables);
  const values = Object.keys(TEMPLATES[name].samples).map((key) => variables[key] ?? '');
  const bad = text.length > TEMPLATE_LIMIT || values.some((value) => value === '' || FORBIDDEN_IN_VARIABLE.test(value));
  const badContent: Fate = { kind: 'end', status: 'failed', code: 63021 };
  return { accepted: true, resource: resource(text), ...(bad ? { fate: badContent } : {}) };
}

function templateOf(contentSid: string): TemplateName | undefined {
  const names = Object.keys(TEMPLATES) as TemplateName[];
  return names.find((name) => SIMULATED_ACCOUNT.contentSids[name] === contentSid);
}

function variablesOf(text: string | null): Record<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    if (Object.values(parsed).some((value) => typeof value !== 'string')) return undefined;
    return parsed as Record<string, string>;
  } catch {
    return undefined;
  }
}

function newResource(sid: string, to: string, from: string | null, body: string, now: number): MessageResource {
  const { accountSid } = SIMULATED_ACCOUNT;
  const created = new Date(now).toUTCString().replace('GMT', '+0000');
  return {
    sid,
    account_sid: accountSid,
    api_version: '2010-04-01',
    to,
    from,
    body,
    status: 'queued',
    num_segments: String(Math.max(1, Math.ceil(body.length / 153))),
    num_media: '0',
    direction: 'outbound-api',
    price: null,
    price_unit: 'USD',
    error_code: null,
    error_message: null,
    messaging_service_sid: null,
    date_created: created,
    date_updated: created,
    date_sent: null,
    uri: `/2010-04-01/Accounts/${accountSid}/Messages/${sid}.json`,
    subresource_uris: {},
  };
}
