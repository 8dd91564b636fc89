/** What the API takes and says of acting on SIMs, and the message of the queue on which actions are worked off. */
import * as z from 'zod/mini';
import { TENANT_PATTERN } from '../platform/key.ts';
import { listOf, listQuery, route } from '../platform/route.ts';
import { simFilterQuery } from './sims.contract.ts';

const action = z.enum(
  ['label', 'enable', 'disable', 'imei-lock', 'imei-unlock', 'reset', 'sms', 'topup', 'auto-topup', 'extend', 'limits'],
  'must be label, enable, disable, imei-lock, imei-unlock, reset, sms, topup, auto-topup, extend or limits',
);
const payment = z.enum(
  ['banktransfer', 'creditcard', 'monthlyinvoice', 'boleto'],
  'must be banktransfer, creditcard, monthlyinvoice or boleto',
);
const iccid = z.string().check(z.regex(/^\d{18,20}$/, 'is no ICCID: send its 18 to 20 digits'));
const label = z.string().check(z.regex(/^\P{Cc}{1,255}$/u, 'must be 1 to 255 characters, without control characters'));
const limitId = z.int('must be a whole number').check(z.minimum(0), z.maximum(1_000_000));
const account = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,47}$/, 'must be the id of a 1NCE source'));
/** Judged by its parts where it is sent; no message is near this long. */
const payload = z.string().check(z.maxLength(5000));
const sourceAddress = z
  .string()
  .check(z.regex(/^[A-Za-z0-9 +]{1,15}$/, 'must be 1 to 15 letters, digits, blanks and +'));

const parameters = z.strictObject({
  label: z.optional(label),
  payload: z.optional(payload),
  sourceAddress: z.optional(sourceAddress),
  payment: z.optional(payment),
  productId: z.optional(z.int('must be a whole number')),
  enabled: z.optional(z.boolean()),
  dataLimitId: z.optional(limitId),
  smsMtLimitId: z.optional(limitId),
  smsMoLimitId: z.optional(limitId),
});

export const actionBody = z.strictObject({
  action,
  account: z.optional(account),
  /** At most 10,000; each is judged by the request's own check, so that all places are told. */
  iccids: z.optional(z.array(z.string())),
  /** The fields of `GET /v1/sims`. */
  filter: z.optional(z.strictObject(simFilterQuery)),
  items: z.optional(z.array(z.strictObject({ iccid: z.string(), label }))),
  parameters: z.optional(parameters),
  dryRun: z.optional(z.boolean()),
  /** From a dry run of the same request; only where it costs money. */
  confirmation: z.optional(z.string().check(z.maxLength(200))),
  reason: z.optional(z.string().check(z.maxLength(200))),
  /** The same again within a day gives the same job. */
  requestId: z.optional(z.string().check(z.regex(/^[\w.:-]{8,64}$/, 'must be 8 to 64 letters, digits and . _ : -'))),
});

const cost = z.object({
  account: z.string(),
  sims: z.int(),
  /** Decimal text, in the currency's smallest unit. */
  amountMinor: z.string(),
  currency: z.string(),
  /** Of the month's cap, before this. */
  leftMinor: z.string(),
});

const dryRunView = z.object({
  dryRun: z.literal(true),
  wouldChange: z.int(),
  unchanged: z.int(),
  /** The first hundred. */
  items: z.array(
    z.object({
      iccid: z.nullable(z.string()),
      account: z.string(),
      before: z.nullable(z.string()),
      after: z.string(),
      changes: z.boolean(),
    }),
  ),
  /** Per account; empty where it costs nothing. */
  cost: z.array(cost),
  /** Of each SIM's text. */
  smsParts: z.optional(z.int()),
  confirmation: z.optional(z.string()),
  confirmationExpiresAt: z.optional(z.string()),
});

export const jobView = z.object({
  job: z.string(),
  action,
  /** Texts of SMS are told by their length only. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  reason: z.nullable(z.string()),
  status: z.enum(['queued', 'running', 'finished']),
  total: z.int(),
  /** Of parts that are over; one SIM's own result stands in its job. */
  counts: z.object({ pending: z.int(), done: z.int(), failed: z.int(), unknown: z.int() }),
  /** Short form of the identity that asked. */
  who: z.string(),
  createdAt: z.string(),
  finishedAt: z.nullable(z.string()),
});

const resultView = z.object({
  iccid: z.nullable(z.string()),
  account: z.string(),
  label: z.optional(z.string()),
  /** `unknown`: tried, and the answer was lost. */
  state: z.enum(['pending', 'done', 'failed', 'unknown']),
  /** Why it failed; what is to be checked; of what was done, the provider's number of the order or the message. */
  note: z.nullable(z.string()),
});

const iccidParams = z.object({ iccid });
export const smsView = z.object({
  id: z.string(),
  direction: z.nullable(z.enum(['mt', 'mo'])),
  status: z.nullable(z.string()),
  submittedAt: z.nullable(z.string()),
  deliveredAt: z.nullable(z.string()),
  expiresAt: z.nullable(z.string()),
  sourceAddress: z.nullable(z.string()),
  payload: z.nullable(z.string()),
});

/** A dry run is answered with 200. */
export const actOnSims = route({
  key: 'POST /v1/sims/actions',
  summary: 'Acts on one SIM or on thousands; with dryRun it only tells what would change and what it would cost',
  needs: 'operator',
  body: actionBody,
  response: z.union([jobView, dryRunView]),
  status: 202,
  otherStatus: 200,
});
export const listSimActions = route({
  key: 'GET /v1/sims/actions',
  summary: 'What was done to SIMs, newest first',
  needs: 'viewer',
  query: z.strictObject(listQuery),
  response: listOf(jobView),
});
export const readSimAction = route({
  key: 'GET /v1/sims/actions/{id}',
  summary: 'One action with the result of each of its SIMs',
  needs: 'viewer',
  params: z.object({ id: z.string().check(z.maxLength(64, 'is longer than any id')) }),
  query: z.strictObject(listQuery),
  response: z.extend(jobView, { items: z.array(resultView), nextCursor: z.optional(z.string()) }),
});
export const listSimSms = route({
  key: 'GET /v1/sims/{iccid}/sms',
  summary: 'Messages to and from a SIM, as the provider has them now',
  needs: 'viewer',
  params: iccidParams,
  query: z.strictObject(listQuery),
  /** `rejected`: messages that could not be understood, and are not among the items. */
  response: z.extend(listOf(smsView), { rejected: z.int() }),
});
export const sendSimSms = route({
  key: 'POST /v1/sims/{iccid}/sms',
  summary: 'Sends one SMS to a SIM now',
  needs: 'operator',
  params: iccidParams,
  body: z.strictObject({ payload, sourceAddress: z.optional(sourceAddress) }),
  /** `id` is null where the provider took it and did not say. */
  response: z.object({ id: z.nullable(z.string()), parts: z.int() }),
  status: 202,
});
export const cancelSimSms = route({
  key: 'DELETE /v1/sims/{iccid}/sms/{id}',
  summary: 'Cancels an SMS that is not delivered yet',
  needs: 'operator',
  params: z.object({ iccid, id: z.string().check(z.regex(/^[\w-]{1,64}$/, 'is no id of a message')) }),
  response: z.null(),
  status: 204,
});
export const readSimLimits = route({
  key: 'GET /v1/sims/limits',
  summary: 'Monthly limits of an account, as the provider has them now',
  needs: 'viewer',
  query: z.strictObject({ account: z.optional(account) }),
  response: z.object({
    account: z.string(),
    items: z.array(
      z.object({
        service: z.enum(['data', 'smsMt', 'smsMo']),
        id: z.nullable(z.int()),
        limit: z.nullable(z.string()),
        unit: z.nullable(z.string()),
      }),
    ),
  }),
});

export const simActionRoutes = [
  actOnSims,
  listSimActions,
  readSimAction,
  listSimSms,
  sendSimSms,
  cancelSimSms,
  readSimLimits,
];

/** One step of a job. `waits` and `attempts` count how often it was put back because of nobody there / a lost answer. */
export const simActMessage = z.object({
  version: z.literal(1),
  tenant: z.string().check(z.regex(TENANT_PATTERN)),
  job: z.string().check(z.maxLength(64)),
  part: z.int().check(z.nonnegative(), z.maximum(9999)),
  waits: z.optional(z.int().check(z.nonnegative())),
  attempts: z.optional(z.int().check(z.nonnegative())),
});
export type SimActMessage = z.infer<typeof simActMessage>;
