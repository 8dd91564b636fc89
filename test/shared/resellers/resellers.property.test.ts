import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coversTarget, type Queue } from '../../../shared/interfaces/limits.ts';
import { blocking, differences, stillCut, uncut } from '../../../shared/resellers/compare.ts';
import {
  bitsOfMbps,
  canonicalNetwork,
  mbpsOfBits,
  overlap,
  type WantedPlace,
  wantedPlaces,
} from '../../../shared/resellers/reseller.ts';
import { changed, resellerViewOf, toRecord } from '../../../shared/resellers/resellers.convert.ts';
import { newReseller } from '../../../shared/resellers/resellers-fields.contract.ts';

const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc
  .tuple(byte, byte, fc.integer({ min: 8, max: 32 }))
  .map(([a, b, prefix]) => canonicalNetwork(`10.${a}.${b}.0/${prefix}`) ?? '');
const ipv6 = fc
  .tuple(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 16, max: 128 }))
  .map(([group, prefix]) => canonicalNetwork(`2001:db8:${group.toString(16)}::/${prefix}`) ?? '');
const network = fc.oneof(ipv4, ipv6);
const port = fc.integer({ min: 0, max: 9 }).map((n) => `ge-0/0/${n}.10`);
const target = fc.oneof(network, port);
const networks = fc.array(network, { maxLength: 5 });
const rate = fc.integer({ min: 64, max: 100_000_000 }).map((kilobits) => kilobits / 1000);
const text = fc.stringMatching(/^[A-Za-zé<>'"&]{1,20}$/);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const reseller = fc.record({
  id: fc.stringMatching(/^[a-z][a-z0-9]{0,39}$/),
  name: text,
  phone: optional(fc.integer({ min: 100, max: 999 }).map((n) => `+447700900${n}`)),
  email: optional(fc.constant('noc@example.test')),
  addresses: optional(networks),
  routers: optional(
    fc.array(
      fc.record({
        router: fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
        queue: optional(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,30}$/)),
        targets: optional(fc.array(target, { minLength: 1, maxLength: 5 })),
        interfaces: optional(fc.array(text, { maxLength: 3 })),
      }),
      { maxLength: 3 },
    ),
  ),
  plan: optional(fc.record({ name: optional(text), downMbps: rate, upMbps: optional(rate) })),
  note: optional(text),
});

/** What the API shows, as somebody would send it again. */
function sentAgain(view: ReturnType<typeof resellerViewOf>): unknown {
  const { id, name, phone, email, addresses, routers, plan, note } = view;
  const said = (fields: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return said({
    ...{ id, name, phone, email, addresses, note },
    routers: routers.map((one) => said(one)),
    plan: plan && said(plan),
  });
}

test('what is shown of a reseller, sent again, is the same reseller', () => {
  fc.assert(
    fc.property(reseller, (given) => {
      const body = JSON.parse(JSON.stringify(given));
      const record = toRecord('demo', newReseller.parse(body), 0);
      const again = newReseller.parse(sentAgain(resellerViewOf(record, [])));
      expect(toRecord('demo', again, 0)).toEqual(record);
      expect(changed(record, {})).toEqual(record);
      expect(changed(record, { phone: null, note: null })).not.toHaveProperty('phone');
    }),
  );
});

test('no rate that the API takes is bent on its way', () => {
  fc.assert(
    fc.property(rate, (mbps) => {
      const bits = bitsOfMbps(mbps);
      expect(Number.isSafeInteger(bits)).toBe(true);
      expect(mbpsOfBits(bits)).toBe(mbps);
    }),
  );
});

test('a canonical network is its own canonical form, and overlapping is mutual', () => {
  fc.assert(
    fc.property(target, target, (a, b) => {
      expect(canonicalNetwork(a) ?? a).toBe(a);
      expect(overlap(a, b)).toBe(overlap(b, a));
      expect(overlap(a, b)).toBe(coversTarget(a, b) || coversTarget(b, a));
      if (coversTarget(a, b) && coversTarget(b, a)) expect(a).toBe(b);
    }),
  );
});

test('the router that has exactly what is wanted does not differ, and whoever is cut off is not let pass', () => {
  const limit = { toTargetBitsPerSecond: 5, fromTargetBitsPerSecond: 6 };
  fc.assert(
    fc.property(
      fc.array(target, { minLength: 1, maxLength: 4 }),
      fc.array(target, { maxLength: 5 }),
      (targets, cut) => {
        const place = { router: 'core', queue: 'q', targets };
        const active: WantedPlace = { ...place, cut: false, limit };
        const queue: Queue = { name: 'q', targets: targets.toReversed(), limit, dynamic: false, disabled: false };
        expect(differences(active, { queue, cut: [] })).toEqual([]);
        expect(differences(active, { queue, cut }).length > 0).toBe(blocking(targets, cut).length > 0);
        const suspended: WantedPlace = { ...place, cut: true };
        expect(differences(suspended, { queue: undefined, cut: targets })).toEqual([]);
        expect(differences(suspended, { queue, cut }).length > 0).toBe(uncut(targets, cut).length > 0);
        expect(stillCut(targets, cut).every((target) => blocking([target], cut).length > 0)).toBe(true);
      },
    ),
  );
});

test('a place is wanted where there are targets, and a plan or a suspension', () => {
  const mapping = { router: 'core', queue: 'q', interfaces: [] };
  const addresses = ['192.0.2.5/32'];
  const plan = { toTargetBitsPerSecond: 1, fromTargetBitsPerSecond: 2 };
  const place = { router: 'core', queue: 'q', targets: addresses };
  expect(wantedPlaces({ addresses, routers: [mapping], status: 'active' })).toEqual([]);
  expect(wantedPlaces({ addresses, routers: [mapping], status: 'active', plan })).toEqual([
    { ...place, cut: false, limit: plan },
  ]);
  expect(wantedPlaces({ addresses, routers: [mapping], status: 'suspended', plan })).toEqual([{ ...place, cut: true }]);
  const ports = { ...mapping, interfaces: ['ether5'] };
  expect(wantedPlaces({ addresses, routers: [ports], status: 'suspended', plan })).toEqual([]);
  expect(wantedPlaces({ addresses: [], routers: [mapping], status: 'suspended', plan })).toEqual([]);
});
