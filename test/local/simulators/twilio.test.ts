import { afterEach, describe, expect, it } from 'vitest';
import { startTwilioSimulator, type TwilioSimulator } from '../../../local/simulators/twilio.ts';
import { messageResource, SIMULATED_ACCOUNT } from '../../../shared/notify/twilio.wire.ts';

const { accountSid, authToken, contentSids } = SIMULATED_ACCOUNT;
const PHONE = '+447700900123';
const open: TwilioSimulator[] = [];
afterEach(async () => {
  for (const twilio of open.splice(0)) await twilio.close();
});

async function start(): Promise<TwilioSimulator> {
  const twilio = await startTwilioSimulator({ pausesMs: [1, 1] });
  open.push(twilio);
  return twilio;
}

async function call(twilio: TwilioSimulator, path: string, fields?: Record<string, string>, token: string = authToken) {
  const response = await fetch(`${twilio.url}/2010-04-01/Accounts/${accountSid}/${path}`, {
    method: fields ? 'POST' : 'GET',
    headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${token}`).toString('base64')}` },
    signal: AbortSignal.timeout(5_000),
    ...(fields ? { body: new URLSearchParams(fields) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const variables = { 1: 'CRITICAL', 2: 'Uplink', 3: 'low', 4: 'now', 5: 'Act.', 6: 'Demo' };
const template = {
  To: `whatsapp:${PHONE}`,
  From: 'whatsapp:+447700900000',
  ContentSid: contentSids.alert_firing,
  ContentVariables: JSON.stringify(variables),
};
const sms = { To: PHONE, From: '+447700900000', Body: 'hello' };

describe('accepting', () => {
  it('answers with the documented resource, queued, and fills the template in', async () => {
    const twilio = await start();
    const { status, body } = await call(twilio, 'Messages.json', template);
    expect(status).toBe(201);
    const resource = messageResource.parse(body);
    expect(resource).toMatchObject({
      status: 'queued',
      direction: 'outbound-api',
      num_segments: '1',
      error_code: null,
    });
    expect(resource.body).toContain('CRITICAL: Uplink');
  });

  it.each([
    ['no credentials', template, 'wrong', 401, 20003],
    ['no recipient', { ...sms, To: '' }, authToken, 400, 21604],
    ['a recipient that is none', { ...sms, To: '12345' }, authToken, 400, 21211],
    ['no sender', { To: PHONE, Body: 'x' }, authToken, 400, 21603],
    ['a sender of another channel', { ...sms, To: `whatsapp:${PHONE}` }, authToken, 400, 21910],
    ['no text', { ...sms, Body: '' }, authToken, 400, 21602],
    ['too much text', { ...sms, Body: 'x'.repeat(1601) }, authToken, 400, 21617],
    ['unknown content', { ...template, ContentSid: `HX${'9'.repeat(32)}` }, authToken, 404, 20404],
    ['broken variables', { ...template, ContentVariables: '{"1":5}' }, authToken, 400, 21656],
  ])('refuses %s', async (_, fields, token, status, code) => {
    const answer = await call(await start(), 'Messages.json', fields, token);
    expect(answer).toMatchObject({ status, body: { code, status } });
  });

  it('shows messages oldest first, and lists them newest first', async () => {
    const twilio = await start();
    await call(twilio, 'Messages.json', sms);
    await call(twilio, 'Messages.json', template);
    expect(twilio.messages().map((m) => [m.channel, m.to, m.simulated])).toEqual([
      ['sms', PHONE, true],
      ['whatsapp', PHONE, true],
    ]);
    const all = (await call(twilio, 'Messages.json')).body.messages as { to: string; sid: string }[];
    expect(all.map((m) => m.to)).toEqual([`whatsapp:${PHONE}`, PHONE]);
    const one = (await call(twilio, `Messages.json?To=${encodeURIComponent(PHONE)}`)).body.messages as unknown[];
    expect(one).toHaveLength(1);
    expect((await call(twilio, `Messages/${all[0]?.sid}.json`)).body).toMatchObject({ to: `whatsapp:${PHONE}` });
    expect((await call(twilio, 'Messages/SMnone.json')).status).toBe(404);
  });
});

describe('what becomes of a message', () => {
  const end = async (twilio: TwilioSimulator) =>
    await expect.poll(() => twilio.messages().at(-1)?.status, { timeout: 2_000 }).not.toMatch(/queued|sent/);

  it.each([
    ['a template is delivered', template, {}, 'delivered'],
    ['WhatsApp text outside a session fails late', { ...template, ContentSid: undefined, Body: 'hi' }, {}, 'failed'],
    [
      'a line break in a variable fails late',
      { ...template, ContentVariables: JSON.stringify({ ...variables, 3: 'a\nb' }) },
      {},
      'failed',
    ],
    ['a fault may leave it undelivered', template, { fault: 'undelivered', code: 30003 }, 'undelivered'],
    ['a fault may refuse it late', template, { fault: 'reject', code: '63016' }, 'failed'],
  ])('%s', async (_, fields, fault, status) => {
    const twilio = await start();
    if ('fault' in fault) twilio.inject(fault);
    const given = Object.fromEntries(Object.entries(fields).filter((e): e is [string, string] => e[1] !== undefined));
    expect((await call(twilio, 'Messages.json', given)).status).toBe(201);
    await end(twilio);
    expect(twilio.messages()[0]?.status).toBe(status);
  });

  it('faults strike as often as asked, in the order they were asked for', async () => {
    const twilio = await start();
    twilio.inject({ fault: 'server-error', times: 2 });
    twilio.inject({ fault: 'reject', code: 21211 });
    expect(twilio.state()).toMatchObject({ waitingFaults: [{ fault: 'server-error', times: 2 }, { fault: 'reject' }] });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await call(twilio, 'Messages.json', sms)).status);
    expect(statuses).toEqual([500, 500, 400, 201]);
  });

  it.each([
    [{ fault: 'explode' }, /knows reject, undelivered/],
    [{ fault: 'reject', code: 'x' }, /code must be a whole number/],
    [{ fault: 'reject', at: 'never' }, /at must be "answer" or "callback"/],
    [{ fault: 'time-out', when: 'noon' }, /when must be/],
    [{ fault: 'server-error', times: 0 }, /times must be/],
  ])('%j is not understood', async (fault, message) => {
    const twilio = await start();
    expect(() => twilio.inject(fault)).toThrow(RangeError);
    expect(() => twilio.inject(fault)).toThrow(message);
  });

  it('every fault it describes is one that it takes', async () => {
    const twilio = await start();
    for (const { name } of twilio.faults()) twilio.inject({ fault: name });
  });

  it('shows no credentials', async () => {
    const twilio = await start();
    await call(twilio, 'Messages.json', template);
    expect(JSON.stringify(twilio.state())).not.toContain(authToken);
  });
});
