import { expect, test } from 'vitest';
import { readXlsx } from '../../../shared/platform/xlsx-read.ts';
import type { ShownSim } from '../../../shared/sims/shown-sim.ts';
import {
  EXPORT_COLUMNS,
  exportRow,
  type SimExportRow,
  simsAsCsv,
  simsAsXlsx,
} from '../../../shared/sims/sims-export.ts';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const full: SimExportRow = {
  iccid: '8988000000000000001',
  account: 'acct',
  label: '=cmd()',
  status: 'enabled',
  dataLevel: 'low',
  dataRemaining: 50_123_456n,
  dataTotal: 500_000_000n,
  dataExpiresAt: NOON,
  smsRemaining: -3n,
  usageToday: 1n,
  lastSeenAt: NOON - 1000,
  countryCode: 'KE',
  operatorName: 'Example, Ltd',
  imei: '0000000000000018',
  msisdn: '882000000000001',
  tags: ['a', 'b'],
  group: '-',
  thresholdPercent: 12.5,
  readAt: NOON,
};

test('a SIM is one line of CSV, unknown values are empty', () => {
  const [header, first, second] = [...simsAsCsv([full, { iccid: '8988000000000000002', account: 'acct', tags: [] }])]
    .join('')
    .split('\r\n');
  expect(header).toBe(
    '\uFEFFiccid,label,status,quota,data remaining MB,data total MB,percent,data expires,sms remaining,usage today MB,last seen,country,operator,imei,msisdn,tags,group,threshold percent,account,read at',
  );
  expect(first).toBe(
    "8988000000000000001,'=cmd(),enabled,low,50.123456,500,10.0246,2026-11-20T12:00:00.000Z,-3,0.000001,2026-11-20T11:59:59.000Z,KE,\"Example, Ltd\",0000000000000018,882000000000001,a;b,''-,12.5,acct,2026-11-20T12:00:00.000Z",
  );
  expect(second).toBe(`8988000000000000002${','.repeat(18)}acct,`);
});

test('and one row of a workbook, with its digits and without a formula', () => {
  const [header, first] = [...readXlsx(Buffer.concat([...simsAsXlsx([full])]))];
  expect(header).toEqual({ line: 1, cells: EXPORT_COLUMNS });
  expect(first && 'cells' in first && first.cells).toEqual([
    ...['8988000000000000001', '=cmd()', 'enabled', 'low', '50.123456', '500', '10.0246', '2026-11-20T12:00:00.000Z'],
    ...['-3', '0.000001', '2026-11-20T11:59:59.000Z', 'KE', 'Example, Ltd', '0000000000000018', '882000000000001'],
    ...['a;b', "'-", '12.5', 'acct', '2026-11-20T12:00:00.000Z'],
  ]);
});

test('what is shown of a SIM is what is exported: the stored note, and no use of yesterday as use of today', () => {
  const sim: ShownSim = {
    iccid: full.iccid,
    account: { id: 'acct', name: 'Account', octetsPerMegabyte: 1_000_000, walkedAt: undefined },
    attributes: { iccid: full.iccid, account: 'acct', status: 'Activated', enabled: true, countryCode: 'KE' },
    note: { iccid: full.iccid, tags: ['old'] },
    simulated: false,
    firstSeenAt: 1,
    newest: {
      entity: 'acct.0001/x',
      receivedAt: NOON - 86_400_000,
      values: { dataRemaining: 5n, dataTotal: 0n, usageToday: 7n, lastSeen: 1000n },
      increases: {},
    } as unknown as NonNullable<ShownSim['newest']>,
  };
  const row = exportRow(sim, { iccid: sim.iccid, tags: ['new'], group: 'north' }, NOON);
  expect(row).toMatchObject({
    status: 'enabled',
    tags: ['new'],
    group: 'north',
    dataRemaining: 5n,
    lastSeenAt: 1_000_000,
  });
  expect([row.usageToday, row.label, row.thresholdPercent, row.readAt]).toEqual([
    undefined,
    undefined,
    undefined,
    NOON - 86_400_000,
  ]);
  expect([...simsAsCsv([row])].join('')).toContain('0.000005,0,,');
});
