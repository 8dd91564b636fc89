/** The least that reading a router's interfaces can cost: the same answers, fetched and parsed by others, and thrown away. */
import { createSession, Version2c } from 'net-snmp';
import { COLUMNS } from '../shared/interfaces/snmp.wire.ts';
import type { RouterType } from './interfaces-routers.ts';
import { expectSame, type Run } from './measure.ts';

export interface Floor {
  readonly title: string;
  readonly run: Run;
}

export interface FloorOptions {
  readonly ports: Readonly<Record<RouterType, number>>;
  readonly login: { readonly user: string; readonly password: string };
  readonly community: string;
  readonly interfaces: number;
}

/** As many rows as the driver asks of one datagram at first. */
const MAX_REPETITIONS = 25;
const IOSXE_LIST = '/restconf/data/Cisco-IOS-XE-interfaces-oper:interfaces/interface';

export function floorsOf({ ports, login, community, interfaces }: FloorOptions): Floor[] {
  const authorization = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const fetched = async (port: number, path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } });
    return JSON.parse(await answer.text());
  };
  return [
    {
      title: 'floor: net-snmp, two columns',
      run: () => twoColumns(ports.snmp, community, interfaces),
    },
    {
      title: 'floor: fetch and JSON.parse of /rest/interface',
      run: async () => expectRows(interfaces, await fetched(ports.routeros, '/rest/interface')),
    },
    {
      title: 'floor: fetch and JSON.parse of the IOS-XE list, all fields',
      run: async () => {
        const [rows] = Object.values((await fetched(ports.iosxe, IOSXE_LIST)) as Record<string, unknown>);
        expectRows(interfaces, rows);
      },
    },
  ];
}

function expectRows(interfaces: number, rows: unknown): void {
  expectSame('rows', interfaces, Array.isArray(rows) ? rows.length : 0);
}

async function twoColumns(port: number, community: string, interfaces: number): Promise<void> {
  const session = createSession('127.0.0.1', community, { port, version: Version2c });
  try {
    for (const oid of [COLUMNS.ifHCInOctets, COLUMNS.ifHCOutOctets]) {
      let cells = 0;
      await new Promise<void>((resolve, reject) => {
        const feed = (varbinds: readonly unknown[]): void => {
          cells += varbinds.length;
        };
        session.subtree(oid, MAX_REPETITIONS, feed, (error) => (error ? reject(error) : resolve()));
      });
      expectSame('cells', interfaces, cells);
    }
  } finally {
    session.close();
  }
}
