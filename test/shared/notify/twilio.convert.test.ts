import { describe, expect, it } from 'vitest';
import {
  reportFromWire,
  resultFromError,
  resultFromNetwork,
  statusFromWire,
} from '../../../shared/notify/twilio.convert.ts';

describe("Twilio's statuses", () => {
  it.each([
    ['queued', 'accepted'],
    ['accepted', 'accepted'],
    ['scheduled', 'accepted'],
    ['sending', 'accepted'],
    ['sent', 'sent'],
    ['partially_delivered', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['undelivered', 'undelivered'],
    ['failed', 'failed'],
    ['canceled', 'failed'],
    ['received', undefined],
    ['a new one', undefined],
    ['constructor', undefined],
  ])('%s is %s', (status, expected) => {
    expect(statusFromWire(status)).toBe(expected);
  });

  it('a failure carries its code and a sentence that says how to mend it', () => {
    expect(reportFromWire('SM1', 'undelivered', '63016', undefined)).toEqual({
      status: 'undelivered',
      providerId: 'SM1',
      code: '63016',
      reason: 'WhatsApp wants an approved template: configure its content id (63016)',
    });
    expect(reportFromWire('SM1', 'failed', null, 'odd')).toEqual({
      status: 'failed',
      providerId: 'SM1',
      reason: 'odd',
    });
    expect(reportFromWire('SM1', 'sent', '30008', undefined)).toEqual({ status: 'sent', providerId: 'SM1' });
    expect(reportFromWire('SM1', 'received', undefined, undefined)).toBeUndefined();
  });
});

describe('fault 20: error answers', () => {
  const permanent = [
    20003, 20404, 21211, 21212, 21408, 21606, 21608, 21610, 21612, 21614, 21617, 30003, 30005, 30006, 30007, 30008,
    63003, 63007, 63015, 63016, 63021, 63024,
  ];
  it.each(permanent)('%i is permanent', (code) => {
    const status = code === 20003 ? 401 : 400;
    expect(resultFromError(status, code, 'text')).toEqual({
      outcome: 'permanent',
      code: String(code),
      reason: expect.stringMatching(new RegExp(`^[a-zA-Z'].+ \\(${code}\\)$`)),
    });
  });

  it.each([
    [429, 20429, false],
    [429, undefined, false],
    [400, 63018, false],
    [400, 30001, false],
    [500, 20500, true],
    [503, undefined, true],
    [408, undefined, true],
  ])('HTTP %i with code %s may be tried again', (status, code, uncertain) => {
    const result = resultFromError(status, code, 'text');
    expect(result).toMatchObject({ outcome: 'retryable' });
    expect('uncertain' in result && result.uncertain === true).toBe(uncertain);
  });

  it('an unknown refusal is permanent and keeps its words', () => {
    expect(resultFromError(400, 99999, 'something new')).toEqual({
      outcome: 'permanent',
      code: '99999',
      reason: 'something new [HTTP 400] (99999)',
    });
  });

  it.each([
    ['ECONNREFUSED', false],
    ['ENOTFOUND', false],
    ['EAI_AGAIN', false],
    ['ECONNABORTED', true],
    ['ECONNRESET', true],
    ['ERR_CANCELED', true],
    [undefined, true],
  ])('no answer (%s): accepted perhaps: %s', (code, uncertain) => {
    expect(resultFromNetwork(code)).toMatchObject({ outcome: 'retryable', uncertain });
  });
});
