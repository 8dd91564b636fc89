/** What a simulated RouterOS answers to REST: lists with fields and filters, one record, and errors in its own words. Pure. */
import { brokenBody } from './fault-fields.ts';
import type { GarbageShape } from './routeros-faults.ts';
import { idOf, type LivePort, rowOf } from './routeros-ports.ts';
import type { SimulatedResponse } from './simulator.ts';

type Row = Readonly<Record<string, unknown>>;

export function answered(value: unknown): SimulatedResponse {
  return { status: 200, body: JSON.stringify(value) };
}

/** `error` is a number although everything else is a string. */
export function refused(status: number, message: string, detail?: string): SimulatedResponse {
  return { status, body: JSON.stringify({ ...(detail === undefined ? {} : { detail }), error: status, message }) };
}

/** Equality filters are ANDed; `.proplist` names the fields. */
export function listed(rows: readonly Row[], query: URLSearchParams): SimulatedResponse {
  const filters = [...query].filter(([name]) => name !== '.proplist');
  const fields = query.get('.proplist')?.split(',');
  return answered(
    rows
      .filter((row) => filters.every(([name, value]) => row[name] === value))
      .map((row) => (fields === undefined ? row : onlyFields(row, fields))),
  );
}

function onlyFields(row: Row, fields: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name)));
}

/** Configuration only: a VLAN has its counters in `/interface`. */
export function vlanRows(ports: readonly LivePort[]): Row[] {
  return ports
    .filter(({ port }) => port.type === 'vlan')
    .map((live) => {
      const { '.id': id, name, mtu, running, disabled } = rowOf(live);
      const { vlanId, parent } = live.port;
      return { '.id': id, name, 'vlan-id': String(vlanId), interface: parent, mtu, running, disabled };
    });
}

export function resourceOf(uptimeMs: number): Row {
  return {
    'architecture-name': 'arm64',
    'board-name': 'Simulated',
    'cpu-load': '7',
    platform: 'MikroTik',
    uptime: uptimeText(uptimeMs),
    version: '7.16.1 (stable)',
  };
}

/** Whole seconds, without the parts that are zero. */
export function uptimeText(uptimeMs: number): string {
  let left = Math.floor(uptimeMs / 1000);
  const parts = [
    ['w', 604_800],
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const;
  const text = parts.map(([unit, seconds]) => {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return text.join('') || '0s';
}

/** `/interface/ethernet/monitor`: takes ids or names in `numbers`, and without `once` would not end. */
export function monitored(ports: readonly LivePort[], body: string): SimulatedResponse {
  const asked = parsedObject(body);
  if (asked === undefined) return refused(400, 'Bad Request', 'invalid JSON');
  if ('interface' in asked) return refused(400, 'Bad Request', 'unknown parameter interface');
  if (!('once' in asked) && !('duration' in asked)) return refused(400, 'Bad Request', 'Session closed');
  const names = String(asked.numbers ?? '').split(',');
  const found = names.map((name) =>
    ports.find((p) => isEthernet(p) && (idOf(p.index) === name || p.port.name === name)),
  );
  if (found.some((live) => live === undefined)) return refused(400, 'Bad Request', 'no such item');
  return answered(found.flatMap((live) => (live === undefined ? [] : [monitorRow(live)])));
}

function isEthernet({ port }: LivePort): boolean {
  return port.type === 'ether';
}

function monitorRow({ port, isDown, isDisabled }: LivePort): Row {
  if (isDown || isDisabled) return { name: port.name, status: 'no-link' };
  const rate = port.rate === undefined ? {} : { rate: port.rate };
  return { name: port.name, status: 'link-ok', 'auto-negotiation': 'done', ...rate, 'full-duplex': 'true' };
}

/** Undefined for what is no JSON object. */
export function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export const LOGIN_PAGE: SimulatedResponse = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><html><head><title>RouterOS</title></head><body>WebFig Login:</body></html>',
};

/** A 200 that is none; `answer` is what would have been right. */
export function garbageBody(shape: GarbageShape, answer: string): string {
  switch (shape) {
    case 'object':
      return JSON.stringify({ ret: answer.length });
    case 'error-in-200':
      return JSON.stringify({ error: 400, message: 'Bad Request', detail: 'failure: busy' });
    default:
      return brokenBody(shape, answer);
  }
}
