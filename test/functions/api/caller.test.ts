import { beforeEach, describe, expect, test } from 'vitest';
import { type Callers, createCallers } from '../../../functions/api/caller.ts';
import type { TenantStore } from '../../../shared/entities/entities.port.ts';
import { type Member, ROLES, type Role, type Tenant } from '../../../shared/entities/tenant.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { MovableClock, tenantNamed } from '../../shared/collect/fakes.ts';

let clock: MovableClock;
let members: Map<string, Member>;
let tenants: Map<string, Tenant>;
let reads: number;
let callers: Callers;
const bearer = (subject: string) => `Bearer h.${subject}.s`;

beforeEach(() => {
  clock = new MovableClock();
  members = new Map();
  tenants = new Map([['demo', tenantNamed('demo')]]);
  reads = 0;
  for (const role of ROLES) members.set(role, { subject: role, tenant: 'demo', role, disabled: false });
  const store = {
    readMember: async (subject: string) => {
      reads += 1;
      return members.get(subject);
    },
    readTenant: async (name: string) => tenants.get(name),
  } as unknown as TenantStore;
  const tokens = {
    verify: async (token: string) => {
      const subject = token.split('.')[1] ?? '';
      if (subject === 'forged') throw new AppError('UNAUTHENTICATED', 'forged');
      return subject;
    },
  };
  callers = createCallers({ tokens, tenants: store, clock });
});

test('a member is who the token says, in the tenant and role that the membership says', async () => {
  expect(await callers.identify(bearer('admin'), 'viewer')).toEqual({
    subject: 'admin',
    tenant: tenantNamed('demo'),
    role: 'admin',
  });
});

const ORDER: [Role, string[]][] = [
  ['reseller', []],
  ['viewer', ['viewer']],
  ['operator', ['viewer', 'operator']],
  ['admin', ['viewer', 'operator', 'admin']],
  ['owner', ['viewer', 'operator', 'admin', 'owner']],
];
test.each(ORDER)('the role %s may what needs %j', async (role, may) => {
  for (const needs of ['viewer', 'operator', 'admin', 'owner'] as const) {
    const asked = callers.identify(bearer(role), needs);
    if (may.includes(needs)) await expect(asked).resolves.toMatchObject({ role });
    else
      await expect(asked).rejects.toMatchObject({
        code: 'FORBIDDEN',
        message: `this needs the role ${needs}; yours is ${role}`,
      });
  }
});

describe('no token', () => {
  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b',
    'Bearer a.b.c.d',
    'Basic a.b.c',
    'a.b.c',
    'Bearer a.b.c d',
    'Bearer a.b.',
    ' Bearer a.b.c',
    'Bearer a.b.c\n',
  ])('%j is 401, with how to send one', async (header) => {
    await expect(callers.identify(header, 'viewer')).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('Authorization: Bearer'),
    });
    expect(reads).toBe(0);
  });
  test('nor does a forged one reach the table', async () => {
    await expect(callers.identify(bearer('forged'), 'viewer')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(reads).toBe(0);
  });
});

describe('who is no member', () => {
  test.each<[string, () => void]>([
    ['was never one', () => members.delete('admin')],
    ['was disabled', () => members.set('admin', { subject: 'admin', tenant: 'demo', role: 'admin', disabled: true })],
    ['belongs to a tenant that is not there', () => tenants.clear()],
    ['belongs to a tenant that was removed', () => tenants.set('demo', tenantNamed('demo', { removedAt: 1 }))],
  ])('because they %s is 403, with one and the same sentence', async (_, change) => {
    change();
    await expect(callers.identify(bearer('admin'), 'viewer')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'this identity is no member of any tenant, or was disabled',
    });
  });
});

describe('the memory of memberships', () => {
  test('spares the table for 30 s, and a disabled member is out then', async () => {
    await callers.identify(bearer('admin'), 'viewer');
    members.set('admin', { subject: 'admin', tenant: 'demo', role: 'admin', disabled: true });
    clock.advance(29_999);
    await expect(callers.identify(bearer('admin'), 'viewer')).resolves.toBeDefined();
    expect(reads).toBe(1);
    clock.advance(1);
    await expect(callers.identify(bearer('admin'), 'viewer')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(reads).toBe(2);
  });
  test('is of one subject: another gets no share of it', async () => {
    await callers.identify(bearer('owner'), 'owner');
    await expect(callers.identify(bearer('viewer'), 'owner')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
  test('is bounded', async () => {
    for (let i = 0; i < 2500; i++) await callers.identify(bearer(`nobody${i}`), 'viewer').catch(() => undefined);
    await callers.identify(bearer('admin'), 'viewer');
    expect(reads).toBe(2501);
  });
  test('does not keep what the store could not tell', async () => {
    const failing = createCallers({
      tokens: { verify: async () => 'x' },
      clock,
      tenants: {
        readMember: async () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'no')),
      } as unknown as TenantStore,
    });
    for (let i = 0; i < 2; i++)
      await expect(failing.identify(bearer('x'), 'viewer')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
