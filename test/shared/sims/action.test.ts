import { describe, expect, test } from 'vitest';
import { AppError, type ErrorContext } from '../../../shared/platform/errors.ts';
import { callProvider, groupsOf, verdictOf } from '../../../shared/sims/act-call.ts';
import {
  ACTIONS,
  type ActionRequest,
  costsMoney,
  isRepeatable,
  MAX_SIMS,
  planOf,
  requestIssues,
  unknownIssues,
} from '../../../shared/sims/action.ts';
import { confirmationOf, digestOf, expiryOf } from '../../../shared/sims/confirmation.ts';
import type { FoundSim } from '../../../shared/sims/finder.port.ts';
import type { OnenceClient } from '../../../shared/sims/onence.port.ts';
import { actionBody } from '../../../shared/sims/sim-actions.contract.ts';
import { smsSize } from '../../../shared/sims/sms-text.ts';
import { priceOf, spendingOf } from '../../../shared/sims/spending.ts';

const A = '8988000000000000001';
const B = '8988000000000000002';
const issuesOf = (request: Partial<ActionRequest>) =>
  requestIssues({ parameters: {}, ...request }).map((i) => `${i.path}: ${i.message}`);
const paths = (request: Partial<ActionRequest>) => requestIssues({ parameters: {}, ...request }).map((i) => i.path);

test('the contract and the code know the same actions', () => {
  expect([...ACTIONS].sort()).toEqual(
    [...(actionBody.shape.action.def.entries ? Object.values(actionBody.shape.action.def.entries) : [])].sort(),
  );
});

describe('a request is judged whole', () => {
  test.each([
    ['one of the three selections', { action: 'enable', iccids: [A] }],
    ['a filter', { action: 'disable', filter: { status: 'enabled' } }],
    ['a label for all', { action: 'label', iccids: [A, B], parameters: { label: 'x' } }],
    ['a label for each', { action: 'label', items: [{ iccid: A, label: 'x' }] }],
    ['a message', { action: 'sms', iccids: [A], parameters: { payload: 'hello', sourceAddress: '12345' } }],
    [
      'limits of an account',
      { action: 'limits', account: 'fleet', parameters: { dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 } },
    ],
    ['an extension', { action: 'extend', iccids: [A], parameters: { payment: 'banktransfer', productId: 7 } }],
  ] as const)('%s is right', (_, request) => {
    expect(issuesOf(request as Partial<ActionRequest>)).toEqual([]);
  });

  test.each([
    ['no selection', { action: 'enable' }, ['']],
    ['two selections', { action: 'enable', iccids: [A], filter: { status: 'enabled' } }, ['']],
    ['an empty selection', { action: 'enable', iccids: [] }, ['iccids']],
    ['a filter that filters nothing', { action: 'enable', filter: {} }, ['filter']],
    ['items for another action than label', { action: 'enable', items: [{ iccid: A, label: 'x' }] }, ['items']],
    [
      'a label twice',
      { action: 'label', items: [{ iccid: A, label: 'x' }], parameters: { label: 'y' } },
      ['parameters.label'],
    ],
    ['no label', { action: 'label', iccids: [A] }, ['parameters.label']],
    [
      'a parameter of another action',
      { action: 'reset', iccids: [A], parameters: { label: 'x' } },
      ['parameters.label'],
    ],
    [
      'SIMs with limits',
      { action: 'limits', account: 'f', iccids: [A], parameters: { dataLimitId: 1, smsMtLimitId: 1, smsMoLimitId: 1 } },
      ['iccids'],
    ],
    [
      'limits without an account',
      { action: 'limits', parameters: { dataLimitId: 1, smsMtLimitId: 1, smsMoLimitId: 1 } },
      ['account'],
    ],
    ['an account with SIMs', { action: 'enable', account: 'f', iccids: [A] }, ['account']],
    [
      'a payment of what is free',
      { action: 'enable', iccids: [A], parameters: { payment: 'boleto' } },
      ['parameters.payment'],
    ],
    ['auto top-up without on or off', { action: 'auto-topup', iccids: [A] }, ['parameters.enabled']],
    ['no text', { action: 'sms', iccids: [A], parameters: { payload: '' } }, ['parameters.payload']],
    [
      'eleven messages',
      { action: 'sms', iccids: [A], parameters: { payload: 'x'.repeat(1531) } },
      ['parameters.payload'],
    ],
  ] as const)('%s is wrong there', (_, request, expected) => {
    expect(paths(request as Partial<ActionRequest>)).toEqual(expected);
  });

  test('all of it at once, each with its place', () => {
    const request = { action: 'sms', iccids: [A, '12', A, `${B}x`], parameters: { payload: '', label: 'x' } } as const;
    expect(paths(request)).toEqual(['iccids[1]', 'iccids[2]', 'iccids[3]', 'parameters.label', 'parameters.payload']);
  });

  test('more SIMs than a job holds are one issue, not thousands', () => {
    const iccids = Array.from({ length: MAX_SIMS + 1 }, () => 'x');
    expect(paths({ action: 'reset', iccids })).toEqual(['iccids']);
  });

  test('SIMs that nobody knows are told by their place', () => {
    const request = { action: 'reset', iccids: [A, B], parameters: {} } as const;
    expect(unknownIssues(request, [{ iccid: A, account: 'f' }]).map((i) => i.path)).toEqual(['iccids[1]']);
    const items = [{ iccid: B, label: 'x' }];
    expect(unknownIssues({ action: 'label', items, parameters: {} }, []).map((i) => i.path)).toEqual([
      'items[0].iccid',
    ]);
  });
});

describe('how many messages a text becomes', () => {
  test.each([
    ['x'.repeat(160), 'gsm7', 1],
    ['x'.repeat(161), 'gsm7', 2],
    ['x'.repeat(306), 'gsm7', 2],
    ['x'.repeat(307), 'gsm7', 3],
    ['€'.repeat(80), 'gsm7', 1],
    ['€'.repeat(81), 'gsm7', 2],
    // An escape and its character are never cut in two: 76 of them fill a part of 153.
    ['€'.repeat(153), 'gsm7', 3],
    ['ж'.repeat(70), 'ucs2', 1],
    ['ж'.repeat(71), 'ucs2', 2],
    ['😀'.repeat(35), 'ucs2', 1],
    ['😀'.repeat(67), 'ucs2', 3],
    ['x'.repeat(1530), 'gsm7', 10],
  ] as const)('%# is %s in %i parts', (text, encoding, parts) => {
    expect(smsSize(text)).toEqual({ encoding, parts });
  });
});

describe('a plan says what would change', () => {
  const sims: FoundSim[] = [
    { iccid: B, account: 'f', label: 'old', enabled: true, imeiLock: false },
    { iccid: A, account: 'f' },
    { iccid: '8988000000000000003', account: 'a', label: 'new', enabled: false, imeiLock: true },
  ];
  const plan = (request: Partial<ActionRequest>) =>
    planOf({ action: 'reset', parameters: {}, ...request }, sims).map((i) => [
      i.account,
      i.iccid,
      i.before,
      i.after,
      i.changes,
    ]);

  test('in order of account and ICCID, with what is known before', () => {
    expect(plan({ action: 'label', parameters: { label: 'new' } })).toEqual([
      ['a', '8988000000000000003', 'new', 'new', false],
      ['f', A, null, 'new', true],
      ['f', B, 'old', 'new', true],
    ]);
  });

  test.each([
    ['enable', ['disabled', null, 'enabled'], 'enabled', [true, true, false]],
    ['disable', ['disabled', null, 'enabled'], 'disabled', [false, true, true]],
    ['imei-lock', ['locked', null, 'unlocked'], 'locked', [false, true, true]],
    ['imei-unlock', ['locked', null, 'unlocked'], 'unlocked', [true, true, false]],
  ] as const)('%s leaves what is so already', (action, before, after, changes) => {
    const items = plan({ action });
    expect(items.map((i) => i[2])).toEqual(before);
    expect(items.map((i) => i[3])).toEqual([after, after, after]);
    expect(items.map((i) => i[4])).toEqual(changes);
  });

  test('each SIM gets its own label, and limits are one item of an account', () => {
    const items = [{ iccid: B, label: 'mine' }];
    const labelled = planOf({ action: 'label', items, parameters: {} }, sims.slice(0, 1));
    expect(labelled).toMatchObject([{ iccid: B, label: 'mine', before: 'old', after: 'mine' }]);
    const limits = { dataLimitId: 5, smsMtLimitId: 2, smsMoLimitId: 3 };
    expect(planOf({ action: 'limits', account: 'f', parameters: limits }, [])).toMatchObject([
      { account: 'f', before: null, changes: true },
    ]);
  });
});

test('what costs money, and what may be done twice', () => {
  const words = (enabled: boolean) =>
    ACTIONS.map((a) => [a, costsMoney(a, { enabled }), isRepeatable(a, { enabled })].join(' '));
  expect(words(true).filter((w) => w.includes('true false'))).toEqual([
    'topup true false',
    'auto-topup true false',
    'extend true false',
  ]);
  expect(
    words(false)
      .filter((w) => w.endsWith('false'))
      .sort(),
  ).toEqual(['extend true false', 'sms false false', 'topup true false']);
});

describe('which items one call is about', () => {
  const items = (n: number) => Array.from({ length: n }, (_, i) => ({ iccid: `${i}`, enabled: true }));
  const sizes = (action: ActionRequest['action'], n: number, parameters: ActionRequest['parameters'] = {}) =>
    groupsOf({ action, parameters }, items(n), Array(n).fill('pending')).map((g) => g.length);

  test.each([
    ['label', 20, Array(20).fill(1)],
    ['label', 21, [21]],
    ['imei-unlock', 100, [100]],
    ['reset', 30, Array(30).fill(1)],
    ['sms', 30, Array(30).fill(1)],
    ['topup', 2, [2]],
    ['extend', 100, [100]],
    ['auto-topup', 5, [5]],
  ] as const)('%s of %i', (action, n, expected) => {
    expect(sizes(action, n)).toEqual(expected);
  });

  test('changes of many need to know whether each is enabled, unless they set just that', () => {
    const unknown = Array.from({ length: 30 }, (_, i) => ({ iccid: `${i}` }));
    const states = Array(30).fill('pending');
    expect(groupsOf({ action: 'label', parameters: {} }, unknown, states)).toHaveLength(30);
    expect(groupsOf({ action: 'disable', parameters: {} }, unknown, states)).toHaveLength(1);
  });

  test('only what is pending', () => {
    expect(groupsOf({ action: 'reset', parameters: {} }, items(4), ['done', 'pending', 'unknown', 'pending'])).toEqual([
      [1],
      [3],
    ]);
    expect(groupsOf({ action: 'topup', parameters: {} }, items(2), ['done', 'failed'])).toEqual([]);
  });
});

test('every action becomes the call that it names', async () => {
  const calls: unknown[] = [];
  const record =
    (name: string) =>
    async (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const client = new Proxy({} as OnenceClient, { get: (_, name) => record(String(name)) });
  const run = (action: ActionRequest['action'], parameters: ActionRequest['parameters'] = {}, labels: string[] = []) =>
    callProvider(
      client,
      { action, parameters },
      [A, B]
        .slice(0, Math.max(1, labels.length))
        .map((iccid, i) => ({ iccid, ...(labels[i] ? { label: labels[i] } : {}) })),
    );
  await run('label', { label: 'x' });
  await run('label', {}, ['p', 'q']);
  await run('enable');
  await run('disable');
  await run('imei-lock');
  await run('imei-unlock');
  await run('reset');
  await run('sms', { payload: 'hello' });
  await run('topup', { payment: 'creditcard' });
  await run('extend', { payment: 'banktransfer', productId: 7 });
  await run('auto-topup', { enabled: true });
  await run('limits', { dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 });
  expect(calls).toEqual([
    ['changeSim', { iccid: A, label: 'x' }],
    [
      'changeSims',
      [
        { iccid: A, label: 'p' },
        { iccid: B, label: 'q' },
      ],
    ],
    ['changeSim', { iccid: A, enabled: true }],
    ['changeSim', { iccid: A, enabled: false }],
    ['changeSim', { iccid: A, imeiLock: true }],
    ['changeSim', { iccid: A, imeiLock: false }],
    ['resetConnectivity', A],
    ['sendSms', A, { payload: 'hello' }],
    ['topUp', [A], 'creditcard'],
    ['extend', [A], 'banktransfer', 7],
    ['setAutoTopUp', [A], true],
    ['setLimits', { dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 }],
  ]);
});

describe('what a failure means', () => {
  const error = (code: AppError['code'], context: ErrorContext = {}) => new AppError(code, 'said', { context });
  const kind = (e: unknown, action: ActionRequest['action']) => verdictOf(e, { action, parameters: {} }).kind;
  test.each([
    ['asked to wait', error('SOURCE_THROTTLED', { retryAfterSeconds: 7 }), ['wait', 'wait', 'wait']],
    ['credentials refused', error('SOURCE_REJECTED'), ['stopped', 'stopped', 'stopped']],
    ['refused by its status', error('SOURCE_UNAVAILABLE', { status: 422 }), ['refused', 'refused', 'refused']],
    ['not found', error('NOT_FOUND'), ['refused', 'refused', 'refused']],
    ['no answer', error('SOURCE_UNAVAILABLE', { failure: 'timeout' }), ['again', 'lost', 'lost']],
    ['a failing server', error('SOURCE_UNAVAILABLE', { failure: 'status', status: 503 }), ['again', 'lost', 'lost']],
    ['an answer nobody understands', error('SOURCE_MALFORMED', { status: 200 }), ['again', 'lost', 'lost']],
    [
      'nothing sent',
      error('SOURCE_UNAVAILABLE', { failure: 'refused', maybeDone: false }),
      ['again', 'again', 'again'],
    ],
    ['a status nobody expects', error('SOURCE_MALFORMED', { status: 402, maybeDone: true }), ['again', 'lost', 'lost']],
  ] as const)('%s: for a reset, an SMS, a top-up', (_, e, expected) => {
    expect([kind(e, 'reset'), kind(e, 'sms'), kind(e, 'topup')]).toEqual(expected);
  });

  test('what is no failure of the provider is thrown on', () => {
    for (const e of [new TypeError('bug'), error('STORE_UNAVAILABLE'), error('STORE_CONFLICT')]) {
      expect(() => kind(e, 'topup')).toThrow(e);
    }
  });
});

describe('a confirmation', () => {
  const key = new Uint8Array(32).fill(7);
  const request: ActionRequest = { action: 'topup', iccids: [A, B], parameters: { payment: 'banktransfer' } };
  const plan = planOf(request, [
    { iccid: A, account: 'f' },
    { iccid: B, account: 'f' },
  ]);
  const costs = [{ account: 'f', sims: 2, amountMinor: 2000n, currency: 'EUR' }];
  const digest = digestOf('demo', request, plan, costs);
  const token = confirmationOf(key, digest, 1000);

  test('opens exactly its own request, whatever the order of its SIMs', () => {
    const turned = { ...request, iccids: [B, A] };
    const same = digestOf(
      'demo',
      turned,
      planOf(turned, [
        { iccid: B, account: 'f' },
        { iccid: A, account: 'f' },
      ]),
      costs,
    );
    expect(expiryOf(key, same, token)).toBe(1000);
  });

  test.each([
    ['tenant', digestOf('other', request, plan, costs)],
    ['action', digestOf('demo', { ...request, action: 'extend' }, plan, costs)],
    ['SIMs', digestOf('demo', request, plan.slice(1), costs)],
    ['parameters', digestOf('demo', { ...request, parameters: { payment: 'creditcard' } }, plan, costs)],
    ['price', digestOf('demo', request, plan, [{ ...costs[0], amountMinor: 2001n } as never])],
  ])('opens no other %s', (_, other) => {
    expect(expiryOf(key, other, token)).toBeUndefined();
  });

  test('cannot be made longer, guessed or taken from another tenant', () => {
    const later = `${(999_999).toString(36)}.${token.split('.')[1]}`;
    for (const forged of [later, '', 'x', `${token}x`, token.slice(0, -1)])
      expect(expiryOf(key, digest, forged)).toBeUndefined();
    expect(expiryOf(new Uint8Array(32), digest, token)).toBeUndefined();
  });
});

test('spending is off unless it is said in full, and free is no price', () => {
  const spending = {
    enabled: true,
    capMinor: '5000',
    currency: 'EUR',
    topUpPriceMinor: '1000',
    extensionPriceMinor: '0',
  };
  expect(priceOf(spendingOf({ spending }), 'topup')).toEqual({ amountMinor: 1000n, currency: 'EUR' });
  expect(priceOf(spendingOf({ spending }), 'extend')).toBeUndefined();
  for (const off of [
    undefined,
    null,
    {},
    { ...spending, enabled: false },
    { ...spending, capMinor: 5000 },
    { ...spending, currency: '€' },
  ]) {
    expect(spendingOf({ spending: off })).toBeUndefined();
  }
});
