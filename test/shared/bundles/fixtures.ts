/** Synthetic answers of Taara, as authored after the documented shapes, and the contexts to convert them in. */
import { readFileSync } from 'node:fs';
import type { ConvertContext } from '../../../shared/bundles/taara.convert.ts';
import type { TaaraBundleResponse } from '../../../shared/bundles/taara.wire.ts';
import { taaraBundleResponse } from '../../../shared/bundles/taara.wire.ts';
import type { Source } from '../../../shared/collect/source.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { HeadEntity } from '../../../shared/samples/sample.ts';

export const NOW = Date.parse('2026-11-20T12:00:00Z');
export const HOME = 'home/0000000000000000000000a1';
export const TRIAL = 'home/0000000000000000000000b2';

export function fixtureText(name: string): string {
  return readFileSync(new URL(`../../fixtures/taara/${name}.json`, import.meta.url), 'utf8');
}

export function bundleFixture(name: string): TaaraBundleResponse {
  return taaraBundleResponse.parse(JSON.parse(fixtureText(name)));
}

export function contextOf(over: Partial<ConvertContext> = {}): ConvertContext {
  return {
    account: { id: 'home', name: 'Home link', simulated: false },
    settings: {},
    receivedAt: NOW,
    ...over,
  };
}

export function entityOf(over: Partial<Entity> = {}): Entity {
  return {
    tenant: 'demo',
    kind: 'bundle',
    id: HOME,
    target: 'home',
    name: 'Home link: 1 Month Unlimited',
    attributes: {
      account: 'home',
      planId: '0000000000000000000000a1',
      planName: '1 Month Unlimited',
      unlimited: false,
      isActive: true,
    },
    labels: { account: 'home' },
    simulated: false,
    firstSeenAt: NOW - 86_400_000,
    ...over,
  };
}

export function newestOf(values: Record<string, bigint>, over: Partial<HeadEntity> = {}): HeadEntity {
  return { entity: HOME, slot: NOW - 900_000, receivedAt: NOW - 899_000, values, increases: {}, ...over };
}

export function sourceOf(over: Partial<Source> = {}): Source {
  return {
    tenant: 'demo',
    id: 'home',
    type: 'taara',
    kind: 'bundle',
    name: 'Home link',
    enabled: true,
    periodSeconds: 900,
    settings: {},
    simulated: true,
    createdAt: NOW,
    version: 1,
    ...over,
  };
}
