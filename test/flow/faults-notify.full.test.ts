import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Flow, type Message, PHONE, startFlow } from './flow.ts';

let flow: Flow;
let smsRefused = false;

/** One after the other on one cloud: each begins and ends with a full bundle and nothing owed. */
beforeAll(async () => {
  flow = await startFlow({
    disturb: (_, [request]) => {
      const toPhone = smsRefused && request?.action === 'sns:Publish' && request.resource === '*';
      return toPhone ? { status: 400, headers: { 'content-type': 'text/xml' }, body: INVALID } : undefined;
    },
  });
  await flow.addTenant('demo');
  await flow.addTaara('demo');
  await flow.runNow('collect-taara');
  await flow.pass(2);
}, 120_000);

afterAll(() => flow.stop());

const INVALID =
  '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>InvalidParameter</Code>' +
  '<Message>Invalid parameter: PhoneNumber</Message></Error><RequestId>injected</RequestId></ErrorResponse>';

/** The words of one warning and of its end, by the channel that took them. */
async function episode(minutes: number): Promise<{ warnings: Message[]; ends: Message[]; timeline: string[] }> {
  const before = (await flow.messages()).length;
  await flow.inject('taara', { fault: 'drain', remainingPercent: 15 });
  await flow.runNow('collect-taara');
  await flow.pass(minutes);
  const [alert] = (await flow.call('GET', '/v1/alerts')).body.items.filter((a: { entity: string }) =>
    a.entity.startsWith('home~'),
  );
  await flow.inject('taara', { fault: 'topup', remainingPercent: 90 });
  await flow.runNow('collect-taara');
  await flow.pass(minutes);
  const { body } = await flow.call('GET', `/v1/alerts/${alert.id}`);
  const fresh = (await flow.messages()).slice(before).filter((m) => /Home link/.test(m.body));
  return {
    warnings: fresh.filter((m) => /WARNING/.test(m.body)),
    ends: fresh.filter((m) => /RESOLVED|recovered|over/i.test(m.body) && !/WARNING/.test(m.body)),
    timeline: body.timeline.map((r: { event: string; text: string }) => `${r.event}: ${r.text}`),
  };
}

const channels = (messages: readonly Message[]): string[] => messages.map((m) => `${m.channel} ${m.status}`);

describe('fault 20: the provider', () => {
  test('without a fault, one message by WhatsApp, and its delivery stands in the timeline', async () => {
    const { warnings, ends, timeline } = await episode(3);
    expect(channels(warnings)).toEqual(['whatsapp delivered']);
    expect(channels(ends)).toEqual(['whatsapp delivered']);
    expect(timeline.filter((t) => /delivered: WhatsApp \(simulated\) to On call: delivered/.test(t))).toHaveLength(2);
  }, 90_000);

  test.each([
    ['an invalid number, at once', { fault: 'reject', code: 21211, at: 'answer' }, []],
    ['outside the window, by callback', { fault: 'reject', code: 63016, at: 'callback' }, ['whatsapp failed']],
    ['no such WhatsApp user, by callback', { fault: 'reject', code: 63024, at: 'callback' }, ['whatsapp failed']],
    ['undelivered', { fault: 'undelivered', code: 30003 }, ['whatsapp undelivered']],
  ])(
    '%s: the SMS follows, once',
    async (_, fault, before) => {
      await flow.inject('twilio', fault);
      const { warnings, ends, timeline } = await episode(4);
      expect(channels(warnings).sort()).toEqual(['sms accepted', ...before].sort());
      expect(warnings.find((m) => m.channel === 'sms')?.to).toBe(PHONE);
      expect(ends).toHaveLength(1);
      expect(timeline.join('\n')).toMatch(/undelivered: WhatsApp \(simulated\) to On call failed: .*SMS follows/);
    },
    90_000,
  );

  test.each([
    ['asks for fewer requests', { fault: 'reject', code: 20429, at: 'answer', times: 2 }],
    ['answers 500', { fault: 'server-error', times: 2 }],
    ['does not answer, and has not taken the message', { fault: 'time-out', when: 'before' }],
    ['does not answer, but has taken the message', { fault: 'time-out', when: 'after' }],
  ])(
    '%s: it is tried again, and one message arrives',
    async (_, fault) => {
      await flow.inject('twilio', fault);
      const { warnings, ends } = await episode(7);
      expect(channels(warnings)).toEqual(['whatsapp delivered']);
      expect(channels(ends)).toEqual(['whatsapp delivered']);
    },
    150_000,
  );

  test('every channel refuses: the alert says so, and that nobody was told', async () => {
    smsRefused = true;
    await flow.inject('twilio', { fault: 'reject', code: 21211, at: 'answer' });
    const { warnings, timeline } = await episode(4);
    smsRefused = false;
    expect(warnings).toEqual([]);
    expect(timeline.join('\n')).toMatch(/undelivered: SMS \(simulated\) to On call failed: .*no channel is left/);
  }, 90_000);

  test('half an hour after a delivery nothing more was said about it', async () => {
    const before = (await flow.messages()).length;
    const { warnings } = await episode(3);
    expect(channels(warnings)).toEqual(['whatsapp delivered']);
    await flow.pass(30);
    expect((await flow.messages()).length).toBe(before + 2);
  }, 120_000);
});
