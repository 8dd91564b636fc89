/** What every driver of limits must do, whatever router stands behind it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RouterLimits } from '../../shared/interfaces/limits.port.ts';
import type { Limit, Queue } from '../../shared/interfaces/limits.ts';
import { AppError, type ErrorCode } from '../../shared/platform/errors.ts';

/** What the queues of a make hold, and what stands for it here. */
export interface Holds {
  readonly kind: 'addresses' | 'interfaces';
  readonly held: string;
  /** Behind no queue. */
  readonly free: string;
}

/** A router with `held` behind the queue `FIRST` at 50/50 Mb/s, and with the dynamic queue `DYNAMIC` where it holds addresses. */
export interface LimitsUnderTest {
  readonly limits: RouterLimits;
  /** Answers the next change as if it were done, and does nothing. */
  loseNextWrite(): void;
  /** Somebody at the router changes the limit of `FIRST`. */
  drift(limit: Limit): void | Promise<void>;
  close(): Promise<void>;
}

export const FIRST = 'reseller_r1001';
export const HELD = '198.51.100.1';
export const DYNAMIC = '<pppoe-r1041>';
export const DYNAMIC_HELD = '198.51.100.41';
const ADDRESSES: Holds = { kind: 'addresses', held: HELD, free: '198.51.100.200' };

export const limit = (sentMbps: number | undefined, receivedMbps = sentMbps): Limit => ({
  fromTargetBitsPerSecond: sentMbps === undefined ? undefined : sentMbps * 1e6,
  toTargetBitsPerSecond: receivedMbps === undefined ? undefined : receivedMbps * 1e6,
});

export function routerLimitsContract(
  name: string,
  open: () => Promise<LimitsUnderTest>,
  { kind, held, free }: Holds = ADDRESSES,
): void {
  const testOf = (held: typeof kind) => (kind === held ? test : () => undefined) as typeof test;
  const [addressTest, interfaceTest] = [testOf('addresses'), testOf('interfaces')];
  describe(name, () => {
    let under: LimitsUnderTest;
    let limits: RouterLimits;
    beforeEach(async () => {
      under = await open();
      limits = under.limits;
    });
    afterEach(async () => {
      limits.close();
      await under.close();
    });

    const queue = async (wanted = FIRST): Promise<Queue | undefined> =>
      (await limits.readQueues()).queues.find((one) => one.name === wanted);
    const write = (l: Limit, wanted = FIRST, targets = [held]) =>
      limits.writeLimit({ name: wanted, targets, limit: l });
    async function failure(act: Promise<unknown>): Promise<[ErrorCode, string]> {
      const error = await act.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(AppError);
      return [(error as AppError).code, (error as AppError).message];
    }

    test('tells each queue with its targets and its limit in either direction', async () => {
      expect(await queue()).toMatchObject({
        ...{ targets: [held], limit: limit(50), dynamic: false, disabled: false },
      });
    });

    addressTest('tells queues of sessions as such', async () => {
      expect(await queue(DYNAMIC)).toMatchObject({ targets: [DYNAMIC_HELD], dynamic: true });
    });

    test('a change answers what the router has afterwards, and the next reading says the same', async () => {
      expect((await write(limit(10, 30))).limit).toEqual(limit(10, 30));
      expect((await queue())?.limit).toEqual(limit(10, 30));
    });

    test('one direction alone may be without a limit', async () => {
      expect((await write(limit(undefined, 20))).limit).toEqual(limit(undefined, 20));
    });

    addressTest('both directions may be without a limit', async () => {
      expect((await write(limit(undefined))).limit).toEqual(limit(undefined));
    });

    interfaceTest('without any limit there is no queue, and two interfaces are no one queue', async () => {
      expect(await failure(write(limit(undefined)))).toEqual(['REQUEST_INVALID', expect.stringContaining('limit')]);
      const both = await failure(write(limit(5), 'reseller_r1200', [free, held]));
      expect(both).toEqual(['REQUEST_INVALID', expect.stringContaining('must be one interface')]);
    });

    interfaceTest('an address is refused with what to give instead, before anything is asked', async () => {
      const before = limits.operations.length;
      for (const act of [write(limit(5), FIRST, [HELD]), limits.cut([HELD]), limits.reconnect(['198.51.100.0/28'])]) {
        expect(await failure(act)).toEqual(['REQUEST_INVALID', expect.stringContaining('give the interface')]);
      }
      expect(limits.operations).toHaveLength(before);
    });

    interfaceTest('a queue moves to another interface whole', async () => {
      expect(await write(limit(20), FIRST, [free])).toMatchObject({ targets: [free], limit: limit(20) });
      expect(await write(limit(5), 'reseller_r1200', [held])).toMatchObject({ targets: [held], limit: limit(5) });
      expect(await queue()).toMatchObject({ targets: [free], limit: limit(20) });
    });

    test('a limit of 0 is refused: it would mean none at all', async () => {
      expect((await failure(write(limit(0))))[0]).toBe('REQUEST_INVALID');
      expect((await queue())?.limit).toEqual(limit(50));
    });

    test('what is so already is left alone, and twice is once', async () => {
      await write(limit(20));
      const before = (await limits.readQueues()).queues;
      await write(limit(20));
      expect((await limits.readQueues()).queues.map(({ name: n, limit: l }) => [n, l])).toEqual(
        before.map(({ name: n, limit: l }) => [n, l]),
      );
    });

    test('a queue that is not there is added, and can be taken away, also twice', async () => {
      const added = await write(limit(5), 'reseller_r1200', [free]);
      expect(added).toMatchObject({ name: 'reseller_r1200', targets: [free], limit: limit(5) });
      await limits.removeQueue('reseller_r1200');
      await limits.removeQueue('reseller_r1200');
      expect(await queue('reseller_r1200')).toBeUndefined();
    });

    test('a queue behind one that holds the same target is refused, and nothing is changed', async () => {
      const [code, said] = await failure(write(limit(5), 'reseller_r1200', [held]));
      expect(code).toBe('SOURCE_MALFORMED');
      expect(said).toContain(FIRST);
      expect(await queue('reseller_r1200')).toBeUndefined();
    });

    test('a change that was answered and not made is seen in what is read back', async () => {
      under.loseNextWrite();
      expect((await write(limit(10))).limit).toEqual(limit(50));
    });

    test('an addition that was answered and not made is an error', async () => {
      under.loseNextWrite();
      expect(await failure(write(limit(5), 'reseller_r1200', [free]))).toEqual([
        'SOURCE_MALFORMED',
        expect.stringMatching(/does not (have it|exist)/),
      ]);
    });

    test('what somebody changed by hand is told, and changed back when that is asked for', async () => {
      await under.drift(limit(1));
      expect((await queue())?.limit).toEqual(limit(1));
      expect((await write(limit(50))).limit).toEqual(limit(50));
    });

    addressTest('a dynamic queue is refused with a sentence that says so', async () => {
      for (const act of [() => write(limit(5), DYNAMIC, [DYNAMIC_HELD]), () => limits.removeQueue(DYNAMIC)]) {
        expect(await failure(act())).toEqual(['SOURCE_MALFORMED', expect.stringContaining('itself for a session')]);
      }
    });

    test('cutting off is told, does nothing the second time, and ends with reconnecting; the queue stays as it is', async () => {
      expect(await limits.readCut()).toEqual([]);
      await limits.cut([held]);
      await limits.cut([kind === 'addresses' ? `${held}/32` : held]);
      expect(await limits.readCut()).toEqual([held]);
      expect(await queue()).toMatchObject({ limit: limit(50), disabled: false });
      await limits.reconnect([held]);
      await limits.reconnect([held]);
      expect(await limits.readCut()).toEqual([]);
    });

    addressTest(
      'prefixes and IPv6 are cut as well; whoever stands inside another cut prefix is not said to be connected',
      async () => {
        await limits.cut(['198.51.100.0/28', '2001:db8:1::/48', held]);
        expect(new Set(await limits.readCut())).toEqual(new Set(['198.51.100.0/28', '2001:db8:1::/48', held]));
        expect(await failure(limits.reconnect([held]))).toEqual([
          'SOURCE_MALFORMED',
          expect.stringContaining(`still cuts off ${held}`),
        ]);
        await limits.reconnect(['198.51.100.0/28', '2001:db8:1::/48']);
        expect(await limits.readCut()).toEqual([]);
      },
    );

    addressTest('whoever has an address that is still cut off is not said to be connected', async () => {
      await limits.cut([held, free]);
      expect(await failure(limits.reconnect(['198.51.100.0/28']))).toEqual([
        'SOURCE_MALFORMED',
        expect.stringContaining('still cuts off 198.51.100.0/28'),
      ]);
      await limits.reconnect([held]);
      await limits.reconnect(['198.51.100.0/28']);
      expect(await limits.readCut()).toEqual([free]);
    });

    test('a cut that was answered and not made is an error', async () => {
      await limits.cut([free]);
      under.loseNextWrite();
      expect((await failure(limits.cut([held])))[0]).toBe('SOURCE_MALFORMED');
      expect(await limits.readCut()).toEqual([free]);
    });

    addressTest('an interface cannot be cut off by its name', async () => {
      expect((await failure(limits.cut(['ether1'])))[0]).toBe('REQUEST_INVALID');
    });
  });
}
