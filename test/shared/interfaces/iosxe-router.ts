/** A scripted IOS-XE from the fixtures, and a job to read it: what the tests of the RESTCONF driver share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CollectJob } from '../../../shared/collect/collector.port.ts';
import { PASSWORD, type Script, type Scripted, USER } from './routeros-router.ts';
import { jobFor } from './table-agent.ts';

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/iosxe', `${name}.json`), 'utf8'));
}

export type Row = Record<string, unknown> & { statistics: Record<string, unknown> };

export const ciscoRows = () => Object.values(fixture('interfaces') as Record<string, Row[]>)[0] ?? [];
export const ietfRows = () => Object.values(fixture('older-interfaces') as Record<string, Row[]>)[0] ?? [];
export const cisco = (rows: unknown) => ({ 'Cisco-IOS-XE-interfaces-oper:interface': rows });
export const ietf = (rows: unknown) => ({ 'ietf-interfaces:interface': rows });

/** A row as releases before 17.2 have it. */
export function oldRow(row: Row): Row {
  const { 'out-octets-64': _wide, ...statistics } = row.statistics;
  return { ...row, statistics };
}

export const INTERFACES = '/restconf/data/Cisco-IOS-XE-interfaces-oper:interfaces/interface';
export const OLDER = '/restconf/data/ietf-interfaces:interfaces-state/interface';
export const SYSTEM =
  '/restconf/data/Cisco-IOS-XE-device-hardware-oper:device-hardware-data/device-hardware/device-system-data';

/** What a good router answers, from the fixtures, but for the paths that `other` has. */
export function goodIosxe(other: Readonly<Record<string, Scripted>> = {}): Script {
  const good: Readonly<Record<string, Scripted>> = {
    [INTERFACES]: { body: fixture('interfaces') },
    [OLDER]: { body: fixture('older-interfaces') },
    [SYSTEM]: { body: fixture('system') },
  };
  return ({ url }) => {
    const path = url.split('?', 1)[0] ?? '';
    return other[path] ?? good[path] ?? { status: 404, body: (fixture('errors') as Record<string, unknown>).notFound };
  };
}

/** A job for a router on loopback over plain HTTP, unless the settings say otherwise. */
export function iosxeJob(port: number, overrides: Parameters<typeof jobFor>[1] = {}): CollectJob {
  const { settings = { plainHttp: true }, secret = { user: USER, password: PASSWORD }, ...more } = overrides;
  const job = jobFor(port, { ...more, settings, secret });
  return { ...job, source: { ...job.source, type: 'iosxe' } };
}
