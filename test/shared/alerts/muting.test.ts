import { describe, expect, test } from 'vitest';
import type { Alert, AlertStage, Mutes, OutboxEntry } from '../../../shared/alerts/alert.ts';
import { isHeld, type Muter, mutersOf, sortWords, UPLINK_WAIT_MS } from '../../../shared/alerts/muting.ts';
import { handOver, refill } from '../../../shared/alerts/outbox.ts';
import { alertOf, MINUTE, T0 } from './examples.ts';

const PERIOD_SECONDS = 300;
const GRACE_MS = 2 * PERIOD_SECONDS * 1000 + UPLINK_WAIT_MS;
const AFTER_WAIT = T0 + UPLINK_WAIT_MS;

const word = (stage: AlertStage, recipient = 'amina'): OutboxEntry => ({ recipient, stage, detectedAt: T0 });
const FIRST = word('firing-critical');
const LAST = word('resolved');

/** A device behind the gateway that went down at T0, and that nobody was told of yet. */
function behind(part: Partial<Alert> = {}): Alert {
  return alertOf({
    behind: { uplink: 'reach:core/gw', periodSeconds: PERIOD_SECONDS },
    severity: 'critical',
    outbox: [FIRST],
    ...part,
  });
}

const resolved = (at: number, part: Partial<Alert> = {}): Alert =>
  behind({ state: 'resolved', resolvedAt: at, resolvedReason: 'cleared', outbox: [FIRST, LAST], ...part });

/** The gateway's own alert, of which Amina was told. */
function gateway(mutes: Mutes | undefined, part: Partial<Alert> = {}): Alert {
  return alertOf({
    ...{ entity: 'core/gw', entityName: 'Core gw', rule: 'reach-down', fingerprint: 'core/gw#reach-down' },
    told: { amina: 'firing-critical' },
    ...(mutes ? { mutes } : {}),
    ...part,
  });
}

const down = (mutes: Mutes = { since: T0 }, now = T0, part: Partial<Alert> = {}): Muter[] =>
  mutersOf(gateway(mutes, part), now);

function sorted(alert: Alert, muters: readonly Muter[], now: number) {
  const { deliver, drop, muted, waitUntil } = sortWords(alert, muters, now);
  const held = alert.outbox.filter((entry) => !deliver.includes(entry) && !drop.includes(entry));
  const stages = (entries: readonly OutboxEntry[]) => entries.map((entry) => entry.stage);
  return { deliver: stages(deliver), drop: stages(drop), held: stages(held), by: muted?.by, waitUntil };
}
const told = (...deliver: AlertStage[]) => ({ deliver, drop: [], held: [], by: undefined, waitUntil: undefined });
const BY = 'core/gw#reach-down';

describe('the words of an alert', () => {
  test.each<[string, Alert, Muter[], number, object]>([
    ['that hangs on nothing go at once', alertOf({ outbox: [FIRST] }), down(), T0, told('firing-critical')],
    [
      'wait until its uplink can have been judged, and say when that is',
      behind(),
      [],
      AFTER_WAIT - 1,
      { deliver: [], drop: [], held: ['firing-critical'], by: undefined, waitUntil: AFTER_WAIT },
    ],
    ['go after that wait when the uplink is well', behind(), [], AFTER_WAIT, told('firing-critical')],
    [
      'are held back while the uplink is down, however long',
      behind(),
      down(),
      T0 + 600 * MINUTE,
      { deliver: [], drop: [], held: ['firing-critical'], by: BY, waitUntil: undefined },
    ],
    [
      'are held back for two slots more when the uplink is back',
      behind(),
      down({ since: T0, until: T0 + MINUTE }),
      T0 + MINUTE + GRACE_MS - 1,
      { deliver: [], drop: [], held: ['firing-critical'], by: BY, waitUntil: undefined },
    ],
    [
      'go when it is still bad after that',
      behind(),
      down({ since: T0, until: T0 + MINUTE }),
      T0 + MINUTE + GRACE_MS,
      told('firing-critical'),
    ],
    [
      'go when it became bad only after the uplink was back',
      behind({ activeAt: T0 + MINUTE }),
      down({ since: T0, until: T0 + MINUTE }),
      AFTER_WAIT,
      told('firing-critical'),
    ],
    [
      'are dropped, first and last, when it was muted from its first word to its end',
      resolved(T0 + 9 * MINUTE),
      down(),
      T0 + 9 * MINUTE,
      { deliver: [], drop: ['firing-critical', 'resolved'], held: [], by: BY, waitUntil: undefined },
    ],
    [
      'are dropped when it ended within the two slots, whenever somebody looks',
      resolved(T0 + 9 * MINUTE),
      down({ since: T0, until: T0 + 5 * MINUTE }),
      T0 + 600 * MINUTE,
      { deliver: [], drop: ['firing-critical', 'resolved'], held: [], by: BY, waitUntil: undefined },
    ],
    [
      'are told when it ended later than that, however late somebody looks',
      resolved(T0 + 30 * MINUTE),
      down({ since: T0, until: T0 + 5 * MINUTE }),
      T0 + 600 * MINUTE,
      told('firing-critical', 'resolved'),
    ],
    [
      'are told when it ended before the uplink went down',
      resolved(T0 + 5 * MINUTE),
      down({ since: T0 + 6 * MINUTE }),
      T0 + 7 * MINUTE,
      told('firing-critical', 'resolved'),
    ],
    [
      'are told, first and last, when it ended within its wait and nothing muted it',
      resolved(T0 + MINUTE),
      [],
      AFTER_WAIT,
      told('firing-critical', 'resolved'),
    ],
    [
      'end with the last one at once for whoever heard the first one, uplink or not',
      resolved(T0 + 9 * MINUTE, { told: { amina: 'firing-critical' }, outbox: [LAST] }),
      down(),
      T0 + 9 * MINUTE,
      told('resolved'),
    ],
    [
      'do not rise while the uplink is down',
      behind({ told: { amina: 'firing-warning' } }),
      down(),
      T0 + 9 * MINUTE,
      { deliver: [], drop: [], held: ['firing-critical'], by: BY, waitUntil: undefined },
    ],
    [
      'rise at once where the first was told already',
      behind({ told: { amina: 'firing-warning' } }),
      [],
      T0,
      told('firing-critical'),
    ],
    [
      'are told without the rise that was held back, when it is over',
      resolved(T0 + 9 * MINUTE, { told: { amina: 'firing-warning' } }),
      down(),
      T0 + 9 * MINUTE,
      { deliver: ['resolved'], drop: ['firing-critical'], held: [], by: BY, waitUntil: undefined },
    ],
    [
      'go whatever is down, once a relay has let them go: somebody may have them already',
      behind({ outbox: [{ ...FIRST, released: true }] }),
      down(),
      T0,
      told('firing-critical'),
    ],
    [
      'end with the last one where the first was let go by a relay that died then',
      resolved(T0 + 9 * MINUTE, { outbox: [{ ...FIRST, released: true }, LAST] }),
      down(),
      T0 + 9 * MINUTE,
      told('firing-critical', 'resolved'),
    ],
    [
      'go to whoever hears nothing of the uplink',
      behind(),
      down({ since: T0 }, T0, { told: { bob: 'firing-critical' } }),
      AFTER_WAIT,
      told('firing-critical'),
    ],
    [
      'are held back also while the word about the uplink itself waits',
      behind(),
      down({ since: T0 }, T0, { told: {}, outbox: [FIRST] }),
      T0,
      { deliver: [], drop: [], held: ['firing-critical'], by: BY, waitUntil: undefined },
    ],
  ])('%s', (_, alert, muters, now, expected) => {
    expect(sorted(alert, muters, now)).toEqual(expected);
  });

  test('are held back for those who hear of the uplink, and go to the others', () => {
    const alert = behind({ outbox: [FIRST, word('firing-critical', 'bob')] });
    const { deliver, muted } = sortWords(alert, down(), AFTER_WAIT);
    expect(deliver.map((entry) => entry.recipient)).toEqual(['bob']);
    expect(muted).toMatchObject({ by: BY });
  });
});

describe('an alert mutes', () => {
  const FRESH = { since: T0, freshSeconds: 3 * PERIOD_SECONDS };
  const untilOf = (mutes: Mutes | undefined, now: number, part: Partial<Alert> = {}) =>
    mutersOf(gateway(mutes, part), now).map((one) => one.until);

  test('nothing where its rule does not say so', () => {
    expect(untilOf(undefined, T0)).toEqual([]);
  });
  test('while it is judged again slot by slot', () => {
    expect(untilOf(FRESH, T0 + 16 * MINUTE)).toEqual([undefined]);
  });
  test('no longer when nobody could judge it for three slots: nobody knows that it is down', () => {
    expect(untilOf(FRESH, T0 + 17 * MINUTE)).toEqual([T0 + 15 * MINUTE + UPLINK_WAIT_MS]);
  });
  test('as long as it is open when it is about silence, which the clock judges', () => {
    expect(untilOf({ since: T0 }, T0 + 600 * MINUTE)).toEqual([undefined]);
  });
  test('also as the episode that waits behind the last words of the one before', () => {
    const next = gateway({ since: T0 + 9 * MINUTE }, { activeAt: T0 + 9 * MINUTE, told: {}, outbox: [FIRST] });
    const muters = mutersOf(gateway({ since: T0, until: T0 + MINUTE }, { state: 'resolved', next }), T0);
    expect(muters.map((one) => [one.episode, one.until, one.hears('amina')])).toEqual([
      [T0, T0 + MINUTE, true],
      [T0 + 9 * MINUTE, undefined, true],
    ]);
  });
});

describe('what is noted', () => {
  const MUTED = { by: BY, episode: T0, name: 'Core gw', since: T0 };

  test('is who mutes it and since when, and stays the same at each look', () => {
    const first = sortWords(behind(), down(), T0 + MINUTE).muted;
    expect(first).toEqual(MUTED);
    expect(sortWords(behind({ muted: MUTED }), down(), T0 + 9 * MINUTE).muted).toEqual(MUTED);
  });
  test('begins with the word that is held back, not with an outage of yesterday', () => {
    const alert = behind({ firedAt: T0 + 60 * MINUTE, activeAt: T0 + 60 * MINUTE });
    expect(sortWords(alert, down(), T0 + 60 * MINUTE).muted?.since).toBe(T0 + 60 * MINUTE);
  });
  test('stands in the timeline once, and goes with the word that is told in the end', () => {
    const held = handOver(behind(), [], T0, { dropped: [], muted: MUTED }).alert;
    const again = handOver(held, [], T0 + MINUTE, { dropped: [], muted: MUTED });
    expect(again.alert).toBe(held);
    const ended = handOver(held, [], T0 + MINUTE, { dropped: [], muted: { ...MUTED, until: T0 + MINUTE } }).alert;
    const given = handOver(ended, [FIRST], T0 + 20 * MINUTE, { dropped: [], muted: undefined }).alert;
    expect(given).toMatchObject({ outbox: [], told: { amina: 'firing-critical' } });
    expect(given.muted).toBeUndefined();
    expect(given.timeline.map((row) => row.event)).toEqual(['muted', 'unmuted', 'told']);
  });
  test('words that are dropped are told to nobody', () => {
    const { alert } = handOver(resolved(T0), [], T0, { dropped: [FIRST, LAST], muted: MUTED });
    expect(alert).toMatchObject({ outbox: [], told: {}, muted: MUTED });
  });
  test('nothing is dropped that was let go meanwhile, and its rise goes after it', () => {
    const mild = word('firing-warning');
    const free = handOver(behind({ outbox: [mild], severity: 'warning' }), [], T0, {
      ...{ dropped: [], muted: undefined },
      released: [mild],
    }).alert;
    expect(free.outbox).toEqual([{ ...mild, released: true }]);
    expect(handOver(free, [], T0, { dropped: [mild], muted: undefined }).alert).toBe(free);
    const { outbox } = refill({ ...free, severity: 'critical' }, [{ id: 'amina', minSeverity: 'info' }], T0 + MINUTE);
    expect(outbox).toEqual([{ ...FIRST, detectedAt: T0 + MINUTE, released: true }]);
  });
  test('a hand-over that knows nothing of uplinks leaves it', () => {
    expect(handOver(behind({ muted: MUTED }), [FIRST], T0).alert.muted).toEqual(MUTED);
  });
});

describe('the minute sweep leaves alone', () => {
  const MUTED = { by: BY, episode: T0, name: 'Core gw', since: T0 };
  const held = (alert: Alert, uplink: Alert | undefined, now: number): boolean =>
    isHeld(alert, new Map(uplink ? [[uplink.fingerprint, uplink]] : []), now);
  const ENDED = { ...MUTED, until: T0 + MINUTE };

  test.each<[string, Alert, Alert | undefined, number, boolean]>([
    [
      'what is muted by an alert that still is open',
      behind({ muted: MUTED }),
      gateway({ since: T0 }),
      AFTER_WAIT,
      true,
    ],
    ['nothing whose uplink is gone from the open ones', behind({ muted: MUTED }), undefined, AFTER_WAIT, false],
    [
      'nothing whose uplink is back and that does not know of it',
      behind({ muted: MUTED }),
      gateway({ since: T0, until: T0 + MINUTE }),
      AFTER_WAIT,
      false,
    ],
    ['what waits for two slots after the end that was noted', behind({ muted: ENDED }), undefined, AFTER_WAIT, true],
    ['nothing when these are over', behind({ muted: ENDED }), undefined, T0 + MINUTE + GRACE_MS, false],
    ['what waits for the judgement of its uplink', behind(), undefined, AFTER_WAIT - 1, true],
    ['nothing that waited long enough', behind(), undefined, AFTER_WAIT, false],
    ['nothing that hangs on nothing', alertOf({ outbox: [FIRST] }), undefined, T0, false],
    ['nothing that is over', resolved(T0 + MINUTE, { muted: MUTED }), gateway({ since: T0 }), AFTER_WAIT, false],
    [
      'nothing of a later episode of the uplink',
      behind({ muted: MUTED }),
      gateway({ since: T0 }, { activeAt: T0 + 1 }),
      AFTER_WAIT,
      false,
    ],
  ])('%s', (_, alert, uplink, now, expected) => {
    expect(held(alert, uplink, now)).toBe(expected);
  });
});
