import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { callbackUrl, reachableCallback, refOfCallback } from '../../../shared/notify/callback.ts';
import { maskPhone } from '../../../shared/notify/delivery.ts';
import { receiverSchema } from '../../../shared/notify/receiver.ts';
import { desk } from './examples.ts';

const ref = { tenant: 'demo', day: '2026-11-20', id: 'desk-1-0' };

describe('the callback address', () => {
  it('names tenant and delivery, and is read back as it was made', () => {
    const url = callbackUrl('https://h.example.net/', { ...ref, id: 'a&b=c d-1-0' });
    expect(url).toBe('https://h.example.net/v1/callbacks/twilio?tenant=demo&delivery=a%26b%3Dc+d-1-0&day=2026-11-20');
    expect(refOfCallback(Object.fromEntries(new URL(url).searchParams))).toEqual({ ...ref, id: 'a&b=c d-1-0' });
  });

  it.each([
    ['https://h.example.net', true],
    ['https://h.example.net:8443/stage', true],
    ['http://h.example.net', false],
    ['https://127.0.0.1:7070', false],
    ['https://[2001:db8::1]', false],
    ['https://localhost', false],
    ['https://under_score.example.net', false],
    ['not a url', false],
    ['', false],
    [undefined, false],
  ])('the real provider is given %s: %s', (publicUrl, given) => {
    expect(reachableCallback(publicUrl, ref, false) !== undefined).toBe(given);
  });

  it('the simulator is given the address of this machine', () => {
    expect(reachableCallback('http://127.0.0.1:7070', ref, true)).toBe(callbackUrl('http://127.0.0.1:7070', ref));
  });

  it.each([
    {},
    { tenant: 'demo', delivery: 'x' },
    { tenant: '../x', delivery: 'x', day: '2026-11-20' },
    { tenant: 'demo', delivery: '', day: '2026-11-20' },
    { tenant: 'demo', delivery: 'x', day: 'open' },
  ])('%j was never handed out', (query) => {
    expect(refOfCallback(query)).toBeUndefined();
  });
});

it.each([
  ['+447700900123', '+44*******123'],
  ['+12345', '******'],
])('%s is shown as %s', (phone, shown) => {
  expect(maskPhone(phone)).toBe(shown);
});

it('a receiver with several mistakes is told all of them', () => {
  const wrong = { ...desk, id: 'Night Desk', phone: '07700 900123', channels: ['sms', 'sms'], minSeverity: 'bad' };
  const parsed = z.safeParse(receiverSchema, wrong);
  expect(parsed.error?.issues.map((issue) => issue.path[0])).toEqual(['id', 'phone', 'channels', 'minSeverity']);
  expect(z.safeParse(receiverSchema, desk).success).toBe(true);
});
