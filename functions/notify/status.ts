/** Takes a provider's status callback: proves who sent it, writes what is new, and wakes the notifier at the end. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import { callbackUrl, refOfCallback } from '../../shared/notify/callback.ts';
import type { DeliveryStore } from '../../shared/notify/deliveries.port.ts';
import type { Delivery } from '../../shared/notify/delivery.ts';
import type { DeliveryTopic } from '../../shared/notify/delivery-topic.port.ts';
import { afterStatus, needOf } from '../../shared/notify/ladder.ts';
import { reportFromWire } from '../../shared/notify/twilio.convert.ts';
import { statusCallback } from '../../shared/notify/twilio.wire.ts';
import type { TwilioAccounts } from '../../shared/notify/twilio-account.ts';
import type { Clock } from '../../shared/platform/clock.ts';

export type FormFields = Readonly<Record<string, string | string[]>>;
export type StatusEvent = Pick<
  APIGatewayProxyEventV2,
  'headers' | 'queryStringParameters' | 'body' | 'isBase64Encoded'
>;

export interface StatusDeps {
  readonly deliveries: Pick<DeliveryStore, 'read' | 'change'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly accounts: TwilioAccounts;
  readonly topic: DeliveryTopic;
  readonly isSigned: (authToken: string, signature: string, url: string, fields: FormFields) => boolean;
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
}

/** A callback's form has about 20 short fields. */
const MAX_BODY_CHARACTERS = 16_384;

/** 204 for every signed callback, news or not; 403 for all else, without saying whether the delivery exists. */
export function createStatus(deps: StatusDeps): (event: StatusEvent) => Promise<APIGatewayProxyStructuredResultV2> {
  return async (event) => {
    const fields = formOf(event);
    const row = fields && (await provenRow(deps, event, fields));
    if (!row) return FORBIDDEN;
    const form = z.safeParse(statusCallback, fields);
    if (!form.success) return NO_CONTENT;
    const { MessageSid, MessageStatus, ErrorCode, ErrorMessage } = form.data;
    const report = reportFromWire(MessageSid, MessageStatus, ErrorCode, ErrorMessage);
    if (!report) return NO_CONTENT;
    const now = deps.clock.now();
    const stands = await deps.deliveries.change(row, (current) => afterStatus(current, report, now));
    if (stands && needOf(stands, now).kind === 'conclude') await deps.topic.publish(stands);
    return NO_CONTENT;
  };
}

const NO_CONTENT: APIGatewayProxyStructuredResultV2 = { statusCode: 204 };
const FORBIDDEN: APIGatewayProxyStructuredResultV2 = {
  statusCode: 403,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({ title: 'Forbidden', status: 403, detail: 'this callback is not signed by the provider' }),
};

/** The delivery that a callback is about, once its signature proves that the provider was given this address for it. */
async function provenRow(deps: StatusDeps, event: StatusEvent, fields: FormFields): Promise<Delivery | undefined> {
  const ref = refOfCallback(event.queryStringParameters ?? {});
  const signature = event.headers['x-twilio-signature'];
  if (!ref || !signature || !deps.publicUrl) return undefined;
  const row = await deps.deliveries.read(ref);
  const access = row && (await deps.accounts.accessFor(row.simulated));
  if (!row || !access) return undefined;
  const { authToken, accountSid } = access.account;
  if (!deps.isSigned(authToken, signature, callbackUrl(deps.publicUrl, ref), fields)) return undefined;
  if (fields.AccountSid !== accountSid) return undefined;
  const owner = await deps.tenants.readTenant(ref.tenant);
  return owner && owner.removedAt === undefined ? row : undefined;
}

function formOf(event: StatusEvent): FormFields | undefined {
  const body = event.body ?? '';
  if (body.length > MAX_BODY_CHARACTERS) return undefined;
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  const fields: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const earlier = fields[name];
    fields[name] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value];
  }
  return fields;
}
